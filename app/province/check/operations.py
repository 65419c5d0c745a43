"""Checks of what is reported: once, in order, each by itself, and on file as it was sent (reliability.md 1.2)."""

from __future__ import annotations

from dataclasses import replace

from app.domain.op_id import new_op_id
from app.domain.operation import SCHEMA_VER, OperationKind, Outcome
from app.domain.states import SocialState
from app.province.check.bench import Bench, other_contents, outcome_of
from app.province.check.family import Case, Family
from app.province.check.finding import Outcome as Ending
from app.province.check.finding import Seen, told
from app.province.check.persons import Role
from app.province.port import ItemAnswer, OwnOperation

_RARE = "\U0002cb5a\U00020bb7&#"
_MOST_PAGES = 200
_APPLIED, _REJECTED, _CONFLICT = Outcome.APPLIED, Outcome.REJECTED, Outcome.CONFLICT


def loss_and_release_take_effect(bench: Bench) -> Ending:
    """A temporary loss and its release move the card's state and version, once each."""
    person, version = bench.normal_card()
    (lost,) = bench.send(bench.loss(person, version))
    after_loss = bench.profile(person)
    wrong = [] if lost.outcome is _APPLIED and lost.effect_at is not None else [f"loss {outcome_of(lost)}"]
    if after_loss.social is not SocialState.LOST_TEMPORARY:
        wrong.append(f"social {after_loss.social.value}")
    wrong += [] if after_loss.version == version + 1 else [f"version {after_loss.version - version:+d}"]
    if after_loss.social is SocialState.LOST_TEMPORARY:
        bench.release(person, after_loss.version)
        if bench.profile(person).social is not SocialState.NORMAL:
            wrong.append("not released")
    return Seen(("applied", "released"), tuple(wrong))


def again_is_once(bench: Bench) -> Ending:
    """The same operation sent again gets the stored answer and changes nothing."""
    person, version = bench.normal_card()
    loss = bench.loss(person, version)
    (first,) = bench.send(loss)
    moved = bench.profile(person).version
    (second,) = bench.send(loss)
    now = bench.profile(person)
    wrong = [] if first == second else [f"{outcome_of(first)}, {outcome_of(second)}"]
    wrong += [] if now.version == moved else [f"version {now.version - moved:+d}"]
    if now.social is SocialState.LOST_TEMPORARY:
        bench.release(person, now.version)
    return Seen(("same answer",), tuple(wrong))


def status_is_the_answer(bench: Bench) -> Ending:
    """What became of an operation is told by its id, in the words of the first answer."""
    intake = bench.operation(OperationKind.INTAKE, bench.person(Role.NORMAL))
    (answer,) = bench.send(intake)
    status = bench.got(bench.client.operation_status(intake.op_id))
    if isinstance(status, ItemAnswer):
        return Seen((outcome_of(status),), () if status == answer else (outcome_of(status),))
    return Seen(wrong=("unknown",))


def never_sent_is_unknown(bench: Bench) -> Ending:
    """An operation that never came is unknown, and not done, failed or busy."""
    status = bench.got(bench.client.operation_status(new_op_id(bench.clock.now())))
    return Seen(("unknown",)) if status is None else Seen(wrong=(outcome_of(status),))


def other_contents_are_a_conflict(bench: Bench) -> Ending:
    """Other contents under an id that was used raise the alarm."""
    intake = bench.operation(OperationKind.INTAKE, bench.person(Role.NORMAL))
    bench.send(intake)
    return _expected(bench.send(other_contents(intake)), _CONFLICT)


def used_number_is_a_conflict(bench: Bench) -> Ending:
    """Another operation under a device_seq that was used raises the alarm."""
    person = bench.person(Role.NORMAL)
    first = bench.operation(OperationKind.INTAKE, person)
    bench.send(first)
    second = replace(bench.operation(OperationKind.INTAKE, person), device_seq=first.device_seq)
    return _expected(bench.send(second), _CONFLICT)


