"""One journal transaction as services see it: plain values in and out, no database types.

Everything done through one `Transaction` commits together or not at all; it is good only inside its own work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from app.domain.audit import AuditRow, Link
from app.domain.clock import ClockCheck
from app.domain.downlink import CardState, ChangePage, DownlinkState, SealingKey
from app.domain.operation import DeliveryState, Destination, Operation, OutboxRow, Outcome
from app.domain.province_stop import ProvinceStop
from app.domain.refusal import Refusal
from app.journal import (
    acceptance_numbers,
    announced_stops,
    audit_chain,
    change_log,
    delivery_outcomes,
    known_cards,
    outbox,
    persons,
    province_time,
    purge,
    receipts,
    search_index,
    tasks,
    two_person_tasks,
)
from app.journal.approvals import Approvals
from app.journal.audit_chain import Entry
from app.journal.book import Book, fact, set_fact
from app.journal.change_log import CopyLag, Position
from app.journal.delivery_outcomes import Told
from app.journal.outbox_values import LeasedDelivery, OutboxSummary, Task, WaitingOperation
from app.journal.receipts import PrintJob, StoredReceipt
from app.journal.saga_book import SagaBook
from app.journal.samples import Samples
from app.journal.search_tokens import Findable, SearchKind

if TYPE_CHECKING:
    from app.domain.anchor import Countersigned
    from app.journal.anchor_records import AnchorRecords
    from app.journal.audit_verify import Verification
    from app.journal.delivery_history import OperationHistory
    from app.journal.key_book import KeyBook
    from app.journal.reconcile_book import ReconcileBook

MAX_BATCH_ROWS = 100
MAX_BATCH_BYTES = 262_144
LEASE_S = 120.0
PURGED = "purged_on"


class Transaction:
    """What may be read and written in one transaction."""

    def __init__(self, book: Book) -> None:
        self._book = book

    def person_ref(self, citizen_number: str | None, card_id: str | None = None) -> str:
        """Find or make the person's random local reference; joins those who turn out to be one."""
        return persons.person_ref(self._book, citizen_number, card_id)

    def same_person(self, citizen_number: str, card_id: str) -> bool:
        """Tell whether a card is known to be the person's who has this number."""
        return persons.same_person(self._book, citizen_number, card_id)

    def waiting_for(self, citizen_number: str | None, card_id: str) -> tuple[WaitingOperation, ...]:
        """Return what waits for the province of a person, known by number or by card only."""
        person = persons.known_person(self._book, citizen_number, card_id)
        return outbox.waiting_for(self._book, person) if person is not None else ()

    def set_bank_line(self, card_id: str, line: str) -> None:
        """Remember the telephone line of the bank that issued a known card."""
        persons.set_bank_line(self._book, card_id, line)

    def bank_line(self, card_id: str) -> str | None:
        """Return the telephone line of a card's bank, if this machine has seen it."""
        return persons.bank_line(self._book, card_id)

    def enqueue(
        self, operation: Operation, destinations: Sequence[Destination], findable: Findable | None = None
    ) -> None:
        """Write an operation and one delivery a destination; it is found by its acceptance number and `findable`."""
        outbox.enqueue(self._book, operation, destinations, findable)

    def search(self, kind: SearchKind, typed: str, limit: int = search_index.MOST_FOUND) -> tuple[str, ...]:
        """Return the op_ids of what is found by a whole number, name or the like, newest first."""
        return search_index.search(self._book, kind, typed, limit)

    def add_delivery(self, op_id: str, destination: Destination) -> bool:
        """Queue a written operation for a destination; False when it is queued already."""
        return outbox.add_delivery(self._book, op_id, destination)

    def has_delivery(self, op_id: str, destination: Destination) -> bool:
        """Tell whether an operation was queued for a destination."""
        return outbox.has_delivery(self._book, op_id, destination)

    def lease(
        self,
        destination: Destination,
        limit: int = MAX_BATCH_ROWS,
        max_bytes: int = MAX_BATCH_BYTES,
        lease_s: float = LEASE_S,
        least_tried_first: bool = False,
    ) -> tuple[LeasedDelivery, ...]:
        """Take what may be sent now: the oldest open delivery of each ordering key that is not held."""
        return outbox.lease(self._book, destination, limit, max_bytes, lease_s, least_tried_first)

    def settle(
        self,
        op_id: str,
        destination: Destination,
        outcome: Outcome,
        reason: str | None = None,
        message: str | None = None,
        next_try_in: float | None = None,
        effect_at: datetime | None = None,
    ) -> bool:
        """Write what became of a try; False when it was answered before. Rejected and conflict open a task."""
        told = Told(op_id, outcome, reason, message, next_try_in, effect_at)
        return op_id in delivery_outcomes.settle(self._book, destination, [told])

    def settle_all(self, destination: Destination, answers: Sequence[Told]) -> frozenset[str]:
        """Write what became of a batch; returns the op_ids that had no answer before."""
        return delivery_outcomes.settle(self._book, destination, answers)

    def set_aside(self, op_id: str, destination: Destination, reason: str) -> bool:
        """Give a delivery that must not be sent any more to a person; False when it was answered before."""
        return outbox.set_aside(self._book, op_id, destination, reason)

    def stuck(self, op_id: str, destination: Destination, reason: str) -> bool:
        """Tell a person of a delivery that is tried on in vain; False when it was answered, or somebody was told."""
        return outbox.stuck(self._book, op_id, destination, reason)

    def retry(self, op_id: str, destination: Destination) -> Refusal | None:
        """Make a queued delivery due, and its person's earlier ones.

        OP-NOT-HERE, OP-BEING-SENT or OP-ANSWERED-… where that cannot be.
        """
        return outbox.retry(self._book, op_id, destination)

    def unsent(self, destination: Destination) -> tuple[LeasedDelivery, ...]:
        """Return every delivery that was not answered, in the order of sending; none is taken."""
        return outbox.unsent(self._book, destination)

    def history(self, number: str) -> OperationHistory | None:
        """Find an operation by op_id or 办件编号, with everything written of it."""
        from app.journal.delivery_history import history_of

        return history_of(self._book, number)

    def make_due_now(self) -> int:
        """Lift the waits of queued deliveries; returns how many."""
        return outbox.make_due_now(self._book)

    def next_due_in(self, destination: Destination) -> float | None:
        """Return the seconds until something may be sent, 0 when it may be now, None when nothing is open."""
        return outbox.next_due_in(self._book, destination)

    def rows(self, states: Sequence[DeliveryState] | None = None, limit: int | None = None) -> tuple[OutboxRow, ...]:
        """Return deliveries: open ones in the order in which they are sent, then the answered, newest first."""
        return outbox.rows(self._book, states, limit)

    def row_count(self) -> int:
        """Count the deliveries, answered ones too."""
        return outbox.count(self._book)

    def summary(self) -> OutboxSummary:
        """Count what waits for delivery and for people."""
        found = outbox.summary(self._book)
        return replace(found, tasks=found.tasks + two_person_tasks.count(self._book))

    def delivery_state(self, op_id: str, destination: Destination) -> tuple[DeliveryState, str | None]:
        """Return a delivery's state and reason; raises KeyError for one that was never enqueued."""
        return outbox.delivery_state(self._book, op_id, destination)

    def operation(self, op_id: str) -> Operation:
        """Return an operation as it was written; raises KeyError for one that was never enqueued."""
        return outbox.operation(self._book, op_id)

    def tasks(self) -> tuple[Task, ...]:
        """Return what waits for a person, oldest first."""
        return tasks.tasks(self._book)

    def close_task(self, op_id: str, actor: str, note: str, destination: Destination = Destination.PROVINCE) -> bool:
        """Mark a task done by a person; False when there is no such open task. The delivery keeps its outcome."""
        return tasks.close_task(self._book, op_id, actor, note, destination)

    def audit(
        self,
        event: str,
        actor: str,
        result: str,
        op_id: str | None = None,
        detail: Mapping[str, str] | None = None,
    ) -> int:
        """Add a row to the audit chain; returns its number. `detail` holds no personal data."""
        return audit_chain.append(self._book, [Entry(event, actor, result, op_id, detail or {})])

    def audit_all(self, entries: Sequence[Entry]) -> int:
        """Add rows to the audit chain, in their order; returns the number of the last row."""
        return audit_chain.append(self._book, entries)

    def verify(self, outside: Sequence[Countersigned] = ()) -> Verification:
        """Read the whole audit chain; `outside` are anchors that are kept elsewhere than in the file."""
        from app.journal.audit_verify import verify

        return verify(self._book, outside)

    def audit_links(self, after: int, limit: int) -> tuple[Link, ...]:
        """Return what the province can check of the rows after a number."""
        return audit_chain.links(self._book, after, limit)

    def copying(self, wanted: bool) -> None:
        """Note from now on what is to be copied to a second place, or nothing any more."""
        (change_log.begin if wanted else change_log.end)(self._book.connection)

    def copied(self, upto: int, position: Position) -> None:
        """Forget the changes up to a number: the second place has them."""
        change_log.copied(self._book.connection, upto, position)

    def copy_lag(self) -> CopyLag | None:
        """Return what the second place does not have yet; None where there is none."""
        return change_log.lag(self._book.connection, self._book.clock.now().timestamp())

    @property
    def anchors(self) -> AnchorRecords:
        """Return what is kept for anchoring."""
        from app.journal.anchor_records import AnchorRecords

        return AnchorRecords(self._book)

    @property
    def data_keys(self) -> KeyBook:
        """Return the keys of what is sealed."""
        from app.journal.key_book import KeyBook

        return KeyBook(self._book)

    @property
    def reconciling(self) -> ReconcileBook:
        """Return what a restored journal has to ask the province."""
        from app.journal.reconcile_book import ReconcileBook

        return ReconcileBook(self._book)

    @property
    def sagas(self) -> SagaBook:
        """Return the sagas, as this transaction sees them."""
        return SagaBook(self._book)

    @property
    def approvals(self) -> Approvals:
        """Return what second persons signed."""

        return Approvals(self._book)

    @property
    def samples(self) -> Samples:
        """Return the commands that another person looks at afterwards."""

        return Samples(self._book)

    def audit_rows(self, last: int) -> tuple[AuditRow, ...]:
        """Return the last rows of the audit chain, oldest first."""
        return audit_chain.rows(self._book, last)

    def keep_clock_check(self, check: ClockCheck) -> None:
        """Keep how far the clock was off the province's."""
        province_time.keep(self._book, check)

    def clock_offset(self) -> float:
        """Return by how many seconds the clock is ahead of the province's now, 0 while nobody knows."""
        return province_time.offset_now(self._book)

    def card_seen(self, card_id: str, citizen_number: str | None, state: CardState) -> None:
        """Note what the province told of a card that was read here."""
        known_cards.seen(self._book, card_id, citizen_number, state)

    def known_card(self, card_id: str) -> CardState | None:
        """Return what is known of a card; None for one that was never seen here."""
        return known_cards.known(self._book, card_id)

    def take_changes(self, page: ChangePage) -> None:
        """Apply a page of the province's changes, and move the cursor with it."""
        known_cards.take(self._book, page)

    def keep_stops(self, stops: Sequence[ProvinceStop]) -> None:
        """Keep the stops that the province announces now."""
        announced_stops.keep(self._book, stops)

    def announced_stops(self) -> tuple[ProvinceStop, ...]:
        """Return the stops that the province announced last."""
        return announced_stops.announced(self._book)

    def province_now(self) -> datetime:
        """Return the province's time now, as far as this machine knows it."""
        return announced_stops.province_now(self._book)

    def apply_aside(self) -> int:
        """Apply the changes that waited for operations of ours which are settled now; returns how many."""
        return known_cards.apply_aside(self._book)

    def downlink(self) -> DownlinkState:
        """Return how far the province's changes were read."""
        return known_cards.state(self._book)

    def keep_sealing_key(self, key: SealingKey) -> None:
        """Keep the province's key for sealed files."""
        from app.journal import sealing_keys

        sealing_keys.keep(self._book, key)

    def sealing_key(self) -> SealingKey | None:
        """Return the province's key for sealed files; None before it told it."""
        from app.journal import sealing_keys

        return sealing_keys.kept(self._book)

    def save_receipt(self, job_id: str, op_id: str, title: str, pdf: bytes) -> str:
        """Keep a receipt; returns the SM3 of its bytes."""
        return receipts.save(self._book, job_id, op_id, title, pdf)

    def receipt(self, job_id: str) -> StoredReceipt | None:
        """Return one receipt."""
        return receipts.receipt(self._book, job_id)

    def receipts_of(self, op_id: str) -> tuple[StoredReceipt, ...]:
        """Return an operation's receipts, oldest first."""
        return receipts.receipts_of(self._book, op_id)

    def print_job_state(self, job_id: str, copy: int, state: str, spool_id: str | None) -> None:
        """Write the state of one copy, first or again."""
        receipts.set_print_state(self._book, job_id, copy, state, spool_id)

    def print_jobs(self, job_id: str | None = None, limit: int = 1000) -> tuple[PrintJob, ...]:
        """Return print jobs, newest first; of one receipt, or of all."""
        return receipts.print_jobs(self._book, job_id, limit)

    def open_print_jobs(self, limit: int) -> tuple[PrintJob, ...]:
        """Return the copies of which nobody knows yet whether they became paper, newest first."""
        return receipts.open_print_jobs(self._book, limit)

    def receipts_due(self, before: datetime) -> int:
        """Count the receipts that may be purged."""
        return purge.receipts_due(self._book, before)

    def print_jobs_due(self, before: datetime) -> int:
        """Count the print jobs that may be purged, the receipts stay."""
        return purge.print_jobs_due(self._book, before)

    def purge_receipts(self, before: datetime) -> int:
        """Delete old receipts that nothing open belongs to, with their print jobs; returns how many."""
        return purge.purge_receipts(self._book, before)

    def purge_print_jobs(self, before: datetime) -> int:
        """Delete old print jobs; returns how many."""
        return purge.purge_print_jobs(self._book, before)

    def purged_on(self) -> str:
        """Return the business date of the last purge; empty for none."""
        return fact(self._book, PURGED) or ""

    def note_purged(self, day: str) -> None:
        """Note that a purge was done."""
        set_fact(self._book, PURGED, day)

    def next_acceptance_no(self, region: str, day: str) -> str:
        """Return the next 办件编号 of a region (six digits) and an ISO day, unlike every other window's."""
        return acceptance_numbers.next_acceptance_no(self._book, region, day)
