"""Tables of the training province. Times are ISO 8601 text in UTC with microseconds; codes are the national ones."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, Table, Text, UniqueConstraint

METADATA = MetaData()

SEEDING = Table(
    "seeding",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("seed", Integer, nullable=False),
    Column("holders", Integer, nullable=False),
)

PERSONS = Table(
    "persons",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_ref", Text, nullable=False, unique=True),
    Column("citizen_number", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("sex_code", Text, nullable=False),
    Column("nation_code", Text, nullable=False),
    Column("birth_date", Text, nullable=False),
    Column("phone", Text, nullable=False),
    Column("person_code", Text, nullable=False),
    Column("note", Text),
)

# A person without any card has one row without card_id: what is under way for them.
CARDS = Table(
    "cards",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("card_id", Text, unique=True),
    Column("card_number", Text),
    Column("region_code", Text, nullable=False),
    Column("spec_version", Text, nullable=False),
    Column("issued", Text),
    Column("expires", Text),
    Column("social_code", Text, nullable=False, index=True),
    Column("production_code", Text, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("bank_name", Text, nullable=False),
    Column("bank_line", Text, nullable=False),
    Column("bank_account", Text, nullable=False),
    Column("register_code", Text, nullable=False),
    Column("replacement_open", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Column("changed_at", Text, nullable=False),
    Column("profile", Text),
)

INSURANCES = Table(
    "insurances",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("kind_code", Text, nullable=False),
    Column("state_code", Text),
    Column("region_code", Text),
    Column("since", Text),
)

CARD_CHECKS = Table(
    "card_checks",
    METADATA,
    Column("check_id", Text, primary_key=True),
    Column("card", ForeignKey("cards.id"), nullable=False),
    Column("device", Text, nullable=False),
    Column("authenticated", Boolean, nullable=False),
    Column("usable", Boolean, nullable=False),
    Column("at", Text, nullable=False),
)

LOOKUPS = Table(
    "lookups",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("at", Text, nullable=False),
)

OPERATIONS = Table(
    "operations",
    METADATA,
    Column("op_id", Text, primary_key=True),
    Column("device", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("device_seq", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("order_key", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_sm3", Text, nullable=False),
    Column("schema_ver", Integer, nullable=False),
    Column("occurred_at", Text, nullable=False),
    Column("base_version", Integer),
    Column("received_at", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("message", Text),
    Column("effect_at", Text),
    UniqueConstraint("device", "incarnation", "device_seq"),
)

# One row for each time that an operation changed the world; nothing here keeps it from happening twice, so that the
# ledger tells when it did.
EFFECTS = Table(
    "effects",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("op_id", Text, nullable=False, index=True),
    Column("card", ForeignKey("cards.id")),
    Column("kind", Text, nullable=False),
    Column("at", Text, nullable=False),
)

PROVINCE_KEY = Table(
    "province_key",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("private", Text, nullable=False),
    Column("public", Text, nullable=False),
)

DEVICES = Table(
    "devices",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("device", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("first_n", Integer, nullable=False),
    Column("first_key", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("signature", Text, nullable=False),
    UniqueConstraint("device", "incarnation"),
)

ANCHORS = Table(
    "anchors",
    METADATA,
    Column("anchor_no", Integer, primary_key=True),
    Column("device", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("n", Integer, nullable=False),
    Column("sm3", Text, nullable=False),
    Column("tag", Text, nullable=False),
    Column("made_at", Text, nullable=False),
    Column("device_signature", Text, nullable=False),
    Column("at", Text, nullable=False),
    Column("signature", Text, nullable=False),
    UniqueConstraint("device", "incarnation", "n"),
)

ALARMS = Table(
    "alarms",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("device", Text, nullable=False),
    Column("incarnation", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("n", Integer),
    Column("at", Text, nullable=False),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("card", ForeignKey("cards.id"), nullable=False),
    Column("social_code", Text, nullable=False),
    Column("production_code", Text, nullable=False),
    Column("person_code", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("tombstone", Text),
    Column("at", Text, nullable=False),
)

SEALING_KEYS = Table(
    "sealing_keys",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("private", Text, nullable=False),
    Column("public", Text, nullable=False),
    Column("at", Text, nullable=False),
)
