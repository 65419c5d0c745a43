"""What a face is shown: frozen values, already decided, in clear; faces mask what they draw."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from app.catalogue.forms import FieldKind
from app.domain.approval import Shown
from app.domain.downlink import CardState
from app.domain.ecard import EcardAuthorisation
from app.domain.identity import Identity
from app.domain.operation import DeliveryState, OperationKind
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.journal.outbox_values import WaitingOperation
from app.journal.saga_values import Question
from hardware.ports import PrintOutcome


@dataclass(frozen=True)
class TicketView:
    """One number of today."""

    number: str
    group: str
    """Group letter; the catalogue has its name."""
    state: str
    waiting_s: float
    priority: bool = False
    masked_name: str | None = None
    window: str | None = None
    ticket_id: int = 0
    holder_index: str | None = None
    """Hash of the holder who took it by card, good for today."""
    problem: Refusal | None = None
    """Why it is not bound to the card in the reader, or not a new number."""


@dataclass(frozen=True)
class QueueView:
    """The queue strip: the number at this window, counts by group, and who comes next."""

    current: TicketView | None
    counts: tuple[tuple[str, int], ...]
    """(group letter, waiting) in the catalogue's order."""
    next_tickets: tuple[TicketView, ...]
    done_today: int


@dataclass(frozen=True)
class PossibleService:
    """A service on the profile: possible, or why not."""

    code: str
    """What the clerk types, such as 20."""
    kind: OperationKind
    title: str
    refusal: Refusal | None
    """None when it may be done now."""
    pinyin: str = ""
    """Initials for the palette."""


@dataclass(frozen=True)
class VisitView:
    """The visit in hand: who, how proved, what is known, what may be done."""

    identity: Identity
    profile: Profile | None
    """None when the province was away and nothing is cached."""
    offline: bool
    services: tuple[PossibleService, ...]
    suggested: str | None
    """Code of the next-best service."""
    problem: Refusal | None = None
    """Why a check or the profile is missing."""
    notice: Refusal | None = None
    """What the clerk should know before going on; it stops nothing."""
    bank_line: str | None = None
    """Telephone line of the bank that issued the card; None when neither province nor this machine knows it."""
    own_record: bool = False
    """Whether the holder is the clerk who serves."""
    waiting: tuple[WaitingOperation, ...] = ()
    """What waits here for the province of this holder."""
    undecodable: tuple[str, ...] = ()
    """Names of what stands on the card and could not be decoded."""
    known: CardState | None = None
    """Without a profile: what the province told of the card last, with a visit or by its list of changes."""
    ecard: EcardAuthorisation | None = None
    """What the holder authorised with the e-card that was scanned; None without one, and where nothing was asked."""


@dataclass(frozen=True)
class FormField:
    """One field of a service form."""

    key: str
    label: str
    kind: FieldKind
    value: str = ""
    """What it is filled in with."""
    on_file: str = ""
    """What is known already; a value that is only the usual one is not."""
    required: bool = False
    choices: tuple[tuple[str, str], ...] = ()
    """(code, title)."""
    longest: int | None = None
    """In code points."""
    pattern: str = ""
    """What a whole value must match, as a regular expression; `wrong` is the code told otherwise."""
    wrong: str = ""


@dataclass(frozen=True)
class FormView:
    """A form made from the catalogue, prefilled."""

    service: PossibleService
    fields: tuple[FormField, ...]
    offline_notice: str | None
    """What the holder must be told when the operation waits for the province."""
    becomes: SocialState | None = None
    """The card's state afterwards; None where it stays."""
    account_becomes: str | None = None
    """Key of what becomes of the account behind the card; None where it stays."""


@dataclass(frozen=True)
class ReviewLine:
    """One line of the review: what was, what will be."""

    key: str
    """Of the form's field; the masks go by it."""
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class ReviewView:
    """What the clerk confirms; `digest` is the SM3 of exactly these lines."""

    service: PossibleService
    lines: tuple[ReviewLine, ...]
    digest: str
    offline_notice: str | None
    shown: Shown | None = None
    """What a second person has to sign first; None where one person is enough."""


@dataclass(frozen=True)
class Acceptance:
    """A command was taken: it is in the journal. `state` tells what the province said within the wait."""

    op_id: str
    acceptance_no: str
    state: DeliveryState
    reason: str | None


@dataclass(frozen=True)
class ReceiptView:
    """A receipt rendered once: these bytes are previewed, printed and kept."""

    job_id: str
    op_id: str
    title: str
    pdf: bytes
    state: PrintOutcome | None
    """None before anything was sent to the printer."""
    copies: int = 0
    content: str = ""
    """What was rendered, as `receipt_content.to_json` writes it; a marked reprint is made from it."""


@dataclass(frozen=True)
class TaskView:
    """What waits for a person: a refused or conflicting delivery; or for two: a saga's step nobody can tell about."""

    op_id: str
    kind: str
    acceptance_no: str
    reason: str
    next_action: str
    since: datetime
    two_persons_on: str = ""
    """The saga's step that two persons have to settle; empty for a delivery."""
    question: Question | None = None
    """What they are asked of that step."""
    two_persons: bool = False
    """Whether one person may not close it alone."""
