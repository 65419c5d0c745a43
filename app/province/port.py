"""The door to the provincial platform: what may be asked of it. Every call may block; never on the GUI thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.domain.anchor import (
    Anchor,
    AuditFinding,
    AuditPage,
    Countersigned,
    Enrolment,
    EnrolmentReceipt,
    LastSequence,
)
from app.domain.downlink import ChangePage, SealingKey
from app.domain.operation import OperationKind, Outcome
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState

NOT_OFFERED = "PROVINCE-NOT-OFFERED"
"""The code of an operation that a province does not have at all."""


@dataclass(frozen=True)
class HsmRequest:
    """Step 1 of the two-step HSM flow (card.md 2.6). Random values are hex."""

    region: str
    history: str
    """The 13 historical bytes of the ATR, hex."""
    algorithm: str
    """FCI tag 86: 01 3DES, 03 SM4."""
    card_id: str
    internal_process: str
    internal_original: str
    external_process: str
    external_original: str
    """Both external values are empty unless the card is 3.0."""


@dataclass(frozen=True)
class HsmAnswer:
    """What the HSM computed: `鉴别8‖原始8` as 32 hex digits each; external is empty unless asked for."""

    internal: str
    external: str


@dataclass(frozen=True)
class CardCheckRequest:
    """卡鉴权: may this card be used now, here."""

    card_id: str
    card_number: str | None
    authenticated: bool
    """Whether 卡认证 succeeded."""
    device: str
    purpose: str | None = None
    """Why the profile is wanted with the answer, as `ProfileQuery` says it; None where it is not."""


@dataclass(frozen=True)
class CardCheck:
    """The province's answer to 卡鉴权."""

    check_id: str
    usable: bool
    social: SocialState
    version: int
    reason: str | None
    profile: Profile | None = None
    """The holder's, where it was wanted and the province gives it with the answer; else it is asked for apart."""


@dataclass(frozen=True)
class ProfileQuery:
    """Ask for a profile by card or by number; `purpose` is logged by the province."""

    purpose: str
    card_id: str | None = None
    citizen_number: str | None = None


@dataclass(frozen=True)
class UploadItem:
    """One operation on its way."""

    op_id: str
    device_seq: int
    kind: str
    order_key: str
    payload: str
    payload_sm3: str
    schema_ver: int
    occurred_at: datetime
    base_version: int | None
    age_s: float | None = None
    """How long ago it happened when it was made ready to be sent, by whichever of this machine's clocks says more."""


@dataclass(frozen=True)
class UploadBatch:
    """At most 100 operations or 256 KiB; an item's failure never fails its neighbours."""

    device: str
    incarnation: str
    items: Sequence[UploadItem]


@dataclass(frozen=True)
class ItemAnswer:
    """The province's word on one operation; `reason` is a code of the catalogue or the province's own text."""

    op_id: str
    outcome: Outcome
    reason: str | None = None
    message: str | None = None
    effect_at: datetime | None = None


@dataclass(frozen=True)
class OwnOperation:
    """An operation of a device as the province has it, with what became of it."""

    incarnation: str
    device_seq: int
    op_id: str
    kind: OperationKind
    order_key: str
    payload: str
    payload_sm3: str
    schema_ver: int
    occurred_at: datetime
    base_version: int | None
    answer: ItemAnswer


@dataclass(frozen=True)
class Away:
    """The province could not be asked; `retry_after` in seconds when it said so."""

    refusal: Refusal
    retry_after: float | None = None


class Province(Protocol):
    """The operations of the reference wire that this version uses.

    Refusal codes: PROVINCE-AWAY, PROVINCE-NONSENSE, PROVINCE-BUSY, PROVINCE-REFUSED, PROVINCE-NOT-OFFERED,
    HOLDER-UNKNOWN, CARD-UNKNOWN;
    of the audit chain: DEVICE-UNKNOWN, DEVICE-ENROLLED, ANCHOR-SIGNATURE, ANCHOR-INCARNATION, ANCHOR-BACKWARDS,
    ANCHOR-BEHIND, ANCHOR-DIFFERS, ANCHOR-TAG; of a key that is asked for: DEVICE-UNKNOWN, ESCROW-FALSE.
    """

    def clock(self) -> datetime | Refusal:
        """Return the province's time; the probe of the circuit."""
        ...

    def hsm_step(self, request: HsmRequest) -> HsmAnswer | Refusal:
        """Have the HSM answer a card's randoms."""
        ...

    def check_card(self, request: CardCheckRequest) -> CardCheck | Refusal:
        """Ask whether the card may be used now (卡鉴权)."""
        ...

    def profile(self, query: ProfileQuery) -> Profile | Refusal:
        """Fetch the holder's profile."""
        ...

    def upload(self, batch: UploadBatch) -> tuple[ItemAnswer, ...] | Away:
        """Deliver operations; one answer an item, in any order."""
        ...

    def operation_status(self, op_id: str) -> ItemAnswer | Refusal | None:
        """Ask what became of an operation; None when the province never saw it."""
        ...

    def enrol(self, enrolment: Enrolment) -> EnrolmentReceipt | Refusal:
        """Give the province the device's public key and its audit chain's first key; repeated, the same answer."""
        ...

    def anchor(self, anchor: Anchor) -> Countersigned | Refusal:
        """Have the head of the audit chain countersigned; repeated, the same answer."""
        ...

    def last_sequence(self, device: str) -> tuple[LastSequence, ...] | Refusal:
        """Ask for the highest device_seq of each incarnation of a device, oldest first."""
        ...

    def own_operations(self, device: str, after: int) -> tuple[OwnOperation, ...] | Refusal:
        """Ask for what the province has of a device, by device_seq after a number, a page at a time; none at the end.

        All of one number are in one page: several incarnations may have used it.
        """
        ...

    def release_key(self, device: str, escrow: str, public_key: str) -> str | Refusal:
        """Have a journal's key opened that was sealed for the province; returns it sealed for a public key. All hex."""
        ...

    def check_audit(self, page: AuditPage) -> AuditFinding | Refusal:
        """Have the tags of some rows checked, and their anchors."""
        ...

    def changes(self, after: int, limit: int) -> ChangePage | Refusal:
        """Ask for changes of cards and persons after a number of the province's own sequence, at most `limit`."""
        ...

    def sealing_key(self) -> SealingKey | Refusal:
        """Ask for the key that files for the province are sealed with."""
        ...
