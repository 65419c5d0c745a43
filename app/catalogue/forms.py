"""The forms of the services, typed and checked when loaded: `resources/catalogue/forms.toml`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.tables import TableError, number, read_table, string, strings, table
from app.domain.operation import OperationKind
from app.domain.states import SocialState

_FIELD_KEYS = frozenset(
    {*("label", "kind", "known", "value", "choices", "longest"), *("pattern", "wrong", "sent_as", "on_paper", "mask")}
)


class FieldKind(StrEnum):
    """How a form field is entered."""

    TEXT = "text"
    CHOICE = "choice"
    READ_ONLY = "read_only"


class Known(StrEnum):
    """What of a visit can fill a field."""

    NAME = "name"
    CITIZEN_NUMBER = "citizen_number"
    CARD_NUMBER = "card_number"
    PHONE = "phone"


@dataclass(frozen=True)
class FieldRow:
    """One field; texts have its title under `fields.` and its choices' under `choices.`."""

    key: str
    label: str
    kind: FieldKind
    known: Known | None
    value: str
    """What stands in it where nothing is known."""
    choice_list: str
    choices: tuple[str, ...]
    longest: int | None
    """In code points; None for what is not typed."""
    pattern: str
    wrong: str
    sent_as: str
    """Its name in the payload; empty for what is not sent."""
    on_paper: bool
    mask: str


@dataclass(frozen=True)
class FormRow:
    """The form of one service."""

    fields: tuple[FieldRow, ...]
    required: frozenset[str]
    becomes: SocialState | None
    """The card's state afterwards; None where it stays."""
    offline_notice: str | None
    """Key of what the holder must be told when it waits for the province; None where it never waits."""
    account_becomes: str | None = None
    """Key of what becomes of the account behind the card; None where it stays."""


def load() -> Mapping[OperationKind, FormRow]:
    """Load every service's form; raises TableError naming the row."""
    content = read_table("catalogue", "forms.toml")
    choices = {
        name: strings(codes, f"forms.toml: choices.{name}")
        for name, codes in table(content.get("choices"), "choices").items()
    }
    fields = {key: _field(key, table(row, key), choices) for key, row in table(content.get("fields"), "fields").items()}
    return {
        OperationKind(name): _form(name, table(row, name), fields)
        for name, row in table(content.get("forms"), "forms").items()
    }


def _field(key: str, row: Mapping[str, object], choices: Mapping[str, tuple[str, ...]]) -> FieldRow:
    where = f"forms.toml: fields.{key}"

    def text(name: str, default: str = "") -> str:
        return string(row.get(name, default), where)

    if not row.keys() <= _FIELD_KEYS:
        raise TableError(f"{where}: {', '.join(sorted(row.keys() - _FIELD_KEYS))} says nothing of a field")
    kind, choice_list, value = FieldKind(text("kind")), text("choices"), text("value")
    if (kind is FieldKind.CHOICE) != (choice_list in choices) or (value and value not in choices.get(choice_list, ())):
        raise TableError(f"{where}: a choice has a list, and its value is one of it")
    if (kind is FieldKind.TEXT) != ("longest" in row) or bool(text("pattern")) != bool(text("wrong")):
        raise TableError(f"{where}: a text has its longest, and a pattern its code")
    re.compile(text("pattern"))
    return FieldRow(
        key=key,
        label=text("label", key),
        kind=kind,
        known=Known(text("known")) if "known" in row else None,
        value=value,
        choice_list=choice_list,
        choices=choices.get(choice_list, ()),
        longest=number(row["longest"], where) if "longest" in row else None,
        pattern=text("pattern"),
        wrong=text("wrong"),
        sent_as=text("sent_as"),
        on_paper=row.get("on_paper") is True,
        mask=text("mask"),
    )


def _form(name: str, row: Mapping[str, object], fields: Mapping[str, FieldRow]) -> FormRow:
    where = f"forms.toml: forms.{name}"
    keys, required = strings(row.get("fields"), where), strings(row.get("required"), where)
    if not set(keys) <= fields.keys() or not set(required) <= set(keys):
        raise TableError(f"{where} names a field that is not there")
    becomes = SocialState(string(row["becomes"], where)) if "becomes" in row else None
    notice = string(row["offline_notice"], where) if "offline_notice" in row else None
    account = string(row["account_becomes"], where) if "account_becomes" in row else None
    return FormRow(tuple(fields[key] for key in keys), frozenset(required), becomes, notice, account)
