"""Entry points of the fuzzers: all that takes bytes from a card, a reader, a driver or a scanner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from hardware.card.apdu import exchange, read_record
from hardware.card.atr import historical_bytes
from hardware.card.authentication import CardFacts
from hardware.card.element_value import decode_cyclic, decode_element, decode_file
from hardware.card.elements import Generation
from hardware.card.file_map import CardFile, DataElement, Structure
from hardware.card.file_map_table import load_file_map
from hardware.card.read_card import read_card, recognize
from hardware.card.read_file import read_file
from hardware.card.social_card import SocialCard
from hardware.card.tlv import Malformed, find, parse_ber, parse_record, parse_records
from hardware.ports import CardFault, CardGone
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profiles import load_profile
from tests.fuzz.reader_targets import DRIVER_STRING, QR_PAYLOAD, SDT_FRAME
from tests.fuzz.target import Target

_MOST_ANSWER = 0x3F
_NO_MORE = b"\x6f\x00"


@dataclass
class _Told:
    """A card that answers as the input says, empty answers as the sound card did, and then no more."""

    answers: list[bytes]
    sound: Mapping[bytes, bytes]
    atr: bytes = bytes.fromhex("3B6D000000814E43238697350100AABBCCDD")
    at: int = field(default=0)

    def transmit(self, apdu: bytes) -> tuple[bytes, int]:
        answer = self.answers[self.at] if self.at < len(self.answers) else _NO_MORE
        self.at += 1
        answer = answer or self.sound.get(apdu, _NO_MORE)
        return answer[:-2], int.from_bytes(answer[-2:])


def _tlv(raw: bytes) -> None:
    parse_record(raw)
    parse_records(raw)
    parse_ber(raw)


def _fci(raw: bytes) -> None:
    algorithm = find(raw, 0x6F, 0xA5, 0x9F0C, 0x86)
    assert algorithm is None or isinstance(algorithm, bytes | Malformed)


def _atr(raw: bytes) -> None:
    assert len(historical_bytes(raw)) <= 15


def _element(raw: bytes) -> None:
    """Two bytes choose the element and the generation, the rest is its value."""
    if len(raw) < 2:
        return
    generation = tuple(Generation)[raw[1] % len(Generation)]
    places = _places()
    file, element = places[(raw[0] | raw[1] << 8) % len(places)]
    if element is None:
        decode_cyclic(file, raw[2:])
        return
    decode_element(element, raw[2:], generation)
    decode_file(file, {(element.tag, 1): raw[2:]}, generation)


def _response(raw: bytes) -> None:
    """The first byte chooses what is asked; then come the answers: 0 for the sound one, or a length and its bytes.

    A whole session is one choice of eight: it is made of the layers that the others ask for alone.
    """
    generation = tuple(Generation)[raw[0] % len(Generation)] if raw else Generation.SECOND
    channel = _Told(_answers(raw[1:]), _sound_card())
    match raw[0] >> 5 if raw else 0:
        case 0:
            assert isinstance(read_card(channel, None), SocialCard | CardFault)
        case 1 | 2:
            _recognized(channel)
        case 3 | 4:
            _whole(channel, _files()[(raw[0] - 0x60) % len(_files())], generation)
        case _:
            _single(channel)


def _recognized(channel: _Told) -> None:
    try:
        assert isinstance(recognize(channel), CardFacts | CardFault)
    except CardGone:
        return


def _whole(channel: _Told, file: CardFile, generation: Generation) -> None:
    try:
        read_file(channel, file, generation)
    except CardGone:
        return


def _single(channel: _Told) -> None:
    try:
        exchange(channel, read_record(5, 1, 18))
    except CardGone:
        return


def _answers(raw: bytes) -> list[bytes]:
    answers, at = [], 0
    while at < len(raw):
        length = raw[at] & _MOST_ANSWER
        answers.append(raw[at + 1 : at + 1 + length])
        at += 1 + length
    return answers


@cache
def _files() -> tuple[CardFile, ...]:
    return load_file_map().files


@cache
def _places() -> tuple[tuple[CardFile, DataElement | None], ...]:
    elements = [(file, element) for file in _files() for element in file.elements]
    return (*elements, *((file, None) for file in _files() if file.structure is Structure.CYCLIC))


@cache
def _sound_card() -> Mapping[bytes, bytes]:
    """Record what a 2.0 card answers to a whole read."""
    card, heard = VirtualCard(load_profile("gen2")), {}

    class Heard:
        atr = card.atr

        def transmit(self, apdu: bytes) -> tuple[bytes, int]:
            heard[apdu] = card.transmit(apdu)
            return heard[apdu][:-2], int.from_bytes(heard[apdu][-2:])

    assert isinstance(read_card(Heard(), None), SocialCard)
    return heard


def _hex(*texts: str) -> tuple[bytes, ...]:
    return tuple(map(bytes.fromhex, texts))


_FCI = _hex(
    "6F1C840F7378312E73682EC9E7BBE1B1A3D5CFA50988011E9F0C03860103",
    "6F11840F7378312E73682EC9E7BBE1B1A3D5CF",
    "6F8113840F7378312E73682EC9E7BBE1B1A3D5CFA500",
)

TARGETS: Mapping[str, Target] = {
    "tlv": Target(
        _tlv, (*_FCI, *_hex("0304322E3030", "57033230315803350100" + "5928" + "41" * 40, "0101AA0000")), most_bytes=150
    ),
    "apdu-response": Target(
        _response,
        _hex(
            "00" + "00" * 15,
            "02" + "00" * 2 + "08" + "0304332E30309000" + "00" * 5,
            "20" + "02611E" + "00" * 3,
            "40" + "00" * 2 + "026C12" + "14" + "0110" + "35" * 16 + "9000",
            "60" + "00" * 9,
            "64" + "03290131" + "029000",
            "C0" + "026102" + "04AABB6101" + "03CC9000",
            "E0" + "026C12" + "0230319000",
        ),
        most_bytes=64,
    ),
    "fci": Target(_fci, _FCI, most_bytes=150),
    "atr": Target(_atr, _hex("3B6D000000814E43238697159900BF7C7A", "3BF211111181312045AABBFF", "3B00")),
    "element": Target(
        _element,
        _hex("0000" + "639900D15600000500BF7C7A48FB4966", "0801" + "B2E2CAD4D4B1BCD7" + "00" * 22, "1F00" + "EE" * 9),
    ),
    "sdt-frame": SDT_FRAME,
    "driver-string": DRIVER_STRING,
    "qr-payload": QR_PAYLOAD,
}
