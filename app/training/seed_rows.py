"""Seeded people as rows of the training province's tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from app.training.foreign_papers import RESIDENT_ID
from app.training.people import SeedCard, SeedInsurance, SeedPerson
from app.training.store import stamp

# Seeded states are older than anything a counter will ever report.
LONG_AGO = datetime(2024, 1, 1, tzinfo=UTC)
_PATH = ("11", "21", "23", "41", "42", "45")
_FAILED = {"80": ("11", "21", "80"), "85": ("11", "21", "23", "41", "42", "85"), "24": ("11", "21", "23", "24")}
_WORDS = {"80": ("BANK-ID-EXPIRED", "证件有效期已过"), "85": ("MAKING-FAILED", "写芯片失败")}
Row = dict[str, object]


def person_row(person: SeedPerson, person_id: int) -> Row:
    """Return the row of `persons`."""
    return {
        "id": person_id,
        "person_ref": person.person_ref,
        "citizen_number": person.citizen_number,
        "name": person.name,
        "sex_code": person.sex_code,
        "nation_code": person.nation_code,
        "birth_date": person.birth_date.isoformat(),
        "phone": person.phone,
        "person_code": person.person_code,
        "note": person.note,
    }


def card_row(card: SeedCard, person_id: int, key: int) -> Row:
    """Return the row of `cards`."""
    row: Row = dict(vars(card))
    return row | {
        "id": key,
        "person_id": person_id,
        "issued": card.issued.isoformat() if card.issued else None,
        "expires": card.expires.isoformat() if card.expires else None,
        "changed_at": stamp(LONG_AGO),
    }


def insurance_row(insurance: SeedInsurance, person_id: int) -> Row:
    """Return the row of `insurances`."""
    row: Row = dict(vars(insurance))
    return row | {"person_id": person_id, "since": insurance.since.isoformat() if insurance.since else None}


def paper_rows(person: SeedPerson, person_id: int) -> Iterator[Row]:
    """Return the row of `person_papers`, where there is more to say than a resident ID."""
    if person.id_type != RESIDENT_ID or person.bank_trouble is not None:
        yield {
            "person_id": person_id,
            "id_type": person.id_type,
            "id_expires": person.id_expires.isoformat() if person.id_expires else None,
            "country": person.country,
            "bank_trouble": person.bank_trouble,
        }


def stand_in_rows(person: SeedPerson, person_id: int, first_id: int) -> Iterator[Row]:
    """Return who stands in for a person."""
    if person.stands_in is not None:
        yield {"person_id": person_id, "stand_in": first_id + person.stands_in[0], "relation": person.stands_in[1]}


def request_rows(person: SeedPerson, person_id: int, card_key: int) -> Iterator[tuple[Row, Sequence[Row]]]:
    """Return what is under way for a person, with the steps that it went through."""
    card = person.cards[-1]
    under_way = card.production_code if card.card_id is None or card.production_code == _PATH[-1] else ""
    if card.replacement_open:
        under_way = card.production_code if card.production_code in (*_PATH, "24") else "11"
    if not under_way:
        return
    path = _FAILED.get(under_way) or _PATH[: _PATH.index(under_way) + 1]
    failure = _WORDS.get(under_way, (person.bank_trouble if under_way == "80" else None, None))
    request_no = f"{card.region_code}20231201{person_id:08d}"
    opened = under_way in ("23", "41", "42", "24", "85", "45")
    request: Row = {
        "request_no": request_no,
        "person_id": person_id,
        "card": card_key,
        "service": "replace_lost" if card.replacement_open else "first_issue",
        "making_type": "2" if card.replacement_open else "1",
        "bank_line": card.bank_line,
        "bank_account": card.bank_account if opened else "",
        "step_code": under_way,
        "failure_code": failure[0],
        "failure_text": failure[1],
        "open": True,
    }
    first = LONG_AGO - timedelta(days=30)
    steps: list[Row] = [
        {"request_no": request_no, "step_code": code, "at": stamp(first + timedelta(days=days))}
        for days, code in enumerate(path)
    ]
    yield request, steps
