"""The catalogue of services, commands and roles, typed and checked when loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue import forms
from app.catalogue.forms import FormRow
from app.catalogue.permissions import Matrix, QueryRow, RoleRow, load_matrix, load_queries
from app.catalogue.tables import TableError, number, read_table, string, strings, table
from app.domain.operation import OperationKind
from app.domain.states import SocialState

APPROVE = "approve"
"""The command by which a second person signs."""


class OfflineClass(StrEnum):
    """What a command may do while the province is away (DESIGN.md rule 1)."""

    FREE = "free"
    LIMITED = "limited"
    NEVER = "never"


class CardGate(StrEnum):
    """What a command wants of the holder's card (人社部发〔2024〕6号: 卡认证 and 卡鉴权 at every use)."""

    NONE = "none"
    READ = "read"
    """未认证读卡 is enough: nothing of the holder is opened or changed."""
    PROVED = "proved"


class SecondPerson(StrEnum):
    """Whether another natural person must sign."""

    NONE = "none"
    SAMPLE = "sample"
    NOW = "now"


class Guard(StrEnum):
    """What must hold before a service may start; `app/services/guards.py` looks, guards.toml says what is told."""

    OTHER_RECORD = "other_record"
    PERSON_ALIVE = "person_alive"
    NOTHING_WAITING = "nothing_waiting"
    CARD_STATE = "card_state"
    CODES_KNOWN = "codes_known"
    CARD_PROVED = "card_proved"
    NO_REPLACEMENT_OPEN = "no_replacement_open"
    PROFILE_SEEN = "profile_seen"


@dataclass(frozen=True)
class GuardRow:
    """One guard: the code told where it does not hold; None where the service's own table has it."""

    guard: Guard
    code: str | None
    lists: frozenset[str] = frozenset()
    """Of CODES_KNOWN: the code lists that it looks at; of NOTHING_WAITING: the kinds of operations."""


@dataclass(frozen=True)
class CommandRow:
    """The declaration of one command."""

    name: str
    permission: str
    offline: OfflineClass
    audit: str
    second_person: SecondPerson
    card: CardGate
    approvers: frozenset[str] = frozenset()
    """Roles that may be the second person; of NOW only."""


@dataclass(frozen=True)
class SecondPersonRule:
    """How long a second person's signature is good for, and how many commands are looked at afterwards."""

    valid_s: int
    sample_one_in: int


@dataclass(frozen=True)
class ServiceRow:
    """One service: when it may start and why not otherwise."""

    kind: OperationKind
    code: str
    title: str
    """Key of its name among the texts."""
    pinyin: str
    command: str
    guards: tuple[GuardRow, ...]
    """In the order in which they are asked."""
    allowed_from: frozenset[SocialState]
    refusals: Mapping[SocialState, str]
    needs_card: bool
    """Whether the very card that was read must lie in the reader when the form is submitted."""
    saga: str | None = None
    """The saga that carries it out; None where the operation alone does."""


@dataclass(frozen=True)
class Catalogue:
    """All rows of one place."""

    services: Mapping[OperationKind, ServiceRow]
    forms: Mapping[OperationKind, FormRow]
    commands: Mapping[str, CommandRow]
    queries: Mapping[str, QueryRow]
    roles: Mapping[str, RoleRow]
    matrix: Matrix
    second_person: SecondPersonRule

    def permissions(self, roles: Collection[str]) -> frozenset[str]:
        """Return everything that a set of roles may do."""
        return frozenset(permission for row in self._rows(roles) for permission in row.permissions)

    def titles(self, roles: Collection[str]) -> tuple[str, ...]:
        """Return the keys of what roles are called, in the table's order."""
        return tuple(row.title for row in self._rows(roles))

    def apart(self, roles: Collection[str]) -> frozenset[str]:
        """Return the roles that nobody has beside any of some roles."""
        named = frozenset(other for row in self._rows(roles) for other in row.apart)
        return named | frozenset(name for name, row in self.roles.items() if row.apart & frozenset(roles))

    def _rows(self, roles: Collection[str]) -> tuple[RoleRow, ...]:
        return tuple(row for name, row in self.roles.items() if name in roles)


