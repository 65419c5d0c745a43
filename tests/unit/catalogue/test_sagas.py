"""Saga definitions: what is shipped, what a table may not say, and the picture that it makes of itself."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.catalogue import sagas, services, texts
from app.catalogue.saga_drawing import mermaid
from app.catalogue.sagas import SagaDefinition, Sagas, StepKind, definition
from app.catalogue.tables import TableError
from app.verbs.entry import main
from tests.unit.journal.saga.scenery import content, issuing, row

KEPT = Path(__file__).with_name("formal_loss.mmd")


def test_the_bank_goes_first_and_can_be_taken_back_and_the_province_is_the_pivot() -> None:
    formal = sagas.load().current("formal_loss")
    assert [(step.name, step.kind, step.world) for step in formal.steps] == [
        ("bank_loss", StepKind.REVERSIBLE, "bank"),
        ("province_loss", StepKind.PIVOT, "province"),
    ]
    assert formal.acts == ("bank_loss", "province_loss", "bank_release")


def test_every_service_with_a_saga_finds_it_and_every_act_has_its_word() -> None:
    known, words = sagas.load(), texts.load()
    wanted = [service.saga for service in services.load().services.values() if service.saga is not None]
    assert wanted == ["formal_loss"]
    assert all(known.current(name) for name in wanted)
    for found in known.entries.values():
        assert all(f"sagas.steps.{act}" in words.entries for act in found.acts)


def test_the_newest_version_is_current_and_older_ones_stay() -> None:
    both = Sagas.of([issuing(1), issuing(2)])
    assert both.current("issue").version == 2
    old = both.version("issue", 1)
    assert old is not None
    assert old.version == 1
    assert both.version("issue", 3) is None
    assert both.names == {"issue"}
    with pytest.raises(KeyError):
        both.current("no such saga")
    with pytest.raises(TableError, match="twice"):
        Sagas.of([issuing(1), issuing(1)])


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (content(), "no steps"),
        (content(row("a", "pivot"), row("a", "after-pivot")), "a name is given twice"),
        (content(row("a", "pivot"), row("b", "reversible")), "reversible steps come first"),
        (content(row("a", "pivot"), row("b", "pivot")), "one pivot"),
        (content(row("a", "reversible"), row("b", "after-pivot")), "nothing is after a pivot"),
        (content(row("a", "pivot", compensation="b")), "a cannot be taken back"),
        (content(row("a", "reversible"), compensations=[{**row("b", "pivot")}]), "belongs to no step"),
        (content(row("a", "reversible", compensation="b"), compensations=[]), "no compensation is called b"),
        (content(row("a", "sideways")), "sideways"),
        (content(row("a", "pivot", offline="sometimes")), "sometimes"),
        (content(row("a", "pivot", cannot_tell="guess")), "guess"),
        (content(row("a", "pivot", asks=0)), "asks"),
        (content(row("a", "pivot", attempts=True)), "attempts"),
        (content(row("a", "pivot", second_person="yes")), "second_person"),
        (content(row("a", "pivot"), version=0), "version"),
        (content(row("a", "pivot"), unattended=1), "unattended"),
    ],
)
def test_a_table_that_contradicts_itself_says_where(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(TableError, match=said) as told:
        definition(wrong, "some.toml")
    assert "some.toml" in str(told.value)


def test_formal_loss_draws_as_it_was_kept() -> None:
    assert mermaid(sagas.load().current("formal_loss")) == KEPT.read_text(encoding="utf-8")


@pytest.mark.parametrize("shape", [*sagas.load().entries.values(), issuing()], ids=lambda found: found.name)
def test_a_drawing_shows_every_step_and_only_what_there_is(shape: SagaDefinition) -> None:
    drawn = mermaid(shape)
    for act in shape.acts:
        assert f"    {act} " in drawn
    pointed_at = {line.split()[-1] for line in drawn.splitlines() if "-->" in line or ".->" in line}
    assert pointed_at <= {*shape.acts, "done", "undone", "two_persons", "left"}
    assert drawn.count("|done| done") == 1


def test_the_verb_prints_the_drawing_and_names_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["saga", "draw", "formal_loss"]) == 0
    assert capsys.readouterr().out == KEPT.read_text(encoding="utf-8")
    assert main(["saga", "draw", "hall_step", "--json", "--version", "1"]) == 0
    assert '"version": 1' in capsys.readouterr().out
    for unknown in (["nothing"], ["formal_loss", "--version", "9"]):
        assert main(["saga", "draw", *unknown]) == 2
        error = capsys.readouterr().err
        assert error.startswith("SAGA-UNKNOWN ")
        assert "formal_loss" in error
