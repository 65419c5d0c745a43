"""What a check works with: the client, the test persons, and operations that the province has never seen."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from app.domain.clock import Clock
from app.domain.digest import payload_sm3
from app.domain.op_id import new_op_id
from app.domain.operation import SCHEMA_VER, OperationKind, Outcome, canonical_json
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.check.finding import Ended, Reason, Seen, refused
from app.province.check.persons import Role, TestPerson, TestPersons
from app.province.http_client import HttpProvince
from app.province.http_line import Exchange, HttpLine
from app.province.port import Away, CardCheck, CardCheckRequest, ItemAnswer, ProfileQuery, UploadBatch, UploadItem
from app.province.wires import ProvinceClient

T = TypeVar("T")
PURPOSE = "conformance-check"


@dataclass
class Bench:
    """One run; `exchanges` is filled by the client's line."""

    client: ProvinceClient
    persons: TestPersons
    clock: Clock
    exchanges: list[Exchange] = field(default_factory=list)
    maintenance: ProvinceClient | None = None
    """A client of an address that answers as during maintenance."""
    incarnation: str = field(default_factory=lambda: f"check-{secrets.token_hex(8)}")
    applied: list[UploadItem] = field(default_factory=list)
    """What the province has applied of this run's own, one a device_seq."""
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def line(self) -> HttpLine:
        """Return the reference wire's line, for families with clients of their own; another wire has none of them."""
        if not isinstance(self.client, HttpProvince):
            raise Ended(Reason.NOT_OFFERED)
        return self.client.line

    def person(self, role: Role) -> TestPerson:
        """Return a test person; ends the check where none is named."""
        found = self.persons.of(role)
        if found is None:
            raise Ended(Reason.NO_PERSON)
        return found

    def got(self, answer: T | Refusal) -> T:
        """Return an answer; ends the check with a refusal."""
        if isinstance(answer, Refusal):
            raise Ended(refused(answer))
        return answer

    def profile(self, person: TestPerson) -> Profile:
        """Fetch a test person's profile by the card."""
        return self.got(self.client.profile(ProfileQuery(PURPOSE, card_id=person.card_id)))

    def checked(self, person: TestPerson, authenticated: bool = True) -> CardCheck:
        """Have a test person's card checked (卡鉴权)."""
        request = CardCheckRequest(person.card_id, None, authenticated, self.persons.device)
        return self.got(self.client.check_card(request))

    def operation(
        self, kind: OperationKind, person: TestPerson, base_version: int | None = None, **payload: object
    ) -> UploadItem:
        """Make an operation on a test person that the province has never seen."""
        now = self.clock.now()
        facts = {"card_id": person.card_id, "reason": "lost", "offline": False, "note": PURPOSE}
        text = canonical_json({**facts, **payload})
        return UploadItem(
            op_id=new_op_id(now),
            device_seq=next(self.numbers),
            kind=kind.value,
            order_key=f"check-{person.role.value}",
            payload=text,
            payload_sm3=payload_sm3(text),
            schema_ver=SCHEMA_VER,
            occurred_at=now,
            base_version=base_version,
            age_s=0.0,
        )

    def send(self, *items: UploadItem) -> tuple[ItemAnswer, ...]:
        """Deliver operations; an answer each, in their order."""
        answers = self.client.upload(UploadBatch(self.persons.device, self.incarnation, items))
        if isinstance(answers, Away):
            raise Ended(refused(answers.refusal))
        by_id = {answer.op_id: answer for answer in answers}
        if lacking := [item for item in items if item.op_id not in by_id]:
            raise Ended(Seen(wrong=(f"{len(lacking)} unanswered",)))
        known = {item.device_seq for item in self.applied}
        for item in items:
            if by_id[item.op_id].outcome is Outcome.APPLIED and item.device_seq not in known:
                self.applied.append(item)
        return tuple(by_id[item.op_id] for item in items)

    def normal_card(self) -> tuple[TestPerson, int]:
        """Return the test person that may be written, the card normal, and its version."""
        person = self.person(Role.NORMAL)
        found = self.profile(person)
        if found.social is SocialState.LOST_TEMPORARY:
            self.release(person, found.version)
            found = self.profile(person)
        if found.social is not SocialState.NORMAL:
            raise Ended(Seen(wrong=(f"social {found.social.value}",)))
        return person, found.version

    def loss(self, person: TestPerson, version: int) -> UploadItem:
        """Make a temporary loss."""
        return self.operation(OperationKind.TEMPORARY_LOSS, person, version)

    def release_item(self, person: TestPerson, version: int) -> UploadItem:
        """Make the release of a temporary loss, with the check of the card that it needs."""
        check = self.checked(person)
        return self.operation(OperationKind.RELEASE_LOSS, person, version, check_id=check.check_id)

    def release(self, person: TestPerson, version: int) -> None:
        """Lift a temporary loss again."""
        (answer,) = self.send(self.release_item(person, version))
        if answer.outcome is not Outcome.APPLIED:
            raise Ended(Seen(wrong=(f"release {outcome_of(answer)}",)))


def outcome_of(answer: ItemAnswer) -> str:
    """Name an answer by its codes."""
    return answer.outcome.value if answer.reason is None else f"{answer.outcome.value} {answer.reason}"


def other_contents(item: UploadItem) -> UploadItem:
    """Return an operation under the same id and number with other contents."""
    text = item.payload.replace(PURPOSE, f"{PURPOSE}-2")
    return replace(item, payload=text, payload_sm3=payload_sm3(text))


Check = Callable[[Bench], Seen | Reason]
