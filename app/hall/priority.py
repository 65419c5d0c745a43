"""Who is called before others: `resources/catalogue/queue_priority.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.catalogue.tables import number, read_table, table


@dataclass(frozen=True)
class PriorityRule:
    """Priority by age."""

    from_age: int
    """Full years."""

    def goes_first(self, born: date | None, today: date) -> bool:
        """Tell whether somebody is old enough today; who tells no birth date is not."""
        if born is None:
            return False
        birthday_to_come = (today.month, today.day) < (born.month, born.day)
        return today.year - born.year - birthday_to_come >= self.from_age


def load_priority() -> PriorityRule:
    """Load the rule; raises TableError."""
    elder = table(read_table("catalogue", "queue_priority.toml").get("elder"), "queue_priority.toml: elder")
    return PriorityRule(number(elder.get("from_age"), "queue_priority.toml: from_age"))