def each_item_by_itself(bench: Bench) -> Ending:
    """In one batch, altered and unreadable items are rejected, and their neighbours applied."""
    person = bench.person(Role.NORMAL)
    good, altered, foreign, also_good = (bench.operation(OperationKind.INTAKE, person) for _ in range(4))
    altered = replace(altered, payload=other_contents(altered).payload)
    foreign = replace(foreign, schema_ver=SCHEMA_VER + 98)
    answers = bench.send(good, altered, foreign, also_good)
    return _expected(answers, _APPLIED, _REJECTED, _REJECTED, _APPLIED)


def one_key_keeps_its_order(bench: Bench) -> Ending:
    """Loss and release of one person in one batch are applied in the order given."""
    person, version = bench.normal_card()
    loss, release = bench.loss(person, version), bench.release_item(person, version + 1)
    answers = bench.send(loss, release)
    bench.normal_card()
    return _expected(answers, _APPLIED, _APPLIED)


def last_number_is_told(bench: Bench) -> Ending:
    """The highest device_seq of this run is told, with what it was."""
    last = bench.operation(OperationKind.INTAKE, bench.person(Role.NORMAL))
    bench.send(last)
    rows = bench.got(bench.client.last_sequence(bench.persons.device))
    mine = [row for row in rows if row.incarnation == bench.incarnation]
    if len(mine) != 1:
        return Seen(wrong=(f"{len(mine)} of this incarnation",))
    fields = ("device_seq", "op_id", "payload_sm3")
    return Seen(fields, tuple(name for name in fields if getattr(mine[0], name) != getattr(last, name)))


def nothing_is_missing(bench: Bench) -> Ending:
    """Everything that was applied in this run is on file as it was sent, page by page."""
    person = bench.person(Role.NORMAL)
    bench.send(bench.operation(OperationKind.INTAKE, person), bench.operation(OperationKind.INTAKE, person))
    found: dict[int, OwnOperation] = {}
    after = 0
    for _page in range(_MOST_PAGES):
        page = bench.got(bench.client.own_operations(bench.persons.device, after))
        if not page:
            break
        if page[-1].device_seq <= after:
            return Seen(wrong=("page goes back",))
        after = page[-1].device_seq
        found.update({own.device_seq: own for own in page if own.incarnation == bench.incarnation})
    wrong = []
    for item in bench.applied:
        own = found.get(item.device_seq)
        if own is None:
            wrong.append(f"device_seq {item.device_seq}")
        elif (own.op_id, own.payload, own.kind.value) != (item.op_id, item.payload, item.kind):
            wrong.append(f"device_seq {item.device_seq} differs")
    return Seen((f"{len(bench.applied)} operations",), tuple(wrong))


def stale_version_is_a_conflict(bench: Bench) -> Ending:
    """An operation made against an older state of the card is not applied."""
    person, version = bench.normal_card()
    answers = bench.send(bench.loss(person, max(version - 1, 0)))
    bench.normal_card()
    return _expected(answers, _CONFLICT)


def rare_characters_are_taken(bench: Bench) -> Ending:
    """A payload with characters that GBK does not have keeps its digest."""
    person = bench.person(Role.NORMAL)
    return _expected(bench.send(bench.operation(OperationKind.INTAKE, person, note=_RARE)), _APPLIED)


def _expected(answers: tuple[ItemAnswer, ...], *outcomes: Outcome) -> Seen:
    right = tuple(answer.outcome for answer in answers) == outcomes
    seen = tuple(outcome_of(answer) for answer in answers)
    return Seen(seen) if right else Seen(wrong=seen or (told(answers),))


OPERATIONS = Family(
    "O",
    (
        Case(loss_and_release_take_effect, writes=True),
        Case(again_is_once, writes=True),
        Case(status_is_the_answer, writes=True),
        Case(never_sent_is_unknown),
        Case(other_contents_are_a_conflict, writes=True),
        Case(used_number_is_a_conflict, writes=True),
        Case(each_item_by_itself, writes=True),
        Case(one_key_keeps_its_order, writes=True),
        Case(last_number_is_told, writes=True),
        Case(nothing_is_missing, writes=True),
        Case(stale_version_is_a_conflict, writes=True),
        Case(rare_characters_are_taken, writes=True),
    ),
)
