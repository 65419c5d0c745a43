"""The fictional people who sign in while training: `resources/catalogue/training_staff.toml`."""

from __future__ import annotations

from dataclasses import dataclass

from app.catalogue.tables import read_table, rows, string, strings


@dataclass(frozen=True)
class TrainingPerson:
    """One of them."""

    staff_no: str
    name: str
    person_id: str
    roles: tuple[str, ...]


@dataclass(frozen=True)
class TrainingStaff:
    """All of them, and the password that each has."""

    password: str
    people: tuple[TrainingPerson, ...]


def load() -> TrainingStaff:
    """Load the table; the first person is the one that the sign-in names."""
    found = read_table("catalogue", "training_staff.toml")
    people = tuple(
        TrainingPerson(
            staff_no=string(row.get("staff_no"), "staff_no"),
            name=string(row.get("name"), "name"),
            person_id=string(row.get("person_id"), "person_id"),
            roles=strings(row.get("roles"), "roles"),
        )
        for row in rows(found.get("staff"), "staff")
    )
    return TrainingStaff(string(found.get("password"), "password"), people)
