"""What every verb of the command line keeps: `--json`, and errors as one line with a code and exit code 2."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator

import pytest

from app.verbs.entry import FACES, VERBS, main, parser_of
from ui.tour import play


def leaves(
    parser: argparse.ArgumentParser, path: tuple[str, ...] = ()
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Walk to every parser that runs something."""
    branches = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not branches:
        yield " ".join(path), parser
    for branch in branches:
        for name, below in branch.choices.items():
            yield from leaves(below, (*path, name))


ALL = dict(leaves(parser_of("", {})))


def test_the_walk_meets_every_verb_and_face() -> None:
    assert {path.split()[0] for path in ALL} == {*VERBS, *FACES}
    assert len(ALL) >= 15


@pytest.mark.parametrize("verb", ALL)
def test_every_verb_takes_json(verb: str) -> None:
    assert "--json" in ALL[verb]._option_string_actions


@pytest.mark.parametrize("verb", ALL)
def test_what_is_not_understood_is_one_line_and_exit_2(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*verb.split(), "--json", "--no-such-option"])
    captured = capsys.readouterr()
    assert ended.value.code == 2
    assert captured.out == ""
    assert captured.err.startswith("INPUT-WRONG ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize("face", ["kiosk", "board"])
def test_a_face_that_is_not_there_yet_says_so(face: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([face, "--json"]) == 2
    assert capsys.readouterr().err.startswith("FACE-NOT-YET ")


def test_the_contract_is_json_with_json_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["province", "contract", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"].startswith("3.")


@pytest.mark.parametrize("out", ["/proc/x", "/dev/null", "file/below"])
def test_a_tour_that_has_nowhere_to_leave_its_pictures_says_so(
    out: str, tmp_path, monkeypatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("")
    assert main(["tour", "--out", out], {"tour": play.run}) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("TOUR-OUT-UNUSABLE ")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    "line",
    [
        "tour --out=",
        "province serve --port 99999",
        "province serve --port -1",
        "province serve --port 0 --holders 0",
        "card plug gen1 --port 99999",
        "card plug gen1 --seconds nan",
        "outbox drain --timeout nan",
        "outbox drain --timeout -5",
        "visit --drain inf",
        "scan --camera 0 --wait nan",
        "scan --camera 0 --wait 1e300",
        "journal rows --by 0003 --last 0",
    ],
)
def test_a_number_that_cannot_be_meant_is_wrong_input(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(line.split())
    captured = capsys.readouterr()
    assert (ended.value.code, captured.out) == (2, "")
    assert captured.err.startswith("INPUT-WRONG ")
    assert captured.err.count("\n") == 1
