"""The training bank's own tables, in the training province's file. Its accounts are those on the cards."""

from __future__ import annotations

from sqlalchemy import Column, Integer, MetaData, Table, Text

BANK_METADATA = MetaData()

BANK_SERIALS = Table(
    "bank_serials",
    BANK_METADATA,
    Column("serial", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("contents_sm3", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("at", Text, nullable=False),
)

BANK_LOSSES = Table(
    "bank_losses",
    BANK_METADATA,
    Column("account", Text, primary_key=True),
    Column("serial", Text, nullable=False),
)

# One row for each time that a serial changed an account; nothing here keeps it from happening twice, so that the
# ledger tells when it did.
BANK_EFFECTS = Table(
    "bank_effects",
    BANK_METADATA,
    Column("id", Integer, primary_key=True),
    Column("serial", Text, nullable=False, index=True),
    Column("at", Text, nullable=False),
)

BANK_ACCOUNTS = Table(
    "bank_accounts",
    BANK_METADATA,
    Column("account", Text, primary_key=True),
    Column("serial", Text, nullable=False, unique=True),
    Column("request_no", Text, nullable=False, index=True),
    Column("citizen_number", Text, nullable=False, index=True),
    Column("bank_line", Text, nullable=False),
    Column("at", Text, nullable=False),
)
