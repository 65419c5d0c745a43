"""`build --with PACKAGE`: what is named reaches the spec, and a package without a wire ends the build."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from app.province.wire_names import GROUP
from tests.adapters.installed import PACKAGE, metadata_of
from tests.house.test_installer import BARE, INSTALLER


@pytest.fixture
def dev(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The set-up script, whose steps are only noted."""
    monkeypatch.syspath_prepend(str(INSTALLER))
    yield import_module("dev")
    for name in BARE:
        sys.modules.pop(name, None)


def test_both_sides_name_the_group_alike(dev: ModuleType) -> None:
    assert sys.modules["adapter_packages"].GROUP == GROUP


def test_what_is_named_is_installed_and_handed_to_the_spec(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    done, built = [], []
    monkeypatch.setattr(dev, "set_up", lambda _steps: None)
    monkeypatch.setattr(dev.Steps, "do", lambda _steps, name, commands, _remedy: done.append((name, commands)))
    monkeypatch.setattr(dev, "hand_over", lambda command, environment: built.append((command, environment)) or 1)
    assert dev.main(["build", "--with", str(PACKAGE), "--with=another", "--clean"]) == 1
    ((step, (command,)),) = done
    assert (step, command[-1]) == ("adapter packages", str(PACKAGE))
    ((builder, environment),) = built
    assert builder[-2:] == ["installer/yikatong.spec", "--clean"]
    assert environment["YIKATONG_WITH"] == "yikatong-binzhou another"


def test_without_a_name_the_build_does_not_begin(dev: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert dev.main(["build", "--with"]) == 1
    assert "remedy: --with PACKAGE" in capsys.readouterr().err


def test_a_package_is_carried_by_its_wires(dev: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wire_packages = sys.modules["adapter_packages"].wire_packages
    with pytest.raises(SystemExit, match="no such package is installed"):
        wire_packages("yikatong-binzhou")
    monkeypatch.syspath_prepend(metadata_of(PACKAGE, tmp_path))
    assert wire_packages("yikatong-binzhou") == ("yikatong_binzhou",)
    with pytest.raises(SystemExit, match="it declares no wire"):
        wire_packages("httpx")
