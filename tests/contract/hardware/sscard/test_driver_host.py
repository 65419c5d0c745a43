"""A maker's library in its own process: a real one, compiled from C, that behaves and misbehaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from hardware.readers.box import BoxFault, BoxFaultKind, BoxLost, ReaderBox
from hardware.readers.sscard.card_driver import CardDriver, DriverFacts, DriverRefusal
from hardware.readers.sscard.driver_host import DriverHost, DriverLibrary, NoFunction, own_command
from hardware.readers.sscard.functions import HSM_SET, PSAM_SET, READ_BASE, Interface, Parameter
from hardware.readers.sscard.wire import Out, Returned, call_request, load_request
from tests.contract.hardware.sscard.maker import BASE, Maker, compiled, put

BASE_CALL = ("sscard", "iReadCardBas", (1, Out.TEXT), 20.0)
VALUES = {
    Parameter.INTERFACE: Interface.CONTACT,
    Parameter.READ_RIGHT: 2,
    Parameter.CARD: "识别码|卡号|",
    Parameter.FILES: "SSSEEF06|09|$",
    Parameter.DATA: "姓名𠮷|$",
    Parameter.PAYMENT: "pay|",
    Parameter.KEY: "AA|BB|",
}

WRITTEN = {parameter: str(int(value) if isinstance(value, int) else value) for parameter, value in VALUES.items()}


def base(host: DriverHost) -> Returned | NoFunction:
    return host.call(*BASE_CALL)


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_well_behaved_driver_answers_in_chinese_from_its_own_folder(maker, box):
    answer = box.use(base).result(30)
    assert answer == Returned(0, (BASE,))
    assert maker.calls() == ["iReadCardBas(1)"]


def test_one_process_serves_many_calls_and_ends_with_the_box(box):
    pids = {box.use(lambda host: (base(host), host.pid)[1]).result(30) for _ in range(5)}
    (pid,) = pids
    assert pid != os.getpid()
    assert alive(pid)
    box.stop()
    assert not alive(pid)
    assert box.use(base).result(1) == BoxFault(BoxFaultKind.STOPPED)


def test_every_function_is_called_as_its_prototype_says(maker, box):
    functions = [*PSAM_SET, *(step for group in HSM_SET for step in group.steps)]
    maker.set(settings={function.name: f"{number}|" for number, function in enumerate(functions)})
    told = box.use(lambda host: [CardDriver(host).run(function, VALUES) for function in functions]).result(30)
    assert told == [f"{number}|" for number in range(len(functions))]
    given = [",".join(WRITTEN[parameter] for parameter in function.parameters) for function in functions]
    assert maker.calls() == [f"{function.name}({each})" for function, each in zip(functions, given, strict=True)]


def test_there_are_nine_functions_and_six_groups_of_fourteen_steps():
    assert len({function.name for function in PSAM_SET}) == 9
    assert len({group.name for group in HSM_SET}) == 6
    assert sum(len(group.steps) for group in HSM_SET) == 14


def test_a_function_that_the_library_lacks_leaves_the_process_alone(built, tmp_path):
    maker = put(compiled(built, hsm=False), tmp_path)
    host = DriverHost([maker.driver])
    try:
        step = HSM_SET[0].steps[0]
        assert CardDriver(host).run(step, VALUES) == NoFunction("iReadCardBas_HSM_Step1")
        assert base(host) == Returned(0, (BASE,))
    finally:
        host.close()


def test_a_slow_driver_is_waited_for(maker, box):
    maker.set("slow", {"seconds": "0.5"})
    began = time.monotonic()
    assert box.use(base).result(30) == Returned(0, (BASE,))
    assert time.monotonic() - began >= 0.5


def test_a_driver_that_hangs_is_killed_in_time_and_started_again(maker, box):
    maker.set("hang")
    facts = DriverFacts(wait_s=0.5)
    pid = box.use(lambda host: host.pid).result(30)
    began = time.monotonic()
    fault = box.use(lambda host: CardDriver(host, facts).run(READ_BASE, VALUES)).result(30)
    assert fault == BoxFault(BoxFaultKind.HUNG, "iReadCardBas")
    assert time.monotonic() - began < 5
    assert not alive(pid)
    maker.set()
    assert box.use(lambda host: (base(host), host.pid != pid)).result(30) == (Returned(0, (BASE,)), True)


@pytest.mark.parametrize("mode", ["crash", "exit"])
def test_a_driver_that_takes_its_process_down_is_started_again(maker, box, mode):
    maker.set(mode)
    assert box.use(base).result(30) == BoxFault(BoxFaultKind.DIED, "iReadCardBas")
    maker.set()
    assert box.use(base).result(30) == Returned(0, (BASE,))


def test_a_process_that_somebody_kills_is_started_again(box):
    os.kill(box.use(lambda host: host.pid).result(30), signal.SIGKILL)
    assert box.use(base).result(30) == BoxFault(BoxFaultKind.DIED, "iReadCardBas")
    assert box.use(base).result(30) == Returned(0, (BASE,))


def test_bytes_that_are_no_chinese_come_as_they_are(maker, box):
    maker.set("garbage")
    assert box.use(base).result(30) == Returned(0, (b"\xff\x81\x20\xfe|\xff|",))


def test_what_a_driver_prints_does_not_get_between_the_lines(maker, box, capfd):
    maker.set("noisy")
    assert box.use(base).result(30) == Returned(0, (BASE,))
    assert capfd.readouterr() == ("", "")


def test_a_driver_may_fill_sixty_kilobytes(maker, box):
    maker.set("greedy")
    assert box.use(base).result(30) == Returned(0, ("x" * 60 * 1024,))


@pytest.mark.parametrize("mode", ["unterminated", "overrun"])
def test_a_driver_that_writes_past_its_buffer_is_not_trusted_again(maker, box, mode):
    pid = box.use(lambda host: host.pid).result(30)
    maker.set(mode)
    assert box.use(base).result(30) == BoxFault(BoxFaultKind.OVERRUN, "iReadCardBas")
    assert not alive(pid)
    maker.set()
    assert box.use(base).result(30) == Returned(0, (BASE,))


def test_a_refusal_carries_number_and_words(maker, box):
    maker.set("code", {"number": "-25538", "text": "密码错误，还剩2次"})
    refusal = box.use(lambda host: CardDriver(host).run(READ_BASE, VALUES)).result(30)
    assert refusal == DriverRefusal("iReadCardBas", -25538, "密码错误，还剩2次")
    assert (refusal.status_word, refusal.tries_left) == (0x63C2, 2)
    assert "密码" not in repr(refusal)


def opened(*libraries: DriverLibrary) -> BoxFault:
    with pytest.raises(BoxLost) as lost:
        DriverHost(libraries)
    return lost.value.fault


def test_a_library_that_is_not_there_or_is_none(tmp_path):
    assert opened(DriverLibrary("sscard", tmp_path / "nothing.so")).kind is BoxFaultKind.NO_LIBRARY
    text = tmp_path / "text.so"
    text.write_text("no library")
    assert opened(DriverLibrary("sscard", text)).kind is BoxFaultKind.NO_LIBRARY


def test_a_library_of_32_bit_is_told_apart(built, tmp_path):
    wrong = tmp_path / "libdriver.so"
    whole = bytearray(compiled(built).read_bytes())
    whole[4] = 1
    wrong.write_bytes(whole)
    assert opened(DriverLibrary("sscard", wrong)).kind is BoxFaultKind.WRONG_BITS


def test_a_sister_library_in_its_folder_is_found(tmp_path, built):
    folder = tmp_path / "maker"
    folder.mkdir()
    (folder / "sister.c").write_text("int sister(void) { return 5; }\n")
    (folder / "eldest.c").write_text("int sister(void); int eldest(void) { return sister(); }\n")
    gcc = ["gcc", "-shared", "-fPIC", "-o"]
    subprocess.run([*gcc, str(folder / "libsister.so"), str(folder / "sister.c")], check=True)
    subprocess.run(
        [*gcc, str(folder / "libeldest.so"), str(folder / "eldest.c"), f"-L{folder}", "-lsister"], check=True
    )
    host = DriverHost([DriverLibrary("eldest", folder / "libeldest.so")])
    try:
        assert host.call("eldest", "eldest", (), 20) == Returned(5)
    finally:
        host.close()


def test_a_host_that_cannot_be_started_is_a_fault(maker):
    with pytest.raises(BoxLost) as lost:
        DriverHost([maker.driver], command=["/nowhere/host32.exe"])
    assert lost.value.fault.kind is BoxFaultKind.NO_LIBRARY


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ("import sys; sys.stdin.readline(); print('no json', flush=True); sys.stdin.read()", BoxFaultKind.GARBAGE),
        ("import sys; sys.stdin.readline(); print('{}', flush=True); sys.stdin.read()", BoxFaultKind.GARBAGE),
        ('print(\'{"returned": 1, "out": []}\', flush=True); import sys; sys.stdin.read()', BoxFaultKind.GARBAGE),
        ("import sys; sys.stdin.readline(); print('half', end='', flush=True)", BoxFaultKind.DIED),
        ("import time; time.sleep(60)", BoxFaultKind.HUNG),
    ],
)
def test_a_host_that_speaks_otherwise_is_a_fault(maker, script, kind):
    with pytest.raises(BoxLost) as lost:
        DriverHost([maker.driver], command=[sys.executable, "-c", script], start_s=1.0)
    assert lost.value.fault.kind is kind


def test_a_call_is_for_the_owner_thread_alone(maker, box):
    kept = box.use(lambda host: host).result(30)
    with pytest.raises(AssertionError, match="owner thread"):
        base(kept)


def test_a_defect_of_the_work_is_raised_to_its_asker_and_the_box_goes_on(box):
    with pytest.raises(ZeroDivisionError):
        box.use(lambda host: host.pid / 0).result(30)
    assert box.use(base).result(30) == Returned(0, (BASE,))


def test_work_that_waits_when_the_box_is_stopped_is_answered(maker, box):
    maker.set("slow", {"seconds": "1"})
    first = box.use(base)
    while not first.running():
        time.sleep(0.01)
    waiting = [box.use(base) for _ in range(3)]
    box.stop()
    assert first.result(0) == Returned(0, (BASE,))
    assert [each.result(0) for each in waiting] == [BoxFault(BoxFaultKind.STOPPED)] * 3


def test_a_host_whose_program_is_gone_leaves_even_a_call_that_hangs(maker):
    maker.set("hang")
    child = subprocess.Popen(
        own_command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=Path(__file__).parents[4]
    )
    child.stdin.write(load_request("sscard", str(maker.driver.path), maker.driver.convention))
    child.stdin.write(call_request("sscard", "iReadCardBas", (1, Out.TEXT)))
    child.stdin.flush()
    assert child.stdout.readline() == b'{"loaded": "sscard"}\n'
    while not maker.calls():
        time.sleep(0.02)
    child.stdin.close()
    assert child.wait(10) == 0
    child.stdout.close()


def test_the_frozen_program_has_a_door_for_the_host():
    from app.verbs.entry import CHILDREN
    from hardware.readers.sscard.driver_host import FROZEN_VERB

    assert CHILDREN[FROZEN_VERB] == "hardware.readers.sscard.host"
    command = [sys.executable, "-m", "app.verbs.entry", FROZEN_VERB]
    asked = b'{"call": "f", "library": "none", "arguments": []}\n'
    done = subprocess.run(command, input=asked, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert done.stdout == b'{"fault": "request", "detail": "none is not loaded"}\n'


def test_a_box_is_typed_by_what_it_opens(maker: Maker, box: ReaderBox[DriverHost]) -> None:
    assert box.use(lambda host: host.folders).result(30) == (maker.folder,)
