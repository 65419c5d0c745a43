"""Tables of the training province's services. Times as in `schema`; steps are codes of aac018."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, Table, Text, UniqueConstraint

from app.training.schema import METADATA

# What a write answered, by the serial that the device gave it: asked again, the same is answered.
SERIALS = Table(
    "service_serials",
    METADATA,
    Column("serial", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("contents_sm3", Text, nullable=False),
    Column("reply", Text, nullable=False),
    Column("at", Text, nullable=False),
)

REQUESTS = Table(
    "requests",
    METADATA,
    Column("request_no", Text, primary_key=True),
    Column("op_id", Text, unique=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("card", ForeignKey("cards.id"), nullable=False, index=True),
    Column("service", Text, nullable=False),
    Column("making_type", Text, nullable=False),
    Column("bank_line", Text, nullable=False),
    Column("bank_account", Text, nullable=False),
    Column("step_code", Text, nullable=False),
    Column("failure_code", Text),
    Column("failure_text", Text),
    Column("locked_by", Text),
    Column("batch_no", Text),
    Column("open", Boolean, nullable=False),
)

REQUEST_STEPS = Table(
    "request_steps",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("request_no", ForeignKey("requests.request_no"), nullable=False, index=True),
    Column("step_code", Text, nullable=False),
    Column("at", Text, nullable=False),
)

MAKING_RESULTS = Table(
    "making_results",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("request_no", ForeignKey("requests.request_no"), nullable=False, index=True),
    Column("made", Boolean, nullable=False),
    Column("card_id", Text),
    Column("device", Text, nullable=False),
    Column("failed_stage", Text),
    Column("failure_text", Text),
    Column("at", Text, nullable=False),
)

PHOTOS = Table(
    "photos",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("jpeg", Text, nullable=False),
    Column("sm3", Text, nullable=False),
    Column("taken", Text, nullable=False),
)

APPOINTMENTS = Table(
    "appointments",
    METADATA,
    Column("appointment_no", Text, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False, index=True),
    Column("point", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("slot", Text, nullable=False),
    Column("service", Text, nullable=False),
    Column("state", Text, nullable=False),
)

RATINGS = Table(
    "ratings",
    METADATA,
    Column("rating_no", Text, primary_key=True),
    Column("op_id", Text, nullable=False, unique=True),
    Column("level", Integer, nullable=False),
    Column("items", Text, nullable=False),
    Column("comment", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("at", Text, nullable=False),
)

TERMINALS = Table(
    "terminals",
    METADATA,
    Column("terminal_no", Text, primary_key=True),
    Column("device", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("model", Text, nullable=False),
    Column("region_code", Text, nullable=False),
    Column("position", Text, nullable=False),
    Column("registered", Boolean, nullable=False),
    Column("at", Text, nullable=False),
)

NOTICES = Table(
    "notices",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("starts", Text, nullable=False),
    Column("ends", Text),
)

# What is known of a person beside `persons`: own kinds of papers, who stands in for them, and what their bank says.
PERSON_PAPERS = Table(
    "person_papers",
    METADATA,
    Column("person_id", ForeignKey("persons.id"), primary_key=True),
    Column("id_type", Text, nullable=False),
    Column("id_expires", Text),
    Column("country", Text, nullable=False),
    Column("bank_trouble", Text),
)

STAND_INS = Table(
    "stand_ins",
    METADATA,
    Column("id", Integer, primary_key=True),
    Column("person_id", ForeignKey("persons.id"), nullable=False),
    Column("stand_in", ForeignKey("persons.id"), nullable=False),
    Column("relation", Text, nullable=False),
    UniqueConstraint("person_id", "stand_in"),
)
