"""Anchors: the head of a device's audit chain, signed by the device and countersigned by the province.

Digests, keys and signatures are lower-case hex; times are ISO 8601 in UTC. Each kind of signed text begins with its
own name, so that a signature under one is none under another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from app.domain.audit import NOTHING, Link
from app.domain.downlink import SealingKey
from app.domain.operation import canonical_json


@dataclass(frozen=True)
class Enrolment:
    """What the province learns of a device at the first contact: its public key and its audit chain's first key."""

    device: str
    incarnation: str
    first_n: int
    """The first row that is tagged under the first key."""
    first_key: str = field(repr=False)
    public_key: str
    signature: str = ""
    """The device's, over the rest: whoever enrols holds the private key."""


@dataclass(frozen=True)
class EnrolmentReceipt:
    """The province's word that it has the first key; the device pins `province_key` from it."""

    device: str
    incarnation: str
    first_key_sm3: str
    public_key: str
    province_key: str
    at: str
    signature: str = ""


@dataclass(frozen=True)
class Anchor:
    """The head of the chain as the device signs it, and the row that it takes to be the last one anchored.

    That row shows that the chain still has what was countersigned: an older copy of the file could otherwise grow past
    the last anchor where nobody sees it.
    """

    device: str
    incarnation: str
    n: int
    sm3: str
    tag: str
    at: str
    after_n: int = 0
    after_sm3: str = NOTHING.hex()
    """As the device has that row now; nothing for none."""
    signature: str = ""


@dataclass(frozen=True)
class Countersigned:
    """The province's word that row `n` was this; it stands alone, wherever it is kept."""

    device: str
    incarnation: str
    anchor_no: int
    n: int
    sm3: str
    at: str
    signature: str = ""


@dataclass(frozen=True)
class AuditPage:
    """Rows of a chain for the province to check, from `after` + 1 on."""

    device: str
    incarnation: str
    after: int
    rows: Sequence[Link]


@dataclass(frozen=True)
class AuditFinding:
    """What the province found in a page; `anchored_rows` is the last row that it has countersigned."""

    first_bad: int | None
    reason: str | None
    anchored_rows: int


@dataclass(frozen=True)
class LastSequence:
    """The highest device_seq that the province has of one incarnation, and what it was."""

    incarnation: str
    device_seq: int
    op_id: str
    payload_sm3: str


Signed = Enrolment | EnrolmentReceipt | Anchor | Countersigned | SealingKey

_KINDS: Mapping[type, str] = {
    Enrolment: "enrolment",
    EnrolmentReceipt: "enrolment-receipt",
    Anchor: "anchor",
    Countersigned: "countersigned",
    SealingKey: "sealing-key",
}


def signed_text(value: Signed) -> bytes:
    """Return what a signature covers: the kind's name, then everything but the signature as canonical JSON."""
    fields: Mapping[str, object] = {name: part for name, part in vars(value).items() if name != "signature"}
    return f"yikatong/{_KINDS[type(value)]}/1\n{canonical_json(fields)}".encode()
