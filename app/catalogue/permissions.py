"""Who may do what: queries, roles, and the matrix of commands and queries × roles, typed and checked when loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.catalogue.tables import TableError, read_table, string, strings, table

OPERATOR = "operator"
"""The role of the operating system's account that runs a verb."""
ADMINISTRATOR = "administrator"
"""The role that registers staff."""
_MARKS = {"+": True, "-": False}
Cells = Mapping[str, Mapping[str, bool]]


@dataclass(frozen=True)
class QueryRow:
    """The declaration of one query."""

    name: str
    permission: str
    audit: str
    written: bool
    """Whether an answered one leaves an audit row; a denied one always does."""


@dataclass(frozen=True)
class RoleRow:
    """One role: what it is called, what it may do, and what nobody is beside it."""

    title: str
    """Key of its name among the texts."""
    permissions: frozenset[str]
    apart: frozenset[str] = frozenset()
    """Roles that no natural person has together with it."""
    staff: bool = True
    """Whether a member of staff can have it."""


@dataclass(frozen=True)
class Matrix:
    """Every command and every query × every role: by name, then by role."""

    roles: tuple[str, ...]
    commands: Cells
    queries: Cells


def load_queries() -> Mapping[str, QueryRow]:
    """Load the queries; raises TableError naming the row."""
    return {name: _query(name, table(row, name)) for name, row in read_table("catalogue", "queries.toml").items()}


def load_matrix(commands: Mapping[str, str], queries: Mapping[str, str]) -> tuple[Matrix, Mapping[str, RoleRow]]:
    """Load matrix and roles for commands and queries, given as permission by name.

    Raises TableError for a command, a query or a role without its cells, and where two rows of one permission differ.
    """
    found = read_table("catalogue", "matrix.toml")
    columns = strings(found.get("roles"), "matrix.toml: roles")
    titles = read_table("catalogue", "roles.toml")
    _same("roles.toml", set(titles), set(columns))
    matrix = Matrix(
        columns,
        _cells(found, "commands", columns, commands),
        _cells(found, "queries", columns, queries),
    )
    granted = _granted(matrix, commands, queries)
    roles = {name: _role(name, table(titles[name], name), granted[name]) for name in columns}
    for name, row in roles.items():
        unknown = row.apart - roles.keys()
        if unknown:
            raise TableError(f"roles.toml: {name} is apart from {', '.join(sorted(unknown))}, which is no role")
    return matrix, roles


def _cells(found: Mapping[str, object], section: str, columns: tuple[str, ...], declared: Mapping[str, str]) -> Cells:
    rows = table(found.get(section), f"matrix.toml: {section}")
    _same(f"matrix.toml: {section}", set(rows), set(declared))
    cells = {}
    for name, value in rows.items():
        marks = string(value, f"matrix.toml: {name}").split()
        if len(marks) != len(columns) or not set(marks) <= set(_MARKS):
            raise TableError(f"matrix.toml: {name} has not one + or - for each of {', '.join(columns)}")
        cells[name] = {role: _MARKS[mark] for role, mark in zip(columns, marks, strict=True)}
        if not declared[name] and set(marks) != {"+"}:
            raise TableError(f"matrix.toml: {name} has no permission, so that nobody can be denied it")
    return cells


def _granted(matrix: Matrix, commands: Mapping[str, str], queries: Mapping[str, str]) -> Mapping[str, frozenset[str]]:
    granted: dict[str, set[str]] = {role: set() for role in matrix.roles}
    withheld: dict[str, set[str]] = {role: set() for role in matrix.roles}
    for cells, permissions in ((matrix.commands, commands), (matrix.queries, queries)):
        for name, row in cells.items():
            for role, may in row.items():
                (granted if may else withheld)[role].add(permissions[name])
    for role in matrix.roles:
        both = granted[role] & withheld[role]
        if both:
            raise TableError(f"matrix.toml: {role} both has and has not {', '.join(sorted(both))}")
    return {role: frozenset(permissions - {""}) for role, permissions in granted.items()}


def _role(name: str, row: Mapping[str, object], permissions: frozenset[str]) -> RoleRow:
    where = f"roles.toml: {name}"
    return RoleRow(
        string(row.get("title"), where),
        permissions,
        frozenset(strings(row.get("apart", []), where)),
        row.get("staff") is not False,
    )


def _query(name: str, row: Mapping[str, object]) -> QueryRow:
    where = f"queries.toml: {name}"
    permission = string(row.get("permission"), where)
    if not permission or not isinstance(row.get("written"), bool):
        raise TableError(f"{where}: every query has a permission, and says whether it is written down")
    return QueryRow(name, permission, string(row.get("audit"), where), row["written"] is True)


def _same(where: str, given: set[str], wanted: set[str]) -> None:
    if given != wanted:
        raise TableError(f"{where}: {', '.join(sorted(given ^ wanted))} is missing, or too many")
