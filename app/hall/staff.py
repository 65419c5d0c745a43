"""The hall's staff: argon2id passwords, and a lock whose counter is written before the password is looked at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, func, insert, select, update

from app.domain.clock import Clock
from app.domain.refusal import Refusal
from app.hall.connection import HallConnection
from app.hall.queue import stored_time
from app.hall.schema import staff
from app.hall.values import StaffRecord

TRIES = 5
FIRST_LOCK = timedelta(minutes=10)
LONGEST_LOCK = timedelta(days=1)

_WRONG = Refusal("STAFF-UNKNOWN-OR-PASSWORD")


@dataclass(frozen=True)
class _Attempt:
    """A counted try: the verifier to check, and what a failure has already cost."""

    record: StaffRecord
    verifier: str
    locked_for: timedelta | None


class HallStaff:
    """Adds staff and checks their passwords (argon2id, t=3, 64 MiB, p=4; reliability.md 3.2)."""

    def __init__(self, connection: HallConnection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock
        self._hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)

    def add(
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
        """Add one person; roles are names without spaces, `apart` those that nobody has beside them.

        Refusals: STAFF-EXISTS, STAFF-ROLES-APART (other: the role that the person has), HALL-AWAY.
        """
        # Hashing takes 100 ms: it is neither done for nothing nor while the write lock is held.
        present = self._connection.read(lambda connection: _refuse_present(connection, staff_no))
        if present is not None:
            return present
        verifier = self._hasher.hash(password)
        record = StaffRecord(staff_no, name, person_id, frozenset(roles))

        def work(connection: Connection) -> StaffRecord | Refusal:
            refused = _refuse_present(connection, staff_no) or _refuse_apart(connection, person_id, apart)
            if refused is not None:
                return refused
            _insert(connection, record, verifier, active, op_id)
            return record

        return self._connection.write(work)

    def add_missing(self, people: Iterable[StaffRecord], password: str) -> Refusal | None:
        """Add those whose numbers nobody has, all with one password; it is hashed once. Refusals: HALL-AWAY."""
        given = tuple(people)
        present = self._connection.read(_numbers)
        if isinstance(present, Refusal) or all(record.staff_no in present for record in given):
            return present if isinstance(present, Refusal) else None
        verifier = self._hasher.hash(password)

        def work(connection: Connection) -> None:
            there = _numbers(connection)
            for record in given:
                if record.staff_no not in there:
                    _insert(connection, record, verifier, active=True, op_id=None)

        return self._connection.write(work)

    def has_role(self, role: str) -> bool | Refusal:
        """Tell whether somebody who could sign in has a role."""
        of_active = select(staff.c.roles).where(staff.c.active)
        return self._connection.read(
            lambda connection: any(role in roles.split() for roles in connection.execute(of_active).scalars())
        )

    def added_by(self, op_id: str) -> str | Refusal | None:
        """Tell which staff number an op_id added; None when it added nobody."""
        added = select(staff.c.staff_no).where(staff.c.add_op_id == op_id)
        return self._connection.read(lambda connection: connection.scalar(added))

    def knows(self, staff_no: str) -> bool | Refusal:
        """Tell whether somebody has a staff number."""
        return self._connection.read(lambda connection: _is_present(connection, staff_no))

    def any(self) -> bool | Refusal:
        """Tell whether anybody could sign in."""
        count = select(func.count()).where(staff.c.active)
        return self._connection.read(lambda connection: connection.execute(count).scalar_one() > 0)

    def check(self, staff_no: str, password: str) -> StaffRecord | Refusal:
        """Check a password. Refusals: STAFF-UNKNOWN-OR-PASSWORD, STAFF-LOCKED (minutes), HALL-AWAY."""
        attempt = self._connection.write(lambda connection: self._count(connection, staff_no))
        if attempt is None:
            # An unknown number costs the same time as a wrong password.
            self._hasher.hash(password)
            return _WRONG
        if isinstance(attempt, Refusal):
            return attempt
        if not _matches(self._hasher, attempt.verifier, password):
            return _WRONG if attempt.locked_for is None else _locked(attempt.locked_for)
        renewed = self._hasher.hash(password) if self._hasher.check_needs_rehash(attempt.verifier) else attempt.verifier
        cleared = self._connection.write(lambda connection: _clear(connection, staff_no, renewed))
        return attempt.record if cleared is None else cleared

    def _count(self, connection: Connection, staff_no: str) -> _Attempt | Refusal | None:
        """Write the try as a failure; a kill before the check cannot take it back."""
        row = connection.execute(select(staff).where(staff.c.staff_no == staff_no, staff.c.active)).one_or_none()
        if row is None:
            return None
        left = self._lock_left(row.locked_until, row.lock_boot, row.lock_monotonic)
        if left > timedelta():
            return _locked(left)
        failed: int = row.failed + 1
        lock = min(FIRST_LOCK * 2 ** min(failed // TRIES - 1, 20), LONGEST_LOCK) if failed % TRIES == 0 else None
        changed: dict[str, object] = {"failed": failed}
        if lock is not None:
            changed |= {
                "locked_until": stored_time(self._clock.now() + lock),
                "lock_boot": self._clock.boot_id(),
                "lock_monotonic": self._clock.monotonic() + lock.total_seconds(),
            }
        connection.execute(update(staff).where(staff.c.staff_no == staff_no).values(changed))
        record = StaffRecord(row.staff_no, row.name, row.person_id, frozenset(row.roles.split()))
        return _Attempt(record, row.password, lock)

    def _lock_left(self, until: str | None, boot: str | None, monotonic: float | None) -> timedelta:
        """Return how long a lock still holds; within the boot that set it, moving the wall clock changes nothing."""
        if until is None:
            return timedelta()
        if boot == self._clock.boot_id() and monotonic is not None:
            return timedelta(seconds=monotonic - self._clock.monotonic())
        return datetime.fromisoformat(until) - self._clock.now()


def _is_present(connection: Connection, staff_no: str) -> bool:
    return connection.execute(select(staff.c.staff_no).where(staff.c.staff_no == staff_no)).first() is not None


def _refuse_present(connection: Connection, staff_no: str) -> Refusal | None:
    return Refusal.of("STAFF-EXISTS", staff_no=staff_no) if _is_present(connection, staff_no) else None


def _refuse_apart(connection: Connection, person_id: str, apart: frozenset[str]) -> Refusal | None:
    """Look at every account of the natural person."""
    of_person = select(staff.c.roles).where(staff.c.active, func.upper(staff.c.person_id) == person_id.upper())
    has = {role for roles in connection.execute(of_person).scalars() for role in roles.split()}
    return Refusal.of("STAFF-ROLES-APART", other=min(has & apart)) if has & apart else None


def _numbers(connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(select(staff.c.staff_no)).scalars())


def _insert(connection: Connection, record: StaffRecord, verifier: str, active: bool, op_id: str | None) -> None:
    connection.execute(
        insert(staff).values(
            staff_no=record.staff_no,
            name=record.name,
            person_id=record.person_id,
            password=verifier,
            roles=" ".join(sorted(record.roles)),
            active=active,
            failed=0,
            add_op_id=op_id,
        )
    )


def _clear(connection: Connection, staff_no: str, verifier: str) -> None:
    connection.execute(
        update(staff)
        .where(staff.c.staff_no == staff_no)
        .values(failed=0, locked_until=None, lock_boot=None, lock_monotonic=None, password=verifier)
    )


def _matches(hasher: PasswordHasher, verifier: str, password: str) -> bool:
    try:
        return hasher.verify(verifier, password)
    except VerifyMismatchError:
        return False


def _locked(left: timedelta) -> Refusal:
    return Refusal.of("STAFF-LOCKED", minutes=max(ceil(left.total_seconds() / 60), 1))
