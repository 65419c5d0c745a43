"""The 32-bit host, built by mingw and run under Wine with a 32-bit library; skipped, with the reason, without them."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.readers.box import BoxFault, BoxFaultKind, BoxLost, ReaderBox
from hardware.readers.sscard.card_driver import CardDriver
from hardware.readers.sscard.driver_host import DriverHost, DriverLibrary, NoFunction
from hardware.readers.sscard.functions import HSM_SET, PSAM_SET, Interface
from hardware.readers.sscard.wire import Convention, Out, Returned
from tests.contract.hardware.sscard.maker import BASE, CROSS, Maker, compiled, compiled32, put
from tests.contract.hardware.sscard.test_driver_host import BASE_CALL, VALUES, base
from tests.contract.hardware.sscard.test_reading import BY_HSM, HSM

START_S = 60.0
"""Wine makes itself at home in a new prefix first."""


def missing() -> str | None:
    if shutil.which(CROSS) is None:
        return f"{CROSS} is not installed (Debian: gcc-mingw-w64-i686)"
    return None if shutil.which("wine") else "wine is not installed (Debian: wine32:i386)"


@pytest.fixture(scope="module")
def host32(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Path, Path]]:
    """Host and libraries; skipped where a 32-bit program does not run."""
    reason = missing()
    if reason:
        pytest.skip(f"no 32-bit host: {reason}")
    with tempfile.TemporaryDirectory(prefix="host32-") as folder:
        made = compiled32(Path(folder))
        asked = b'{"call": "f", "library": "none", "arguments": []}\n'
        try:
            tried = subprocess.run(["wine", str(made[0])], input=asked, capture_output=True, timeout=90, check=False)
        except subprocess.TimeoutExpired:
            pytest.skip("no 32-bit host: wine did not answer in 90 s")
        if b'"fault": "request"' not in tried.stdout:
            pytest.skip(f"no 32-bit host: wine runs no 32-bit program: {tried.stderr[-200:]!r}")
        yield made


@pytest.fixture(params=[Convention.STDCALL, Convention.CDECL])
def maker32(host32, request, tmp_path) -> Maker:
    _, stdcall, cdecl = host32
    return put(stdcall if request.param is Convention.STDCALL else cdecl, tmp_path, request.param)


@pytest.fixture
def stdcall32(host32, tmp_path) -> Maker:
    return put(host32[1], tmp_path)


@pytest.fixture
def box32(host32) -> Iterator[Callable[[Maker], ReaderBox[DriverHost]]]:
    boxes: list[ReaderBox[DriverHost]] = []

    def build(maker: Maker) -> ReaderBox[DriverHost]:
        command = ("wine", str(host32[0]))
        box: ReaderBox[DriverHost] = ReaderBox(lambda: DriverHost([maker.driver], command, START_S))
        boxes.append(box)
        box.start()
        return box

    yield build
    for box in boxes:
        box.stop()


def test_every_function_is_called_in_either_convention(maker32, box32):
    box = box32(maker32)
    functions = [*PSAM_SET, *(step for group in HSM_SET for step in group.steps)]
    maker32.set(settings={function.name: "答案|" for function in functions})
    assert box.use(lambda host: {CardDriver(host).run(each, VALUES) for each in functions}).result(90) == {"答案|"}
    noted = [line.partition("(")[0] for line in maker32.calls()]
    assert noted == [function.name for function in functions]
    assert "iWriteCard_HSM_Step2(AA|BB|,姓名𠮷|$)" in maker32.calls()


def test_text_comes_as_utf_8_whatever_stands_in_it(stdcall32, box32):
    text = '引号"反斜\\杠|𠮷|\x01|'
    stdcall32.set(settings={"iReadCardBas": text})
    assert box32(stdcall32).use(base).result(90) == Returned(0, (text,))


def test_ill_behaved_libraries_end_as_they_do_in_64_bit(stdcall32, box32):
    box = box32(stdcall32)
    for mode, ended in {
        "crash": BoxFault(BoxFaultKind.DIED, "C0000005"),
        "exit": BoxFault(BoxFaultKind.DIED, "iReadCardBas"),
        "unterminated": BoxFault(BoxFaultKind.OVERRUN, "no end"),
        "overrun": BoxFault(BoxFaultKind.OVERRUN, "buffer"),
        "garbage": Returned(0, (b"\xff\x81\x20\xfe|\xff|",)),
        "greedy": Returned(0, ("x" * 60 * 1024,)),
        "noisy": Returned(0, (BASE,)),
    }.items():
        stdcall32.set(mode)
        assert box.use(base).result(90) == ended, mode
    stdcall32.set("hang")
    hung = box.use(lambda host: host.call(*BASE_CALL[:3], 0.5)).result(90)
    assert hung == BoxFault(BoxFaultKind.HUNG, "iReadCardBas")
    stdcall32.set()
    assert box.use(base).result(90) == Returned(0, (BASE,))
    assert box.use(lambda host: host.call("sscard", "iNothing", (Out.TEXT,), 20)).result(90) == NoFunction("iNothing")


def test_a_library_of_64_bit_is_told_apart(host32, built, tmp_path):
    with pytest.raises(BoxLost) as lost:
        DriverHost([DriverLibrary("sscard", compiled(built))], ("wine", str(host32[0])), START_S)
    assert lost.value.fault.kind in (BoxFaultKind.WRONG_BITS, BoxFaultKind.NO_LIBRARY)
    with pytest.raises(BoxLost) as lost:
        DriverHost([DriverLibrary("sscard", tmp_path / "nothing.dll")], ("wine", str(host32[0])), START_S)
    assert lost.value.fault == BoxFault(BoxFaultKind.NO_LIBRARY, "LoadLibrary 126")


def test_a_third_generation_card_is_opened_by_the_hsm(stdcall32, box32):
    stdcall32.set(settings=BY_HSM)
    work = lambda host: CardDriver(host).read_base(Interface.CONTACT, HSM)  # noqa: E731
    assert box32(stdcall32).use(work).result(90).name == "张三"


def test_counted_buffers(stdcall32, box32):
    stdcall32.set(settings={"GetPeopleName": "测试员甲"})
    answer = box32(stdcall32).use(lambda host: host.call("sscard", "GetPeopleName", (Out.COUNTED,), 20)).result(90)
    assert answer == Returned(1, ("测试员甲".encode("gb18030"),))


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"no json",
        b'{"call": "f"',
        b'{"call": "f", "library": "\\u00zz", "arguments": []}',
        b'{"call": "f", "call": "g", "library": "l", "arguments": []}',
        b'{"other": "f"}',
        b'{"load": "a", "path": "\xff", "convention": "stdcall"}',
        b'{"call": "f", "library": "l", "arguments": [' + b'"int 1", ' * 9 + b'"out"]}',
        b'{"load": "' + b"\\" * 5000,
    ],
)
def test_a_line_that_is_no_request_ends_the_host(host32, line):
    done = subprocess.run(["wine", str(host32[0])], input=line + b"\n", capture_output=True, timeout=90, check=False)
    assert done.stdout.startswith(b'{"fault": "request", ')
    assert done.stdout.count(b"\n") == 1
