"""Set-up, run and test on a machine that has nothing but python3: `python3 installer/dev.py run|test|build`.

Standard library only: it runs before anything is installed.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from adapter_packages import install_adapters, named_adapters
from debian_packages import install_debian_packages
from python_packages import PROJECT, VENV, install_python_packages, venv_program
from steps import StepFailed, Steps
from x_display import own_display

USAGE = """python3 installer/dev.py run  [counter options]    set up, then open the counter in training mode
python3 installer/dev.py test [--long] [--bench] [pytest options]    set up, then everything CI runs
python3 installer/dev.py build [--with PACKAGE]             set up, then the frozen program in dist/, with an adapter"""
CHECKS = (
    ("ruff check", ["ruff", "check", "--no-cache", "."]),
    ("ruff format", ["ruff", "format", "--check", "."]),
    ("mypy", ["mypy"]),
    ("lint-imports", ["lint-imports", "--no-cache"]),
)
LEAST_COVERAGE = 90
WORKERS = 3
"""Processes that run tests at once: CI has two cores, and a test that waits for another program needs none."""
LEAST_PYTHON = (3, 11)


def main(arguments: list[str]) -> int:
    """Do what the first word says; the rest is handed on."""
    verbs = {"run": run, "test": test, "build": build}
    if not arguments or arguments[0] not in verbs:
        print(USAGE)
        return 2
    if sys.version_info < LEAST_PYTHON:
        least = ".".join(map(str, LEAST_PYTHON))
        print(
            f"Python {sys.version.split()[0]} is too old. remedy: run this with a python3 of {least} or later",
            file=sys.stderr,
        )
        return 2
    try:
        return verbs[arguments[0]](arguments[1:])
    except StepFailed as failed:
        print(failed.told, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nstopped; the same command goes on where this one ended", file=sys.stderr)
        return 130


def set_up(steps: Steps) -> None:
    """Install what is missing, and only that."""
    install_debian_packages(steps)
    install_python_packages(steps)


def compiling() -> dict[str, str]:
    """Return this environment, but modules are compiled once, whatever its habit: the program starts many times."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def run(arguments: list[str]) -> int:
    """Open the counter in training mode."""
    set_up(Steps(3))
    print(f"starting {venv_program('yikatong')} counter --training", flush=True)
    return hand_over([str(venv_program("yikatong")), "counter", "--training", *arguments], compiling())


def test(arguments: list[str]) -> int:
    """Run every check, then pytest last, so that its own summary closes the output."""
    steps = Steps(3 + len(CHECKS) + 1)
    set_up(steps)
    environment = {**compiling(), "PATH": f"{venv_program('python').parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    environment.update(PYTHONUTF8="1", YIKATONG_KEY_STORE="file", VIRTUAL_ENV=str(VENV))
    failed = [name for name, command in CHECKS if not steps.check(name, command, environment)]
    if failed:
        environment["YIKATONG_FAILED_CHECKS"] = ", ".join(failed)
    print(f"{steps.head()} pytest", flush=True)
    chosen = any(not argument.startswith("-") for argument in arguments)
    with ExitStack() as screens:
        # Benches want the machine to themselves, and a few chosen tests one clear output.
        alone = chosen or "--bench" in arguments
        displays = [screens.enter_context(own_display()) for _ in range(1 if alone else WORKERS)]
        if alone and displays[0] is not None:
            environment["DISPLAY"] = displays[0]
        command = [
            str(venv_program("python")),
            "-m",
            "pytest",
            *([] if chosen else ["--cov", "--cov-report=term", f"--cov-fail-under={LEAST_COVERAGE}"]),
            *([] if alone else side_by_side(displays)),
            *arguments,
        ]
        code = hand_over(command, environment)
    return code or (1 if failed else 0)


def side_by_side(displays: list[str | None]) -> list[str]:
    """Return the options that share the test files out among processes, each with a screen of its own for the focus."""
    own = [option for display in displays if display for option in ("--tx", f"popen//env:DISPLAY={display}")]
    # A process that dies ends the run: one that takes its place would never be given its files.
    return ["--dist", "loadfile", "--max-worker-restart", "0", *(own or ["--numprocesses", str(len(displays))])]


def build(arguments: list[str]) -> int:
    """Freeze the program into dist/yikatong, with the adapter packages named."""
    packages, options = named_adapters(arguments)
    steps = Steps(5 if packages else 4)
    set_up(steps)
    adapters = install_adapters(steps, packages)
    print(f"{steps.head()} PyInstaller", flush=True)
    command = [str(venv_program("python")), "-m", "PyInstaller", "--noconfirm", "installer/yikatong.spec", *options]
    code = hand_over(command, {**os.environ, **adapters})
    if code == 0:
        print(f"the program is {PROJECT / 'dist' / 'yikatong' / venv_program('yikatong').name}", flush=True)
    return code


def hand_over(command: list[str], environment: dict[str, str]) -> int:
    """Run a program to its own end, also when this script is told to stop, and return its exit code."""
    with subprocess.Popen(command, cwd=PROJECT, env=environment) as program:
        # Ctrl+C reaches the program too; the end of a terminal or a kill may not.
        signal.signal(signal.SIGINT, lambda *_: None)
        for name in {"SIGTERM", "SIGHUP"} & set(dir(signal)):
            signal.signal(getattr(signal, name), lambda *_: program.terminate())
        code = program.wait()
    if code < 0:
        print(f"{Path(command[0]).name} was ended by signal {-code}", flush=True)
        return 1
    return code


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # A terminal that knows no `…` still gets its progress.
        stream.reconfigure(errors="replace")
    raise SystemExit(main(sys.argv[1:]))
