"""Entry points of what readers, drivers and scanners send."""

from __future__ import annotations

from functools import cache

from hardware.readers.sscard.base_fields import BaseReading, MalformedReading, parse_base
from hardware.readers.sscard.file_address import FileItems, parse_values
from hardware.readers.sscard.hsm_question import card_question
from hardware.readers.sscard.social_card import social_card
from hardware.readers.sscard.wire import (
    Loaded,
    NotOfTheWire,
    Out,
    Returned,
    answer_line,
    call_request,
    parse_answer,
    parse_request,
)
from hardware.resident_id.frame import FrameFault, SdtAnswer, encode_answer, take_answer
from hardware.resident_id.text_block import IdKind, MalformedText, ResidentId, decode_address, decode_text_block
from hardware.scanners.scan_router import ScanRouter
from hardware.scanners.scanned_code import LEAST, MOST, ScanFault, ScannedCode, ScanSource
from hardware.virtual.sdt_reader import VirtualSdtReader, text_block
from tests.fuzz.target import Target
from tests.unit.hardware.readers.sscard.samples import NATIONAL, STEP1, UNAUTHENTICATED
from tests.unit.hardware.resident_id.people import PEOPLE

_TEXT_BLOCK, _ADDRESS = 256, 70


def _sdt_frame(raw: bytes) -> None:
    """Frames of a reader as long as there are any, the same bytes as a command, and as what a card holds."""
    rest = raw
    while (taken := take_answer(rest)) is not None:
        assert len(taken.rest) < len(rest)
        assert isinstance(taken.answer, SdtAnswer | FrameFault)
        rest = taken.rest
    VirtualSdtReader().feed(raw)
    block = raw[:_TEXT_BLOCK].ljust(_TEXT_BLOCK, b" ")
    assert isinstance(decode_text_block(block), ResidentId | MalformedText)
    decode_address(raw[:_ADDRESS])


def _driver_string(raw: bytes) -> None:
    """pOutInfo as base data, files and a step for the HSM, and the same bytes as a line of its host."""
    text = raw.decode("gb18030", "replace")
    reading = parse_base(text)
    assert isinstance(reading, BaseReading | MalformedReading)
    if isinstance(reading, BaseReading):
        social_card(reading)
    parse_values(text, (FileItems("SSSEEF05", ("06",)), FileItems("SSSEEF08")))
    card_question(text)
    for parse in (parse_answer, parse_request):
        try:
            parse(raw)
        except NotOfTheWire:
            continue


class _Desk:
    """One router for all inputs, as a counter has one, and what it handed over."""

    def __init__(self) -> None:
        self.heard: list[ScannedCode | ScanFault] = []
        self.router = ScanRouter(self.heard.append, clock=lambda: 0.0)


_desk = cache(_Desk)


def _qr_payload(raw: bytes) -> None:
    """A code's bytes, and the text that a decoder may make of them: one of both, the same in sight again."""
    router, heard = _desk().router, _desk().heard
    heard.clear()
    router.forget()
    router.payload(raw, ScanSource.SERIAL)
    router.text(raw.decode("utf-8", "surrogateescape"), ScanSource.CAMERA)
    assert heard[0].source is ScanSource.SERIAL
    for found in heard:
        if isinstance(found, ScannedCode):
            assert LEAST <= len(found.text) <= MOST
            assert found.text.isprintable()


SDT_FRAME = Target(
    _sdt_frame,
    (
        encode_answer(SdtAnswer(b"\x00\x00\x90", b"\x01\x00\x04\x00" + bytes(40))),
        encode_answer(SdtAnswer(b"\x00\x00\x9f", bytes(4))) * 2,
        *(text_block(kind, PEOPLE[kind]) for kind in IdKind),
    ),
)
DRIVER_STRING = Target(
    _driver_string,
    (
        *(text.encode("gb18030") for text in (NATIONAL, UNAUTHENTICATED, STEP1, "a|$b|$")),
        answer_line(Returned(-2, ("张三|", b"\xff"))),
        answer_line(Loaded("sscard")),
        call_request("sscard", "iReadCard", (1, "a|", Out.TEXT)),
    ),
)
QR_PAYLOAD = Target(
    _qr_payload,
    (
        b"X01D8B3F0E5C96A7423FF0",
        "社保电子凭证0123456789".encode(),
        "社保电子凭证0123456789".encode("gb18030"),
        b"https://example.invalid/ecard?code=0123456789ABCDEF&ts=1",
        b"0" * MOST,
        b"\x81" * (4 * LEAST),
    ),
    most_bytes=MOST + 100,
)
