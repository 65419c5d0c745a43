"""Death at every named fault point and at every command's commit; a point that the lab does not know fails here."""

from __future__ import annotations

import ast
import os
import time
from collections.abc import Iterator

import pytest

from app.catalogue import sagas
from app.journal.fault_point import FAULT_POINTS
from tests.crash.journal.deliver_once import ANCHOR_POINTS
from tests.crash.journal.lose_disk import ALL_POINTS as COPY_AND_RESTORE_POINTS
from tests.crash.journal.reconcile_once import POINTS as RECONCILE_POINTS
from tests.crash.lab.ledger import Line, note
from tests.crash.lab.named_points import COMMAND_POINTS, SERVICE_POINTS
from tests.crash.lab.programs import run
from tests.crash.saga.points import fault_points
from tests.house.sources import ROOT
from tests.memory_folder import memory_folder

NOT_KILLED = {
    "anchor_refused": "only an alarm writes it",
    "announced_stops": "it only reads",
    "apply_aside": "one transaction, and the next round does what is left",
    "changes": "a page and its cursor are one transaction; the page is asked for again",
    "clock_check": "the next contact measures again",
    "seal_anew": "killed at random times by journal/reseal_kills",
    "sealing_key": "the next round fetches it again",
    "stuck": "the tries are counted anew after a start",
}
"""Transactions that no test of this folder kills, and what the next start does about them."""

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loops fork, which Windows does not")


def covered() -> set[str]:
    """Return every point, with its label, at which some test of this folder has the program die."""
    definitions = sagas.load()
    formal = fault_points("register_formal_loss", definitions.current("formal_loss"), taken_back=True)
    hall = fault_points("issue_ticket", definitions.current("hall_step"), taken_back=False)
    copied = (*COPY_AND_RESTORE_POINTS, *RECONCILE_POINTS)
    walked = (*SERVICE_POINTS, *COMMAND_POINTS, *ANCHOR_POINTS, *copied, *formal, *hall)
    return {point.partition(":")[0] for point in walked}


def in_source(function: str) -> Iterator[ast.Call]:
    """Return the calls of a function or method of this name in the program."""
    for file in sorted((ROOT / "app").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name == function:
                    yield node


def test_every_fault_point_of_the_source_is_registered_and_covered() -> None:
    named = {node.args[0].value for node in in_source("fault_point") if isinstance(node.args[0], ast.Constant)}
    assert named == set(FAULT_POINTS)
    assert named <= {point.partition("@")[0] for point in covered()}


def test_every_labelled_transaction_is_covered_on_both_sides_of_its_commit() -> None:
    labels = {
        word.value.value
        for node in in_source("run")
        for word in node.keywords
        if word.arg == "label" and isinstance(word.value, ast.Constant)
    }
    assert {"lease", "settle", "saga", *NOT_KILLED} <= labels
    wanted = {f"{side}_commit@{label}" for label in labels - NOT_KILLED.keys() for side in ("before", "after")}
    assert wanted <= covered()


@pytest.mark.timeout(400)
def test_death_at_every_point_of_service_and_commands(request: pytest.FixtureRequest) -> None:
    began = time.monotonic()
    with memory_folder() as folder:
        found = run("named_points", folder)
    for kind, points in (("service", SERVICE_POINTS), ("command", COMMAND_POINTS)):
        here = [row for row in found if row["kind"] == kind]
        wrong = [row for row in here if row["wrong"] or row["died"] != 9]
        result = {"wrong": len(wrong)}
        note(
            request.config,
            Line(f"killed at every point: {kind}", len(here), 0, result, not wrong, time.monotonic() - began),
        )
        assert [row["point"] for row in here] == list(points)
        assert not wrong
