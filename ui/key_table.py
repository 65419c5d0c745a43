"""The keys of the counter, read from one table that drives shortcuts, key bar and the F1 sheet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.tables import TableError, read_table, rows, string, strings

EVERYWHERE = "*"
BEFORE_WORK = ("sign_in", "lock")
"""Screens that "*" does not mean: nobody is at work there."""


class Action(StrEnum):
    """What a key or a button asks of the window."""

    HELP = "help"
    READ_CARD = "read_card"
    READ_ID = "read_id"
    SCAN = "scan"
    REVEAL = "reveal"
    CALL_NEXT = "call_next"
    ISSUE_NUMBER = "issue_number"
    RECALL = "recall"
    NO_SHOW = "no_show"
    REFRESH = "refresh"
    PRINT = "print"
    FINISH = "finish"
    PALETTE = "palette"
    BACK = "back"
    LOCK = "lock"
    NEXT = "next"
    REGION_WORK = "region_work"
    REGION_SIDE = "region_side"
    REGION_KEYS = "region_keys"
    SYNC_CENTRE = "sync_centre"
    SECOND_PERSON = "second_person"
    SIGN_OUT = "sign_out"


class Place(StrEnum):
    """Where in the key bar a key stands."""

    LEFT = "left"
    RIGHT = "right"
    NONE = "none"


@dataclass(frozen=True)
class KeyRow:
    """One key and what it does."""

    action: Action
    keys: str
    """Portable Qt key sequence, such as Shift+F7."""
    label: str
    """Key among the texts."""
    where: tuple[str, ...]
    bar: Place
    act: bool = False
    hold: bool = False

    @property
    def shown(self) -> str:
        """Return the keys as the bar shows them."""
        return shown_keys(self.keys)

    def acts_on(self, screen: str) -> bool:
        """Tell whether the key does something on a screen."""
        return screen in self.where or (EVERYWHERE in self.where and screen not in BEFORE_WORK)


def shown_keys(keys: str) -> str:
    """Write a key sequence the way people say it: ⇧F7, Ctrl+Enter."""
    return keys.replace("Return", "Enter") if not keys.startswith("Shift+F") else f"⇧{keys[6:]}"


def load() -> tuple[KeyRow, ...]:
    """Load the table; raises TableError for a key or an action that is given twice."""
    table = tuple(_row(row) for row in rows(read_table("catalogue", "keys.toml").get("keys"), "keys.toml"))
    for values, what in (([row.keys for row in table], "key"), ([row.action for row in table], "action")):
        if len(set(values)) != len(values):
            raise TableError(f"keys.toml: a {what} is given twice")
    return table


def _row(row: Mapping[str, object]) -> KeyRow:
    where = f"keys.toml: {row.get('action')}"
    return KeyRow(
        action=Action(string(row.get("action"), where)),
        keys=string(row.get("keys"), where),
        label=string(row.get("label"), where),
        where=strings(row.get("where"), where),
        bar=Place(string(row.get("bar"), where)),
        act=row.get("act") is True,
        hold=row.get("hold") is True,
    )
