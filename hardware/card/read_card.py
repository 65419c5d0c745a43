"""From a powered card to a SocialCard with the fewest commands: SELECT, EF05, 卡认证, EF06."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hardware.card import apdu
from hardware.card.atr import historical_bytes
from hardware.card.authentication import Authentication as Done
from hardware.card.authentication import Authenticator, CardFacts, authenticate
from hardware.card.decode import Undecodable, decode_date, decode_digits, decode_hex, decode_text, join_name
from hardware.card.elements import (
    EF05,
    EF06,
    PROTECTED,
    SSSE_NAME,
    ElementName,
    Generation,
    generation_of,
)
from hardware.card.identity_elements import Element, elements_of, identity_element
from hardware.card.region_rules import load_region_rules
from hardware.card.social_card import SocialCard
from hardware.card.status_word import StatusWord
from hardware.card.tlv import Malformed, find, parse_record
from hardware.ports import CardChannel, CardFault, CardFaultKind, CardGone

_FCI_NAME = (0x6F, 0x84)
_FCI_ALGORITHM = (0x6F, 0xA5, 0x9F0C, 0x86)
_RECOGNIZED = (ElementName.VERSION, ElementName.CARD_ID)
"""What was read before the rest of EF05."""
_NOT_NEEDED = frozenset(
    {
        *(ElementName.NAME_EXTENSION, ElementName.SEX, ElementName.NATION),
        *(ElementName.BIRTHPLACE, ElementName.BIRTH_DATE),
    }
)
"""Somebody is identified without these; one that cannot be read spoils nothing else."""
_MOST_RECORDS = 16
"""More than EF05 or EF06 of any generation has."""


def select_ssse(channel: CardChannel) -> apdu.Response:
    """Select the social security application; raises CardGone."""
    return apdu.exchange(channel, apdu.select_by_name(SSSE_NAME))


def is_social(answer: apdu.Response) -> bool:
    """Tell by the answer to SELECT whether the card is ours; the ATR never tells (card.md 3).

    A card may take a name in part and select another application; its FCI says which, where it names one.
    """
    if not answer.ok:
        return False
    selected = find(answer.data, *_FCI_NAME)
    return not isinstance(selected, bytes) or selected == SSSE_NAME


def recognize(channel: CardChannel) -> CardFacts | CardFault:
    """Select the application and read version and 识别码, which everything else depends on; raises CardGone."""
    return _recognize(channel, _Reading())


def identity_apdus(generation: Generation) -> tuple[bytes, ...]:
    """Return the least commands that read an identity, 卡认证 aside; GET RESPONSE is added where the card asks."""
    files = (EF05,) if generation is Generation.THIRD else (EF05, EF06)
    reads = [_read(element, generation) for sfi in files for element in elements_of(generation, sfi)]
    return (apdu.select_by_name(SSSE_NAME), *reads)


def read_card(channel: CardChannel, authenticator: Authenticator | None) -> SocialCard | CardFault:
    """Read a card in the transaction at hand.

    Without an authenticator, or when it is away, the card is not authenticated and EF06 of a 3.0 card stays
    locked. A record tells by its tag what it is, so that cards without 姓名扩展, or whose version does not fit their
    records, are read all the same (card.md 4.5). A malformed record that an identity needs ends the read; any other
    that is refused or malformed, and text that does not decode, is only left out.
    """
    try:
        return _read_card(channel, authenticator)
    except CardGone as gone:
        return gone.fault


@dataclass
class _Reading:
    """What was read so far: raw values of the records, and names of what does not decode."""

    raw: dict[ElementName, bytes] = field(default_factory=dict)
    undecodable: list[str] = field(default_factory=list)

    def text(self, name: ElementName) -> str | None:
        return self._kept(name, decode_text(self.raw.get(name, b"")))

    def digits(self, name: ElementName) -> str | None:
        return self._kept(name, decode_digits(self.raw.get(name, b"")))

    def day(self, name: ElementName) -> date | None:
        value = decode_date(self.raw.get(name, b""))
        if isinstance(value, Undecodable):
            self.undecodable.append(name)
            return None
        return value

    def name(self) -> str | None:
        joined = join_name(self.raw.get(ElementName.NAME, b""), self.raw.get(ElementName.NAME_EXTENSION, b""))
        return self._kept(ElementName.NAME, decode_text(joined))

    def _kept(self, name: ElementName, value: str | Undecodable | None) -> str | None:
        if isinstance(value, Undecodable):
            self.undecodable.append(name)
            return None
        return value


def _recognize(channel: CardChannel, reading: _Reading) -> CardFacts | CardFault:
    selected = select_ssse(channel)
    if not is_social(selected):
        return CardFault(CardFaultKind.FOREIGN, f"{selected.status:04X}")
    algorithm = find(selected.data, *_FCI_ALGORITHM)
    version_fault = _take(channel, identity_element(ElementName.VERSION), Generation.SECOND, reading)
    if version_fault is not None:
        return version_fault
    version = decode_text(reading.raw.get(ElementName.VERSION, b""))
    generation = generation_of(version if isinstance(version, str) else "")
    if generation is None or isinstance(algorithm, Malformed):
        return CardFault(CardFaultKind.MALFORMED, "version" if generation is None else "FCI")
    id_element = identity_element(ElementName.CARD_ID)
    id_fault = _take(channel, id_element, generation, reading)
    if id_fault is not None:
        return id_fault
    card_id = decode_hex(reading.raw.get(ElementName.CARD_ID, b""))
    if card_id is None or len(card_id) != 2 * id_element.length:
        return CardFault(CardFaultKind.MALFORMED, "card_id")
    region = card_id[:6]
    named = algorithm.hex().upper() if algorithm else load_region_rules().of(region).algorithm
    return CardFacts(region, historical_bytes(channel.atr), named, card_id, generation)


def _read_card(channel: CardChannel, authenticator: Authenticator | None) -> SocialCard | CardFault:
    reading = _Reading()
    facts = _recognize(channel, reading)
    if isinstance(facts, CardFault):
        return facts
    generation = facts.generation
    rest = tuple(element for element in elements_of(generation, EF05) if element.name not in _RECOGNIZED)
    issuing = _take_all(channel, rest, generation, reading)
    if isinstance(issuing, CardFault):
        return issuing
    proved = Done.NOT_ASKED if authenticator is None else authenticate(channel, authenticator, facts)
    if isinstance(proved, CardFault):
        return proved
    locked = _read_personal(channel, generation, proved is Done.DONE, reading)
    if isinstance(locked, CardFault):
        return locked
    return _social_card(reading.text(ElementName.VERSION) or "", facts, reading, locked, proved is Done.DONE)


def _social_card(
    version: str, facts: CardFacts, reading: _Reading, locked: tuple[str, ...], authenticated: bool
) -> SocialCard:
    return SocialCard(
        version=version,
        region=facts.region,
        card_id=facts.card_id,
        card_number=reading.text(ElementName.CARD_NUMBER),
        issued=reading.day(ElementName.ISSUED),
        expires=reading.day(ElementName.EXPIRES),
        citizen_number=reading.text(ElementName.CITIZEN_NUMBER),
        name=reading.name(),
        sex=reading.text(ElementName.SEX),
        nation=reading.digits(ElementName.NATION),
        birthplace=reading.digits(ElementName.BIRTHPLACE),
        birth_date=reading.day(ElementName.BIRTH_DATE),
        algorithm=facts.algorithm,
        history=facts.history.hex().upper(),
        locked=locked,
        undecodable=tuple(reading.undecodable),
        authenticated=authenticated,
    )


def _read_personal(
    channel: CardChannel, generation: Generation, authenticated: bool, reading: _Reading
) -> tuple[str, ...] | CardFault:
    """Read EF06; return the names that stay locked."""
    if generation is Generation.THIRD and not authenticated:
        return PROTECTED
    locked = _take_all(channel, elements_of(generation, EF06), generation, reading)
    return PROTECTED if locked == _LOCKED else locked


_NO_FILE = f"{StatusWord.FILE_NOT_FOUND:04X}"
_LOCKED = CardFault(CardFaultKind.REFUSED, f"{StatusWord.SECURITY_NOT_SATISFIED:04X}")


def _take_all(
    channel: CardChannel, elements: tuple[Element, ...], generation: Generation, reading: _Reading
) -> tuple[str, ...] | CardFault:
    """Read a file's records by number and keep each under the element whose tag it has; return what stays locked."""
    by_tag = {element.tag: element for element in elements}
    locked: list[str] = []
    misplaced = False
    for element in elements:
        answer = apdu.exchange(channel, _read(element, generation))
        fault = _keep(answer, element, by_tag, reading)
        misplaced = misplaced or (fault is None and answer.ok and element.name not in reading.raw)
        if fault is None:
            continue
        if element.name not in _NOT_NEEDED:
            return fault
        if element.name is ElementName.NAME_EXTENSION and fault.detail != _NO_FILE:
            # The card has more of the name than it gives: a name cut off is nobody's.
            reading.raw.pop(ElementName.NAME, None)
            reading.undecodable.append(ElementName.NAME)
        elif fault == _LOCKED:
            locked.append(element.name)
        elif fault.kind is CardFaultKind.MALFORMED:
            reading.undecodable.append(element.name)
    if misplaced:
        _take_rest(channel, elements, generation, by_tag, reading)
    return tuple(name for name in locked if name not in reading.raw)


