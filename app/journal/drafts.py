"""Drafts: a form as typed so far, so that a crash loses no keystroke that was saved."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import delete, select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.operation import canonical_json
from app.journal.book import Book, at
from app.journal.tables import DRAFT


def save(book: Book, key: str, value: Mapping[str, str]) -> None:
    """Keep a draft under a key, instead of what was there."""
    values = {"value": canonical_json(value), "at": at(book)}
    book.connection.execute(
        upsert(DRAFT).values(key=key, **values).on_conflict_do_update(index_elements=["key"], set_=values)
    )


def draft(book: Book, key: str) -> Mapping[str, str] | None:
    """Return a draft."""
    stored = book.connection.scalar(select(DRAFT.c.value).where(DRAFT.c.key == key))
    if stored is None:
        return None
    fields: dict[str, str] = json.loads(stored)
    return fields


def drop(book: Book, key: str) -> None:
    """Forget a draft."""
    book.connection.execute(delete(DRAFT).where(DRAFT.c.key == key))
