"""The guide for a province: every command in it is run, and every file in it is read, as they stand there."""

from __future__ import annotations

import io
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

import resources
from app.catalogue.tables import read_table
from app.domain.states import SocialState
from app.province.check.families import FAMILIES, numbers
from app.province.check.persons import Role, read_persons
from app.services.settings import FILE_NAME, Settings, load
from app.training.process import TrainingProvince
from app.verbs.entry import main
from tests.adapters.binzhou_server import Binzhou
from tests.adapters.installed import PACKAGE, metadata_of
from tests.contract.province.conftest import Desk
from tests.contract.province.line.test_enrolled_counter import real_folder
from tests.house.sources import ROOT
from tests.house.test_installer import BARE, INSTALLER

GUIDE = resources.path("guide", "connect.md")
PAGE = GUIDE.read_text("utf-8")
REFERENCE_URL, BINZHOU_URL = "http://127.0.0.1:18080", "http://127.0.0.1:18081"


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


COMMANDS = [line for block in blocks("sh") for line in block.splitlines()]
CHECKS = [command for command in COMMANDS if command.startswith("yikatong province check http://")]
AS_DEVICE = [command for command in COMMANDS if " --data " in command]
OTHERS = {
    *AS_DEVICE,
    "yikatong province serve --port 18080",
    "yikatong province contract",
    "python3 installer/dev.py build --with tests/adapters/binzhou",
}


def test_every_command_of_the_guide_is_run_here() -> None:
    assert len(CHECKS) >= 5
    assert set(COMMANDS) - set(CHECKS) == OTHERS
    prose = re.sub(r"^```.*?^```$", "", PAGE, flags=re.MULTILINE | re.DOTALL)
    assert not re.findall(r"`(?:yikatong|python3?) [^`]*`", prose)


@pytest.mark.parametrize("command", CHECKS, ids=range(len(CHECKS)))
def test_a_check_is_green(
    command: str,
    province: TrainingProvince,
    binzhou: tuple[str, Binzhou],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.syspath_prepend(metadata_of(PACKAGE, tmp_path / "site"))
    shutil.copy(GUIDE.with_name("test-persons.toml"), tmp_path)
    monkeypatch.chdir(tmp_path)
    asked = command.replace(REFERENCE_URL, province.url).replace(BINZHOU_URL, binzhou[0])
    assert asked != command
    assert main(shlex.split(asked)[1:]) == 0, capsys.readouterr().out
    assert "不通过 0 项" in capsys.readouterr().out
    for option, value in zip(shlex.split(asked), shlex.split(asked)[1:], strict=False):
        assert option != "--out" or (tmp_path / value).stat().st_size > 1000


def test_the_training_province_is_served_as_it_says(tmp_path: Path) -> None:
    command = "yikatong province serve --port 18080"
    assert command in COMMANDS
    words = shlex.split(command.replace("18080", "0"))[1:]
    with subprocess.Popen(
        [sys.executable, "-m", "app.verbs.entry", *words, "--holders", "1"], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout is not None
        assert "训练省平台已就绪" in process.stdout.readline()
        process.terminate()


def test_a_device_with_a_certificate_checks_as_itself(
    province: TrainingProvince,
    desk: Desk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enrol, check = AS_DEVICE
    monkeypatch.setenv("YIKATONG_KEY_STORE", "file")
    shutil.copy(GUIDE.with_name("test-persons.toml"), tmp_path)
    monkeypatch.chdir(tmp_path)
    # Another name than the other tests': a province takes nothing unsigned from a device that it has enrolled.
    persons, device = Path("test-persons.toml"), "CHECK-WITH-CERTIFICATE"
    persons.write_text(persons.read_text("utf-8").replace("CHECK-01", device), "utf-8")
    real_folder(tmp_path / "check-01", province, device)
    code = desk.post("/training/enrolment-codes", {"device": device}).json()["code"]
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{code}\n"))
    assert main(shlex.split(enrol)[1:]) == 0, capsys.readouterr().err
    asked = shlex.split(check.replace("https://127.0.0.1:18082", province.secure_url))[1:]
    assert main(asked) == 0, capsys.readouterr()
    assert "通过 4 项，不通过 0 项" in capsys.readouterr().out
    assert main([*asked, "--device", "CHECK-02"]) == 2
    assert capsys.readouterr().err.startswith("CHECK-OTHER-DEVICE ")
    assert main(["province", "check", province.url, "--device", device]) == 2
    assert capsys.readouterr().err.startswith("LINE-UNSIGNED ")


def test_the_contract_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["province", "contract"]) == 0
    assert '"openapi"' in capsys.readouterr().out


def test_the_build_takes_the_example(monkeypatch: pytest.MonkeyPatch) -> None:
    (command,) = (command for command in COMMANDS if "dev.py build" in command)
    monkeypatch.syspath_prepend(str(INSTALLER))
    dev, built = import_module("dev"), []
    try:
        monkeypatch.chdir(ROOT)
        monkeypatch.setattr(dev, "set_up", lambda _steps: None)
        monkeypatch.setattr(dev.Steps, "do", lambda *_step: None)
        monkeypatch.setattr(dev, "hand_over", lambda _command, environment: built.append(environment) or 0)
        assert dev.main(shlex.split(command)[2:]) == 0
    finally:
        for name in BARE:
            sys.modules.pop(name, None)
    assert built[0]["YIKATONG_WITH"] == "yikatong-binzhou"


def test_its_files_are_read_as_they_stand(tmp_path: Path) -> None:
    settings, code_map, entry_points = (tomllib.loads(block) for block in blocks("toml"))
    (tmp_path / FILE_NAME).write_text(blocks("toml")[0], "utf-8")
    read = load(tmp_path, training=False, hall_url=None)
    assert isinstance(read, Settings)
    assert (read.missing(), read.wire, read.province_url) == (None, settings["wire"], settings["province_url"])
    assert set(code_map) <= set(read_table("catalogue", "codes.toml"))
    assert {SocialState(state) for state in code_map["social"].values()}
    declared = tomllib.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]
    assert entry_points["project"]["entry-points"] == declared


def test_what_it_says_of_the_checks_is_so() -> None:
    assert {*re.findall(r"\b([QOADL]\d+)\b", PAGE)} <= set(numbers())
    (letters,) = re.findall(r"^检查的编号：(.*)$", PAGE, re.MULTILINE)
    assert re.findall(r"[A-Z]", letters) == [family.letter for family in FAMILIES]
    assert {role.value for role in Role} <= set(re.findall(r"`(\w+)`", PAGE))
    assert {person.role for person in read_persons(GUIDE.with_name("test-persons.toml")).persons} >= {Role.NORMAL}
    assert "resources/guide/connect.md" in (ROOT / "README.md").read_text("utf-8")
