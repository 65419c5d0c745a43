"""The hall as its services see it: numbers issued, called and finished, and staff checked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.clock import Clock, business_date
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.hall import day_keys, facts, queue
from app.hall.connection import BUSY_S, HallConnection
from app.hall.groups import QueueGroup, load_groups
from app.hall.staff import HallStaff
from app.hall.values import HallQueue, HallStep, HallTicket, IssuedBy, StaffRecord


class Hall:
    """The hall database; every call may block for seconds and may refuse HALL-AWAY. Not for the GUI thread."""

    def __init__(self, connection: HallConnection, clock: Clock, groups: tuple[QueueGroup, ...]) -> None:
        self._connection = connection
        self._clock = clock
        self._letters = tuple(group.letter for group in groups)
        self._staff = HallStaff(connection, clock)

    @classmethod
    def open(cls, url: str, clock: Clock, busy_s: float = BUSY_S) -> Hall | Refusal:
        """Open a hall by its SQLAlchemy URL. Refusals: HALL-AWAY, HALL-SCHEMA-OTHER, HALL-DRIVER-NONE."""
        connection = HallConnection.open(url, busy_s)
        return connection if isinstance(connection, Refusal) else cls(connection, clock, load_groups())

    def close(self) -> None:
        """Give all connections back."""
        self._connection.close()

    def claim(self, mode: Mode) -> Refusal | None:
        """Mark a new hall with what it is for, for good. Refusals: HALL-IS-TRAINING, HALL-IS-REAL, HALL-AWAY."""
        return self._connection.write(lambda connection: facts.claim(connection, mode))

    def issue(
        self,
        op_id: str,
        group: str,
        by: IssuedBy,
        holder_index: str | None = None,
        masked_name: str | None = None,
        priority: bool = False,
    ) -> HallTicket | Refusal:
        """Give the next number of a group, once an op_id; a holder whose number of today is open is told that one.

        Refusals: QUEUE-GROUP-UNKNOWN, HALL-AWAY.
        """
        if group not in self._letters:
            return Refusal.of("QUEUE-GROUP-UNKNOWN", group=group)
        new = queue.NewTicket(op_id, self._today(), group, by, holder_index, masked_name, priority)
        return self._connection.write(lambda connection: queue.issue(connection, new, self._clock.now()))

    def day_key(self) -> bytes | Refusal:
        """Return the key of today's hashes of holders, the same at every window of the hall. Refusals: HALL-AWAY."""
        day = self._today()
        key = self._connection.read(lambda connection: day_keys.find(connection, day))
        if key is None:
            key = self._connection.write(lambda connection: day_keys.make(connection, day))
        return key if isinstance(key, Refusal) else bytes.fromhex(key)

    def probe(self, step: HallStep, op_id: str) -> HallTicket | Refusal | None:
        """Tell with which ticket an op_id took a step; None when it never did."""
        return self._connection.read(lambda connection: queue.by_op(connection, step, op_id))

    def claim_next(self, op_id: str, window: str, groups: Sequence[str] | None = None) -> HallTicket | Refusal | None:
        """Hand the next ticket to exactly one window, once an op_id; None when nobody waits.

        Order: priority, then age. Refusals: HALL-WINDOW-BUSY (a ticket of this window is still in hand), HALL-AWAY.
        """
        day = self._today()
        return self._connection.write(
            lambda connection: queue.claim(connection, op_id, window, day, groups, self._clock.now())
        )

    def start(self, op_id: str, ticket_id: int, window: str) -> HallTicket | Refusal:
        """Begin to serve a called ticket, once an op_id.

        Refusals: HALL-TICKET-MOVED, HALL-TICKET-UNKNOWN, HALL-AWAY.
        """
        return self._move(op_id, ticket_id, window, queue.START)

    def finish(self, op_id: str, ticket_id: int, window: str) -> HallTicket | Refusal:
        """End a called or served ticket. Refusals as `start`."""
        return self._move(op_id, ticket_id, window, queue.FINISH)

    def no_show(self, op_id: str, ticket_id: int, window: str) -> HallTicket | Refusal:
        """Mark a called ticket as missed. Refusals as `start`."""
        return self._move(op_id, ticket_id, window, queue.NO_SHOW)

    def recall(self, op_id: str, ticket_id: int, window: str) -> HallTicket | Refusal:
        """Call a called ticket once more. Refusals as `start`."""
        return self._connection.write(lambda connection: queue.recall(connection, op_id, ticket_id, window))

    def cancel(self, op_id: str, ticket_id: int) -> HallTicket | Refusal:
        """Void a number that still waits. Refusals as `start`."""
        return self._connection.write(lambda connection: queue.cancel(connection, op_id, ticket_id, self._clock.now()))

    def ticket(self, number: str) -> HallTicket | Refusal | None:
        """Find a number of today."""
        day = self._today()
        return self._connection.read(lambda connection: queue.by_number(connection, day, number))

    def ahead(self, ticket_id: int) -> int | Refusal:
        """Count who of the same group would be called before a waiting ticket."""
        return self._connection.read(lambda connection: queue.ahead(connection, ticket_id))

    def view(self, window: str) -> HallQueue | Refusal:
        """Read today's queue as one window sees it."""
        day = self._today()
        return self._connection.read(lambda connection: queue.view(connection, window, day, self._letters))

    def add_staff(
        self,
        staff_no: str,
        name: str,
        person_id: str,
        password: str,
        roles: Iterable[str],
        active: bool = True,
        op_id: str | None = None,
        apart: frozenset[str] = frozenset(),
    ) -> StaffRecord | Refusal:
        """Add one person; `apart` are roles that nobody has beside the given ones.

        Refusals: STAFF-EXISTS, STAFF-ROLES-APART, HALL-AWAY.
        """
        return self._staff.add(staff_no, name, person_id, password, roles, active, op_id, apart)

    def add_missing_staff(self, people: Iterable[StaffRecord], password: str) -> Refusal | None:
        """Add those whose numbers nobody has, all with one password. Refusals: HALL-AWAY."""
        return self._staff.add_missing(people, password)

    def has_role(self, role: str) -> bool | Refusal:
        """Tell whether somebody who could sign in has a role."""
        return self._staff.has_role(role)

    def probe_staff(self, op_id: str) -> str | Refusal | None:
        """Tell which staff number an op_id added; None when it added nobody."""
        return self._staff.added_by(op_id)

    def has_staff(self) -> bool | Refusal:
        """Tell whether anybody could sign in."""
        return self._staff.any()

    def is_staff(self, staff_no: str) -> bool | Refusal:
        """Tell whether somebody has this staff number."""
        return self._staff.knows(staff_no)

    def check_password(self, staff_no: str, password: str) -> StaffRecord | Refusal:
        """Check a password; costs about 100 ms. Refusals: STAFF-UNKNOWN-OR-PASSWORD, STAFF-LOCKED, HALL-AWAY."""
        return self._staff.check(staff_no, password)

    def _move(self, op_id: str, ticket_id: int, window: str, move: queue.Move) -> HallTicket | Refusal:
        return self._connection.write(
            lambda connection: queue.move(connection, op_id, ticket_id, window, move, self._clock.now())
        )

    def _today(self) -> str:
        return business_date(self._clock.now())