def _take_rest(
    channel: CardChannel,
    elements: tuple[Element, ...],
    generation: Generation,
    by_tag: Mapping[int, Element],
    reading: _Reading,
) -> None:
    """Go on behind the last number while something is missing: records that were passed over push others back."""
    number = max(element.records[generation] for element in elements)
    while number < _MOST_RECORDS and any(element.name not in reading.raw for element in elements):
        number += 1
        answer = apdu.exchange(channel, apdu.read_record(elements[0].sfi, number, 0))
        if not answer.ok or _keep(answer, elements[0], by_tag, reading) is not None:
            return


def _take(channel: CardChannel, element: Element, generation: Generation, reading: _Reading) -> CardFault | None:
    """Read one record into `reading`; a record that is not there is left out."""
    return _keep(apdu.exchange(channel, _read(element, generation)), element, {element.tag: element}, reading)


def _keep(
    answer: apdu.Response, element: Element, by_tag: Mapping[int, Element], reading: _Reading
) -> CardFault | None:
    """Keep a record under the element that its tag names; a fault names the element that was asked for."""
    if answer.status == StatusWord.RECORD_NOT_FOUND:
        return None
    if not answer.ok:
        return CardFault(CardFaultKind.REFUSED, f"{answer.status:04X}")
    record = parse_record(answer.data)
    if isinstance(record, Malformed) or record.tag not in by_tag:
        return CardFault(CardFaultKind.MALFORMED, f"EF{element.sfi:02X} tag {element.tag:02X}")
    reading.raw.setdefault(by_tag[record.tag].name, record.value)
    return None


def _read(element: Element, generation: Generation) -> bytes:
    return apdu.read_record(element.sfi, element.records[generation], element.length + 2)