def load() -> Catalogue:
    """Load and check the national tables; raises TableError naming file and row."""
    commands = {
        name: _command(name, table(row, name)) for name, row in read_table("catalogue", "commands.toml").items()
    }
    guards = _guards()
    services = [
        _service(name, table(row, name), guards) for name, row in read_table("catalogue", "services.toml").items()
    ]
    for service in services:
        if service.command not in commands:
            raise TableError(f"services.toml: {service.kind} names no command of commands.toml")
        if commands[service.command].card is not CardGate.PROVED:
            raise TableError(f"commands.toml: {service.command} serves a holder, so the card has to be proved")
    queries = load_queries()
    matrix, roles = load_matrix(
        {name: command.permission for name, command in commands.items()},
        {name: query.permission for name, query in queries.items()},
    )
    for command in commands.values():
        _check_approvers(command, matrix)
    form_rows = forms.load()
    if form_rows.keys() != {service.kind for service in services}:
        raise TableError("forms.toml: every service of services.toml has a form, and no other")
    by_kind = {service.kind: service for service in services}
    return Catalogue(by_kind, form_rows, commands, queries, roles, matrix, _second_person())


def _command(name: str, row: Mapping[str, object]) -> CommandRow:
    where = f"commands.toml: {name}"
    return CommandRow(
        name,
        string(row.get("permission"), where),
        OfflineClass(string(row.get("offline"), where)),
        string(row.get("audit"), where),
        SecondPerson(string(row.get("second_person"), where)),
        CardGate(string(row.get("card"), where)),
        frozenset(strings(row.get("approvers", []), where)),
    )


def _check_approvers(command: CommandRow, matrix: Matrix) -> None:
    unable = [role for role in command.approvers if not matrix.commands[APPROVE].get(role, False)]
    if unable or bool(command.approvers) != (command.second_person is SecondPerson.NOW):
        raise TableError(f"commands.toml: {command.name} names approvers, who may approve, where second_person is now")


def _second_person() -> SecondPersonRule:
    found = read_table("catalogue", "second_person.toml")
    return SecondPersonRule(
        *(number(found.get(key), f"second_person.toml: {key}") for key in ("valid_s", "sample_one_in"))
    )


def _guards() -> Mapping[str, GuardRow]:
    found = {}
    for name, value in read_table("catalogue", "guards.toml").items():
        where = f"guards.toml: {name}"
        row = table(value, where)
        if name not in tuple(Guard) or ("code" in row) == (name == Guard.CARD_STATE):
            raise TableError(f"{where} is no guard, or its code is missing")
        code = string(row["code"], where) if "code" in row else None
        found[name] = GuardRow(Guard(name), code, frozenset(strings(row.get("lists", []), where)))
    return found


def _service(name: str, row: Mapping[str, object], guards: Mapping[str, GuardRow]) -> ServiceRow:
    where = f"services.toml: {name}"
    asked = strings(row.get("guards"), where)
    unknown = [guard for guard in asked if guard not in guards]
    if unknown:
        raise TableError(f"{where}: guards.toml has no {', '.join(unknown)}")
    allowed = frozenset(SocialState(state) for state in strings(row.get("from"), where))
    refusals = {SocialState(state): string(code, where) for state, code in table(row.get("refusals"), where).items()}
    for state in SocialState:
        if (state in allowed) == (state in refusals):
            raise TableError(f"{where}: {state} must stand either in `from` or in `refusals`")
    return ServiceRow(
        kind=OperationKind(name),
        code=string(row.get("code"), where),
        title=string(row.get("title"), where),
        pinyin=string(row.get("pinyin"), where),
        command=string(row.get("command"), where),
        guards=tuple(guards[guard] for guard in asked),
        allowed_from=allowed,
        refusals=refusals,
        needs_card=row.get("needs_card") is True,
        saga=string(row["saga"], where) if "saga" in row else None,
    )
