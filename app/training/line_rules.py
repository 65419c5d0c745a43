"""How the training province guards its line: `resources/training/line.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.catalogue.tables import number, read_table, table


@dataclass(frozen=True)
class LineRules:
    """How long certificates and codes last, and which requests are in time."""

    certificate: timedelta
    renewal: timedelta
    """Before the end of a certificate."""
    code: timedelta
    window: timedelta
    behind: int
    """A counter that far below the highest may still come, once."""
    body_s: float


def load() -> LineRules:
    """Load the table; raises TableError."""
    found = read_table("training", "line.toml")
    certificates, requests = table(found.get("certificates"), "certificates"), table(found.get("requests"), "requests")
    return LineRules(
        certificate=timedelta(days=number(certificates.get("days"), "days")),
        renewal=timedelta(days=number(certificates.get("renew_days"), "renew_days")),
        code=timedelta(minutes=number(certificates.get("code_minutes"), "code_minutes")),
        window=timedelta(seconds=number(requests.get("window_s"), "window_s")),
        behind=number(requests.get("behind"), "behind"),
        body_s=number(requests.get("body_s"), "body_s"),
    )
