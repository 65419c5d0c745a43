"""HID point-of-sale scanners: descriptors and reports as makers publish them, and a scanner that comes and goes."""

from __future__ import annotations

import threading
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.scanners.hid_report import Bits, ScanJoiner, ScanPiece, scan_layout
from hardware.scanners.hid_scanner import HidKind, hid_kind, hid_scanner
from hardware.scanners.line_state import LineState
from tests.unit.hardware.scanners.test_serial_scanner import Heard

# Byte count, three bytes of the symbology, 56 of data, one bit that more comes, seven unused: what most makers send
# (Honeywell's layout); the usages are those of HID Point of Sale Usage Tables 1.02, section 3.
COUNTED = bytes.fromhex(
    "058c 0902 a101 8502 0912 a102 1500 26ff00 7508 9501 0501 093b 8102 9503 058c 09fb 09fc 09fd 8102"
    "9538 09fe 820201 2501 7501 9501 09ff 8102 7507 8103 c0 c0"
)
# The same with the symbology after the data and nothing counted, in reports without a number, after a keyboard.
FILLED = bytes.fromhex(
    "0501 0906 a101 8501 7508 9508 8102 c0"
    "058c 0902 a101 8502 1500 26ff00 7508 9520 09fe 820201 9503 09fb 09fc 09fd 8102 7501 9501 09ff 8102 7507 8103 c0"
)
# A boarding pass in two reports, as the manual of a maker prints them (Access-IS LSR118, appendix B.1): report 2, the
# length, ]Q0, 56 bytes, two bytes unused, and whether more comes.
PRINTED = bytes.fromhex(
    "058c 0902 a101 8502 1500 26ff00 7508 9501 0501 093b 8102 058c 9503 09fb 09fc 09fd 8102 9538 09fe 820201"
    "9502 8103 2501 7501 9501 09ff 8102 7507 8103 c0"
)


def counted(text, goes_on=False):
    return bytes((2, len(text))) + b"]Q1" + text.ljust(56, b"\0") + bytes((goes_on,))


def test_the_layout_is_read_off_the_descriptor():
    layout = scan_layout(COUNTED)
    assert (layout.report, layout.count, layout.data, layout.goes_on) == (
        2,
        Bits(0, 8),
        Bits(32, 56 * 8),
        Bits(60 * 8, 1),
    )


def test_what_is_counted_may_end_in_nul():
    assert scan_layout(COUNTED).piece(counted(b"a\0b\0")) == ScanPiece(b"a\0b\0", False)


def test_without_a_count_the_filling_is_taken_off():
    layout = scan_layout(FILLED)
    assert layout.count is None
    assert layout.piece(b"\x02" + b"code-123".ljust(32, b"\0") + b"]Q1" + b"\x01") == ScanPiece(b"code-123", True)


def test_a_long_code_of_two_reports_is_joined_as_the_makers_manual_prints_it():
    layout, joiner = scan_layout(PRINTED), ScanJoiner()
    text = b"M1GATHERGOOD/MICHAEL  YABCDEF LHRDURAK 3542 052Y003D23  s  XYZ\x0d"
    first, second = text[:56], text[56:]
    reports = [
        b"\x02\x38]Q0" + first + b"\0\0\x01",
        bytes((2, len(second))) + b"]Q0" + second.ljust(56, b"\0") + b"\0\0\0",
    ]
    assert [len(report) for report in reports] == [64, 64]
    assert joiner.add(layout.piece(reports[0])) is None
    assert joiner.add(layout.piece(reports[1])) == text.rstrip(b"\r")


def test_other_reports_and_reports_cut_short_are_nothing():
    layout = scan_layout(COUNTED)
    assert layout.piece(b"") is None
    assert layout.piece(b"\x01" + counted(b"12345678")[1:]) is None
    assert layout.piece(counted(b"12345678")[:-2]) is None


def test_a_code_without_end_is_cut():
    joiner, layout = ScanJoiner(), scan_layout(COUNTED)
    for _ in range(1000):
        assert joiner.add(layout.piece(counted(b"x" * 56, goes_on=True))) is None
    assert len(joiner.add(layout.piece(counted(b"x")))) == 4 * 512 + 1


@pytest.mark.parametrize(
    "descriptor",
    [b"", COUNTED[:30], bytes.fromhex("0501 0906 a101 7508 9508 09fe 8102 c0"), b"\xfe", b"\xfe\xff\x00"],
)
def test_what_is_no_scanner_has_no_layout(descriptor):
    assert scan_layout(descriptor) is None


@given(st.binary(max_size=200), st.binary(max_size=80))
def test_any_descriptor_and_report_is_read_or_refused(descriptor, report):
    layout = scan_layout(COUNTED[:20] + descriptor)
    if layout is not None:
        layout.piece(report)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("hid", HidKind()),
        ("hid:0c2e:0B6A", HidKind(0x0C2E, 0x0B6A)),
        ("hid:0c2e", None),
        ("hid:c2e:b6a", None),
        ("hid:0c2e:0x6a", None),
        ("COM3", None),
        ("hidden", None),
    ],
)
def test_a_scanner_is_named_by_its_numbers_or_not_at_all(name, kind):
    assert hid_kind(name) == kind


class Plug:
    """A scanner that a test plugs in and pulls out; reports are handed to whoever has it open."""

    def __init__(self, descriptor):
        self.layout = scan_layout(descriptor)
        self._news = threading.Condition()
        self._reports, self._in, self.open = [], False, 0

    def put_in(self, is_in=True):
        with self._news:
            self._in, self._reports = is_in, []
            self._news.notify_all()

    def send(self, *reports):
        with self._news:
            self._reports += reports
            self._news.notify_all()

    @contextmanager
    def opened(self):
        if not self._in:
            raise OSError("away")
        self.open += 1
        try:
            yield self
        finally:
            self.open -= 1

    def read(self, seconds):
        with self._news:
            self._news.wait_for(lambda: self._reports or not self._in, seconds)
            if not self._in:
                raise OSError("pulled out")
            return self._reports.pop(0) if self._reports else b""


def test_codes_come_whole_and_a_scanner_pulled_out_comes_back():
    plug, heard = Plug(COUNTED), Heard()
    scanner = hid_scanner(plug.opened, heard.code, heard.state)
    scanner.start()
    heard.wait(lambda: heard.states == [LineState.AWAY])
    plug.put_in()
    heard.wait(lambda: heard.states[-1] is LineState.READY)
    plug.send(counted(b"first-", goes_on=True), counted(b"code"), counted(b"second-code"))
    heard.wait(lambda: len(heard.codes) == 2)
    # What was half sent when it was pulled out is gone; it must not begin the next code.
    plug.send(counted(b"half", goes_on=True))
    plug.put_in(False)
    heard.wait(lambda: heard.states[-1] is LineState.AWAY)
    plug.put_in()
    heard.wait(lambda: heard.states[-1] is LineState.READY)
    plug.send(counted(b"third-code"))
    heard.wait(lambda: len(heard.codes) == 3)
    scanner.stop()
    assert heard.codes == [b"first-code", b"second-code", b"third-code"]
    assert plug.open == 0
    assert heard.states == [LineState.AWAY, LineState.READY, LineState.AWAY, LineState.READY]


def test_this_machines_scanners_are_asked_for_by_the_library():
    from hardware.scanners.hidapi_scanner import open_scanner

    with pytest.raises(OSError, match="no HID scanner"), open_scanner(HidKind(0xFFFF, 0xFFFF)):
        pass
