"""The journal's tables as the program reads and writes them; migrations make them.

Times are ISO 8601 text in UTC; JSON is canonical; digests are 64 hex digits of SM3, but bytes in the audit chain, where
every row is read at each verification. `sealed_columns` says which bytes are envelopes.
"""

from __future__ import annotations

from sqlalchemy import BLOB, INTEGER, REAL, TEXT, Column, Computed, MetaData, Table

METADATA = MetaData()


def _text(name: str, *, key: bool = False, null: bool = False) -> Column[str]:
    return Column(name, TEXT, primary_key=key, nullable=null)


def _number(name: str, *, key: bool = False, null: bool = False) -> Column[int]:
    return Column(name, INTEGER, primary_key=key, nullable=null)


def _bytes(name: str, *, null: bool = False) -> Column[bytes]:
    return Column(name, BLOB, nullable=null)


def _read_out(name: str) -> Column[str]:
    return Column(name, TEXT, Computed(f"json_extract(entry, '$.{name}')", persisted=False))


META = Table("meta", METADATA, _text("key", key=True), _text("value"))

COUNTER = Table("counter", METADATA, _text("name", key=True), _number("value"))

PERSON = Table(
    "person",
    METADATA,
    _text("person_ref", key=True),
    # Of the citizen number; of the card while nothing else is known of the person.
    _text("citizen_index"),
    # Whom a person who was known by a card only turned out to be.
    _text("joined_to", null=True),
)

PERSON_CARD = Table(
    "person_card", METADATA, _text("card_index", key=True), _text("person_ref"), _text("bank_line", null=True)
)

OPERATION = Table(
    "operation",
    METADATA,
    _text("op_id", key=True),
    _text("kind"),
    _text("order_key"),
    _bytes("payload"),
    _text("payload_sm3"),
    _text("occurred_at"),
    Column("occurred_mono", REAL, nullable=False),
    _text("boot_id"),
    _text("clerk"),
    _text("acceptance_no"),
    _number("base_version", null=True),
    _number("schema_ver"),
)

DELIVERY = Table(
    "delivery",
    METADATA,
    _text("op_id", key=True),
    _text("destination", key=True),
    _number("device_seq"),
    _text("order_key"),
    _text("state"),
    _number("attempts"),
    # A lease while sending, a wait while queued: the row is left alone until then, in that boot only.
    _text("hold_boot", null=True),
    Column("hold_until", REAL),
    _text("reason", null=True),
    _bytes("message", null=True),
    _text("effect_at", null=True),
    _text("answered_at", null=True),
)

AUDIT = Table(
    "audit",
    METADATA,
    _number("n", key=True),
    # What is chained: the row's canonical JSON. The columns below are only read out of it.
    _text("entry"),
    _bytes("sm3"),
    _bytes("tag"),
    *(_read_out(name) for name in ("at", "actor", "event", "op_id", "result", "detail")),
)

AUDIT_V1 = Table(
    "audit_v1",
    METADATA,
    _number("n", key=True),
    _text("at"),
    _text("actor"),
    _text("event"),
    _text("op_id", null=True),
    _text("result"),
    _text("detail"),
    _text("prev_sm3"),
    _text("sm3"),
)

AUDIT_START = Table("audit_start", METADATA, _number("one", key=True), _number("n"), _text("v1_sm3"), _bytes("sm3"))

AUDIT_HEAD = Table("audit_head", METADATA, _number("one", key=True), _number("n"), _bytes("sm3"))

# Apart from the head: its page is written when a key changes, not with every row, so that old keys are copied least.
AUDIT_KEY = Table(
    "audit_key",
    METADATA,
    _number("one", key=True),
    _number("epoch"),
    _bytes("key"),
    _bytes("first_key", null=True),
    # The last row before those under the first key, where a restore made a new one; else that of `audit_start`.
    _number("after_n", null=True),
)

DEVICE_KEY = Table(
    "device_key",
    METADATA,
    _number("one", key=True),
    _bytes("private"),
    _bytes("public"),
    _bytes("province_key", null=True),
)

ANCHOR = Table(
    "anchor",
    METADATA,
    _text("incarnation", key=True),
    _number("n", key=True),
    _text("device"),
    _number("anchor_no"),
    _text("sm3"),
    _text("at"),
    _text("signature"),
)

RECEIPT = Table(
    "receipt",
    METADATA,
    _text("job_id", key=True),
    _text("op_id"),
    _text("title"),
    _bytes("pdf"),
    _text("pdf_sm3"),
    _text("created_at"),
)

PRINT_JOB = Table(
    "print_job",
    METADATA,
    _text("job_id", key=True),
    _number("copy", key=True),
    _text("state"),
    _text("spool_id", null=True),
    _text("at"),
)

TASK = Table(
    "task",
    METADATA,
    _text("op_id", key=True),
    _text("destination", key=True),
    _text("reason"),
    _bytes("message", null=True),
    _text("next_action"),
    _text("since"),
    _text("closed_at", null=True),
    _text("closed_by", null=True),
    _bytes("note", null=True),
)

CLOCK_CHECK = Table(
    "clock_check",
    METADATA,
    _number("one", key=True),
    _text("at"),
    Column("monotonic", REAL, nullable=False),
    _text("boot_id"),
    Column("offset_s", REAL, nullable=False),
)

DOWNLINK = Table("downlink", METADATA, _number("one", key=True), _number("cursor"), _text("at"))

SEALING_KEY = Table(
    "sealing_key", METADATA, _number("one", key=True), _text("public_key"), _text("at"), _text("signature")
)

KNOWN_CARD = Table(
    "known_card",
    METADATA,
    _text("card_index", key=True),
    _text("person_ref"),
    _text("social"),
    _text("person"),
    _number("version"),
    _text("tombstone", null=True),
    _text("as_of"),
)

CHANGE_ASIDE = Table(
    "change_aside",
    METADATA,
    _number("seq", key=True),
    _text("card_index"),
    _text("social"),
    _text("person"),
    _number("version"),
    _text("tombstone", null=True),
    _text("as_of"),
)
