"""The matrix of roles: every cell is said, and the three administrators are apart from all work and from each other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import resources
from app.catalogue import permissions, services, tables
from app.catalogue.services import SecondPerson
from tests.house.sources import ROOT, modules

CATALOGUE = services.load()
ADMINISTRATION = ("administrator", "security", "auditor")
SERVING = ("clerk", "reviewer", "guide", "lead")


def test_every_command_and_query_has_a_cell_for_every_role() -> None:
    matrix = CATALOGUE.matrix
    assert set(matrix.roles) == set(CATALOGUE.roles)
    assert set(matrix.commands) == set(CATALOGUE.commands)
    assert set(matrix.queries) == set(CATALOGUE.queries)
    for row in (*matrix.commands.values(), *matrix.queries.values()):
        assert set(row) == set(matrix.roles)


def test_a_role_may_what_its_cells_say_and_nothing_else() -> None:
    rows = [(CATALOGUE.commands[name].permission, cells) for name, cells in CATALOGUE.matrix.commands.items()]
    rows += [(CATALOGUE.queries[name].permission, cells) for name, cells in CATALOGUE.matrix.queries.items()]
    for role, row in CATALOGUE.roles.items():
        assert row.permissions == {permission for permission, cells in rows if cells[role]} - {""}


def _with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str) -> None:
    (tmp_path / "catalogue").mkdir()
    for source in resources.path("catalogue").glob("*.toml"):
        (tmp_path / "catalogue" / source.name).write_bytes(source.read_bytes())
    text = resources.path("catalogue", file).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / "catalogue" / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    monkeypatch.setattr(resources, "ROOT", tmp_path)


NEW_COMMAND = '[forget_all]\npermission = "x"\noffline = "free"\naudit = "x"\nsecond_person = "none"\n\n[sign_in]'
ROW_OF_APPROVE = re.search(r"approve +=.*\n", resources.path("catalogue", "matrix.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("file", "old", "new", "names"),
    [
        ("commands.toml", "[sign_in]", NEW_COMMAND, "forget_all"),
        ("queries.toml", "[profile]", '[photo]\npermission = "x"\naudit = "x"\nwritten = true\n[profile]', "photo"),
        ("queries.toml", 'permission = "visit.serve"\n', 'permission = ""\n', "profile"),
        ("queries.toml", "written = false\n", "", "queue"),
        ("roles.toml", "[clerk]", '[mayor]\ntitle = "roles.clerk"\n\n[clerk]', "mayor"),
        ("roles.toml", 'apart = ["security"', 'apart = ["police"', "police"),
        ("matrix.toml", 'roles = ["clerk", ', "roles = [", "clerk"),
        ("matrix.toml", ROW_OF_APPROVE.group() if ROW_OF_APPROVE else "", "", "approve"),
        ("matrix.toml", 'add_staff                = "-    ', 'add_staff                = "', "add_staff"),
        ("matrix.toml", 'add_staff                = "-    ', 'add_staff                = "?    ', "add_staff"),
        ("matrix.toml", 'sign_in                  = "+', 'sign_in                  = "-', "sign_in"),
        ("matrix.toml", 'call_ticket              = "+', 'call_ticket              = "-', "queue.call"),
        ("commands.toml", 'approvers = ["reviewer", "lead"]', 'approvers = ["clerk"]', "close_conflict"),
        ("commands.toml", 'approvers = ["reviewer", "lead"]\n', "", "close_conflict"),
    ],
)
def test_what_the_matrix_does_not_say_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str, old: str, new: str, names: str
) -> None:
    _with(tmp_path, monkeypatch, file, old, new)
    with pytest.raises(tables.TableError, match=re.escape(names)):
        services.load()


@pytest.mark.parametrize("role", ADMINISTRATION)
def test_an_administrator_serves_nobody_and_sees_no_holder(role: str) -> None:
    may = CATALOGUE.roles[role].permissions
    served = CATALOGUE.permissions(SERVING) - {"queue.view", "approval.give"}
    assert not may & served
    assert CATALOGUE.apart((role,)) >= (set(ADMINISTRATION) | set(SERVING)) - {role}


def test_each_of_the_three_has_its_own_and_the_auditor_changes_nothing() -> None:
    own = {role: CATALOGUE.roles[role].permissions - {"queue.view"} for role in ADMINISTRATION}
    assert "staff.register" in own["administrator"]
    assert own["auditor"] == {"audit.view", "audit.verify"}
    assert "staff.register" not in CATALOGUE.permissions(set(CATALOGUE.roles) - {"administrator"})
    commands = {row.permission for row in CATALOGUE.commands.values()} - {""}
    assert not own["auditor"] & commands
    assert not own["security"] & own["administrator"] - {"approval.give"}
    assert not CATALOGUE.roles[permissions.OPERATOR].staff


def test_who_is_apart_is_apart_both_ways() -> None:
    for role in CATALOGUE.roles:
        for other in CATALOGUE.apart((role,)):
            assert role in CATALOGUE.apart((other,))
    assert CATALOGUE.apart(("clerk",)) == set(ADMINISTRATION)
    assert CATALOGUE.apart(()) == frozenset()


def test_a_second_person_now_is_one_who_may_approve() -> None:
    now = {row.name for row in CATALOGUE.commands.values() if row.second_person is SecondPerson.NOW}
    assert now >= {"close_conflict", "settle_saga_step"}
    for name in now:
        assert all(CATALOGUE.matrix.commands["approve"][role] for role in CATALOGUE.commands[name].approvers)


def test_every_query_is_asked_somewhere_and_none_is_asked_that_is_not_declared() -> None:
    literal = re.compile(r'(?:doorway\.ask\(|read_folder\(folder, |VERIFY = )\s*"(\w+)"')
    asked = {name for path in modules() for name in literal.findall((ROOT / path).read_text(encoding="utf-8"))}
    assert asked == set(CATALOGUE.queries)


def test_no_face_and_no_verb_reads_the_books_around_the_doorway() -> None:
    outside = [path for path in modules() if path.parts[0] == "ui" or path.parts[:2] == ("app", "verbs")]
    assert len(outside) > 40
    reads = re.compile(r"\bjournal\.run\(|\.reader?\.read\(|\bhall\.(?!mode\b)\w+\(")
    assert [str(path) for path in outside if reads.search((ROOT / path).read_text(encoding="utf-8"))] == []
