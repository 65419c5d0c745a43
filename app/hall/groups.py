"""The queue's business groups: `resources/catalogue/queue_groups.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.tables import TableError, read_table, rows, string


@dataclass(frozen=True)
class QueueGroup:
    """One business group; `title` is the key of its text."""

    letter: str
    title: str


def load_groups() -> tuple[QueueGroup, ...]:
    """Load the groups in the order they are shown; raises TableError for a letter that is none or given twice."""
    groups = tuple(
        QueueGroup(string(row.get("letter"), "letter"), string(row.get("title"), "title"))
        for row in rows(read_table("catalogue", "queue_groups.toml").get("group"), "group")
    )
    letters = [group.letter for group in groups]
    if len(set(letters)) != len(letters) or not all(len(letter) == 1 and letter.isalpha() for letter in letters):
        raise TableError("queue_groups.toml: each letter is one letter, given once")
    return groups
