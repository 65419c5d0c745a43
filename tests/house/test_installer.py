"""The set-up script: bare Python, nothing installed twice, and a failure that says what to do."""

from __future__ import annotations

import ast
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.sources import ROOT, imports

INSTALLER = ROOT / "installer"
BARE = ("dev", "adapter_packages", "steps", "debian_packages", "python_packages", "x_display")


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, ModuleType]]:
    """The script's own modules, as it imports them itself."""
    monkeypatch.syspath_prepend(str(INSTALLER))
    yield {name: import_module(name) for name in BARE}
    for name in BARE:
        sys.modules.pop(name, None)


def dev(*arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({"PATH": f"{path}{os.pathsep}{os.environ['PATH']}"} if path else {})}
    command = [sys.executable, str(INSTALLER / "dev.py"), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL, check=False
    )


def program(folder: Path, name: str, script: str) -> None:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)


def test_the_script_runs_before_anything_is_installed() -> None:
    allowed = sys.stdlib_module_names | set(BARE)
    for name in BARE:
        tree = ast.parse((INSTALLER / f"{name}.py").read_text(encoding="utf-8"))
        assert imports(tree) <= allowed, name


def test_without_a_verb_it_says_how_it_is_used() -> None:
    told = dev()
    assert told.returncode == 2
    assert "python3 installer/dev.py test" in told.stdout


def test_ci_runs_the_second_command() -> None:
    assert "python3 installer/dev.py test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Debian packages are Debian's")
