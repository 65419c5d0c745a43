"""What receipts say by outcome, typed and checked when loaded: `resources/catalogue/receipts.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from app.catalogue.tables import TableError, read_table, string, strings, table
from app.domain.operation import OperationKind


class Ending(StrEnum):
    """What became of an operation, as far as paper tells it."""

    APPLIED = "applied"
    OFFLINE = "offline"
    """Taken while the province was away; it waits."""
    PENDING = "pending"
    """The province was there and has not answered yet."""
    REJECTED = "rejected"
    CONFLICT = "conflict"


class Check(StrEnum):
    """How 卡鉴权 went."""

    OFFLINE = "offline"
    BEFORE_OFFLINE = "before_offline"
    NOT_DONE = "not_done"
    PASSED = "passed"
    NOT_PASSED = "not_passed"


@dataclass(frozen=True)
class EndingRow:
    """Keys of texts."""

    result: str
    notices: tuple[str, ...]


@dataclass(frozen=True)
class ReceiptTable:
    """The whole table; values are keys of texts."""

    endings: Mapping[OperationKind, Mapping[Ending, EndingRow]]
    checks: Mapping[Check, str]
    check_reasons: Mapping[str, str]
    """By code of the province's reason, instead of NOT_PASSED."""


def load() -> ReceiptTable:
    """Load the table; raises TableError naming the row."""
    content = read_table("catalogue", "receipts.toml")
    checks = table(content.get("check"), "receipts.toml: check")
    reasons = table(checks.get("reasons"), "receipts.toml: check.reasons")
    if content.keys() != {"check", *OperationKind}:
        raise TableError("receipts.toml: every service has its endings, and no other")
    return ReceiptTable(
        {kind: _endings(kind, table(content.get(kind), kind)) for kind in OperationKind},
        {check: string(checks.get(check), f"receipts.toml: check.{check}") for check in Check},
        {code: string(key, f"receipts.toml: check.reasons.{code}") for code, key in reasons.items()},
    )


def _endings(kind: OperationKind, rows: Mapping[str, object]) -> Mapping[Ending, EndingRow]:
    found = {}
    for ending in Ending:
        where = f"receipts.toml: {kind}.{ending}"
        row = table(rows.get(ending), where)
        found[ending] = EndingRow(string(row.get("result"), where), strings(row.get("notices"), where))
    return found
