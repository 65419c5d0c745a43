"""Persons as the journal knows them: a random reference, found again by keyed indexes of number and card.

Neither is stored. Whoever is known by a card only becomes the person of its number as soon as both are seen together;
what still waits for delivery then follows, so that one person has one ordering key (DESIGN.md rule 4).
"""

from __future__ import annotations

import uuid

from sqlalchemy import bindparam, insert, select, update

from app.journal import outbox
from app.journal.book import Book
from app.journal.digest import keyed_hex
from app.journal.tables import PERSON, PERSON_CARD
from app.journal.written_out import WrittenOut

_OF_INDEX = WrittenOut(select(PERSON.c.person_ref, PERSON.c.joined_to).where(PERSON.c.citizen_index == bindparam("of")))
_NAMELESS = WrittenOut(
    select(PERSON.c.person_ref).where(PERSON.c.citizen_index == bindparam("of"), PERSON.c.joined_to.is_(None))
)
_KNOWN_CARD = WrittenOut(select(PERSON_CARD.c.person_ref).where(PERSON_CARD.c.card_index == bindparam("of")))
_ADD = WrittenOut(insert(PERSON), ("person_ref", "citizen_index"))
_ADD_CARD = WrittenOut(insert(PERSON_CARD), ("card_index", "person_ref"))


def person_ref(book: Book, citizen_number: str | None, card_id: str | None) -> str:
    """Find or make a person's reference; raises ValueError when neither number nor card is known."""
    if citizen_number is None:
        if card_id is None:
            raise ValueError("neither number nor card")
        return _of_card(book, card_id) or _made(book, _index(book, card_id))
    by_number = _of_index(book, _index(book, citizen_number))
    if card_id is None:
        return by_number or _made(book, _index(book, citizen_number))
    nameless = _nameless(book, card_id)
    if by_number is None and nameless is not None:
        _name(book, nameless, citizen_number)
    found = by_number or nameless or _made(book, _index(book, citizen_number))
    if nameless is not None and nameless != found:
        _join(book, nameless, found)
    if _known_card(book, card_id) is None:
        _ADD_CARD.run(book.connection, {"card_index": _index(book, card_id), "person_ref": found})
    return found


def known_person(book: Book, citizen_number: str | None, card_id: str) -> str | None:
    """Return the reference of a person who was seen before, by number or card; makes nobody."""
    by_number = _of_index(book, _index(book, citizen_number)) if citizen_number is not None else None
    return by_number or _of_card(book, card_id)


def same_person(book: Book, citizen_number: str, card_id: str) -> bool:
    """Tell whether a card is known to be the person's who has this number; makes nobody."""
    of_card = _of_card(book, card_id)
    return of_card is not None and of_card == _of_index(book, _index(book, citizen_number))


def set_bank_line(book: Book, card_id: str, line: str) -> None:
    """Remember the telephone line of the bank that issued a known card."""
    book.connection.execute(
        update(PERSON_CARD).where(PERSON_CARD.c.card_index == _index(book, card_id)).values(bank_line=line)
    )


def bank_line(book: Book, card_id: str) -> str | None:
    """Return the telephone line of a card's bank, if this machine has seen it."""
    return book.connection.scalar(
        select(PERSON_CARD.c.bank_line).where(PERSON_CARD.c.card_index == _index(book, card_id))
    )


def card_index(book: Book, card_id: str) -> str:
    """Return the keyed index under which a card is found again."""
    return _index(book, card_id)


def _index(book: Book, value: str) -> str:
    return keyed_hex(book.keys.citizen_index, value.upper().encode())


def _of_index(book: Book, index: str) -> str | None:
    """Return the person of a number, or of a card that nothing else is known of."""
    row = _OF_INDEX.row(book.connection, {"of": index})
    if row is None:
        return None
    person: str
    joined_to: str | None
    person, joined_to = row
    return joined_to or person


def _nameless(book: Book, card_id: str) -> str | None:
    """Return the person of whom nothing but this card is known."""
    found: str | None = _NAMELESS.scalar(book.connection, {"of": _index(book, card_id)})
    return found


def _known_card(book: Book, card_id: str) -> str | None:
    found: str | None = _KNOWN_CARD.scalar(book.connection, {"of": _index(book, card_id)})
    return found


def _of_card(book: Book, card_id: str) -> str | None:
    return _known_card(book, card_id) or _of_index(book, _index(book, card_id))


def _made(book: Book, index: str) -> str:
    made = str(uuid.uuid4())
    _ADD.run(book.connection, {"person_ref": made, "citizen_index": index})
    return made


def _name(book: Book, ref: str, citizen_number: str) -> None:
    index = _index(book, citizen_number)
    book.connection.execute(update(PERSON).where(PERSON.c.person_ref == ref).values(citizen_index=index))


def _join(book: Book, ref: str, to: str) -> None:
    book.connection.execute(update(PERSON).where(PERSON.c.person_ref == ref).values(joined_to=to))
    outbox.rekey(book, ref, to)
