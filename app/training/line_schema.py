"""Tables of the training province's line: its authority, codes for enrolment, devices' keys and certificates.

Times are ISO 8601 text in UTC with microseconds; keys are hex, certificates PEM.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Integer, MetaData, Table, Text

LINE_METADATA = MetaData()

LINE_AUTHORITY = Table(
    "line_authority",
    LINE_METADATA,
    Column("id", Integer, primary_key=True),
    Column("certificate", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("signing_private", Text, nullable=False),
    Column("signing_public", Text, nullable=False),
    Column("sealing_private", Text, nullable=False),
    Column("sealing_public", Text, nullable=False),
)

# Only digests: who reads the file cannot enrol a device.
LINE_CODES = Table(
    "line_codes",
    LINE_METADATA,
    Column("code_sm3", Text, primary_key=True),
    Column("device", Text, nullable=False),
    Column("expires_at", Text, nullable=False),
    Column("used_at", Text),
)

LINE_KEYS = Table(
    "line_keys",
    LINE_METADATA,
    Column("key_id", Text, primary_key=True),
    Column("device", Text, nullable=False, index=True),
    Column("signing", Text, nullable=False),
    Column("public_key", Text, nullable=False),
    Column("shared_key", Text, nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("at", Text, nullable=False),
)

LINE_CERTIFICATES = Table(
    "line_certificates",
    LINE_METADATA,
    Column("fingerprint", Text, primary_key=True),
    Column("key_id", ForeignKey("line_keys.key_id"), nullable=False, index=True),
    Column("at", Text, nullable=False),
)