def test_only_missing_debian_packages_are_installed(
    installer: dict[str, ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program(tmp_path, "dpkg-query", 'case "$4" in swig|cups) exit 1;; *) printf "install ok installed";; esac')
    program(tmp_path, "apt-get", f'echo "$@" >> {tmp_path}/asked')
    program(tmp_path, "dpkg", f'echo "$@" >> {tmp_path}/asked')
    program(tmp_path, "sudo", 'test "$1" = -n && shift; exec "$@"')
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    installer["debian_packages"].install_debian_packages(installer["steps"].Steps(3))
    asked = (tmp_path / "asked").read_text(encoding="utf-8").splitlines()
    assert [" ".join(word for word in line.split() if "--force-conf" not in word) for line in asked] == [
        "--configure -a",
        "-q -y update",
        "-q -y install --no-install-recommends swig cups",
    ]
    assert "[1/3] Debian packages (2 missing)" in capsys.readouterr().out


def test_with_every_debian_package_there_nothing_is_asked_for(
    installer: dict[str, ModuleType],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    program(tmp_path, "dpkg-query", 'printf "install ok installed"')
    program(tmp_path, "apt-get", f"touch {tmp_path}/asked")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    installer["debian_packages"].install_debian_packages(installer["steps"].Steps(3))
    assert not (tmp_path / "asked").exists()
    assert "all there" in capsys.readouterr().out


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Debian packages are Debian's")
def test_a_failure_names_its_step_its_last_lines_and_a_remedy(tmp_path: Path) -> None:
    program(tmp_path, "dpkg-query", "exit 1")
    program(tmp_path, "dpkg", "exit 0")
    program(tmp_path, "sudo", 'test "$1" = -n && shift; exec "$@"')
    program(tmp_path, "apt-get", 'echo "Temporary failure resolving the mirror"; exit 100')
    told = dev("test", path=tmp_path)
    assert told.returncode == 1
    assert "step failed: Debian packages" in told.stderr
    assert "Temporary failure resolving the mirror" in told.stderr
    assert "remedy: check the network" in told.stderr


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Debian packages are Debian's")
def test_without_root_and_sudo_it_says_what_is_missing(
    installer: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "dpkg-query", "exit 1")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(installer["steps"].StepFailed) as failed:
        installer["debian_packages"].install_debian_packages(installer["steps"].Steps(3))
    assert "missing: pcscd" in failed.value.told
    assert "remedy: run this as root, or install sudo" in failed.value.told


def test_a_python_that_is_too_old_is_named(
    installer: dict[str, ModuleType], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(installer["dev"], "LEAST_PYTHON", (99, 1))
    assert installer["dev"].main(["run"]) == 2
    told = capsys.readouterr().err
    assert sys.version.split()[0] in told
    assert "remedy: run this with a python3 of 99.1 or later" in told


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="Ctrl+C is sent as POSIX sends it")
def test_ctrl_c_lets_the_package_system_end_and_leaves_no_trace(tmp_path: Path) -> None:
    program(tmp_path, "dpkg-query", "exit 1")
    program(tmp_path, "dpkg", f"trap '' INT; kill -INT 0; echo done > {tmp_path}/ended")
    program(tmp_path, "apt-get", "echo not reached; exit 100")
    program(tmp_path, "sudo", 'test "$1" = -n && shift; exec "$@"')
    command = [sys.executable, str(INSTALLER / "dev.py"), "run"]
    environment = {**os.environ, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    told = subprocess.run(
        command,
        capture_output=True,
        text=True,
        env=environment,
        stdin=subprocess.DEVNULL,
        start_new_session=True,
        # What a shell starts in the background ignores Ctrl+C, and so does whatever it starts.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        check=False,
    )
    assert told.returncode == 130
    assert told.stderr == "\nstopped; the same command goes on where this one ended\n"
    assert (tmp_path / "ended").exists()


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="signals are sent as POSIX sends them")
@pytest.mark.parametrize(
    "stop",
    ["os.kill(0, signal.SIGINT)", "os.kill(os.getppid(), signal.SIGTERM)", "os.kill(os.getppid(), signal.SIGHUP)"],
)
def test_whoever_is_told_to_stop_waits_for_the_program_that_was_started(stop: str) -> None:
    program = f"""
import os, signal, time
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, lambda *_: (time.sleep(1), os._exit(7)))
{stop}
while True:
    signal.pause()
"""
    script = f"import sys, dev; sys.exit(dev.hand_over([sys.executable, '-c', {program!r}], {{}}))"
    told = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(INSTALLER)},
        capture_output=True,
        text=True,
        start_new_session=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (7, "")


def test_a_program_that_is_missing_is_a_failed_step(installer: dict[str, ModuleType]) -> None:
    steps = installer["steps"]
    with pytest.raises(steps.StepFailed) as failed:
        steps.Steps(1).do("a step", (["/nowhere/program"],), "put it there")
    assert "remedy: put it there" in failed.value.told


def test_the_lock_is_split_without_loss(installer: dict[str, ModuleType]) -> None:
    packages = installer["python_packages"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    blocks = packages._blocks(lock)
    assert "".join(text for _name, text in blocks) == lock
    assert {"pyscard", "pyside6-essentials"} <= {name for name, _text in blocks}
    assert all(text.startswith(f"{name}==") and "--hash=sha256:" in text for name, text in blocks)


@pytest.fixture
def configuration(installer: dict[str, ModuleType], tmp_path: Path) -> Path:
    file = tmp_path / "pyvenv.cfg"
    version = f"{sys.version_info.major}.{sys.version_info.minor}.99"
    file.write_text(f"version = {version}\ncommand = python3 -m venv {installer['python_packages'].VENV}\n")
    return file


def test_an_environment_of_this_python_is_kept(installer: dict[str, ModuleType], configuration: Path) -> None:
    assert installer["python_packages"]._fits(configuration)


@pytest.mark.parametrize("change", [("version = 3.", "version = 2."), (".venv", ".elsewhere")])
def test_an_environment_of_another_python_or_folder_is_made_anew(
    installer: dict[str, ModuleType], configuration: Path, change: tuple[str, str]
) -> None:
    configuration.write_text(configuration.read_text().replace(*change))
    assert not installer["python_packages"]._fits(configuration)


@pytest.fixture
def environment(installer: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A `.venv` as an interrupted set-up leaves it: a python, and no pip."""
    folder, packages = tmp_path / ".venv", installer["python_packages"]
    monkeypatch.setattr(packages, "VENV", folder)
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    return folder


def test_an_environment_that_was_not_made_to_its_end_is_made_anew(
    installer: dict[str, ModuleType], environment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    monkeypatch.setattr(installer["steps"].Steps, "do", lambda _steps, name, *_rest: made.append(name))
    installer["python_packages"]._make_environment(installer["steps"].Steps(1))
    assert made == ["virtual environment"]
    assert not environment.exists()


def test_a_package_that_was_removed_or_exchanged_is_seen(installer: dict[str, ModuleType], environment: Path) -> None:
    stamp = installer["python_packages"]._lock_stamp
    packages = next(environment.glob("[Ll]ib/**/site-packages"))
    package = packages / "left_pad-1.0.dist-info"
    package.mkdir()
    before = stamp("a lock")
    assert stamp("another lock") != before
    package.rename(packages / "left_pad-1.1.dist-info")
    assert stamp("a lock") != before
    (packages / "left_pad-1.1.dist-info").rmdir()
    assert stamp("a lock") != before


@pytest.mark.skipif(sys.platform != "linux", reason="Xvfb is for Linux")
def test_an_x_server_that_does_not_start_is_a_failed_step(
    installer: dict[str, ModuleType], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "Xvfb", "exit 1")
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.delenv("DISPLAY", raising=False)
    with pytest.raises(installer["steps"].StepFailed, match="own display"), installer["x_display"].own_display():
        pytest.fail("a display that is not there was given")
