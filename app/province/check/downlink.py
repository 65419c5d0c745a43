"""Checks of what the province tells unasked: pages, tombstones, and our own operations among them."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.downlink import ChangePage, Tombstone
from app.domain.states import PersonState, SocialState
from app.province.check.bench import Bench
from app.province.check.family import Case, Family
from app.province.check.finding import Ended, Outcome, Reason, Seen
from app.province.check.persons import Role

_FEW, _MANY = 2, 500
_MOST_PAGES = 400
_ENDED = frozenset({SocialState.CANCELLED, SocialState.VOID})


def pages_join(bench: Bench) -> Outcome:
    """No page is longer than was asked for; small ones together are a large one, and none says more in vain."""
    large = bench.got(bench.client.changes(0, 2 * _FEW))
    if not large.changes:
        return Reason.NONE_SEEN
    first = bench.got(bench.client.changes(0, _FEW))
    second = bench.got(bench.client.changes(first.last, _FEW)) if first.more else ChangePage((), first.last, False)
    wrong = [] if len(first.changes) <= _FEW and len(large.changes) <= 2 * _FEW else ["longer than asked for"]
    joined = [change.seq for page in (first, second) for change in page.changes]
    if not wrong and joined != [change.seq for change in large.changes][: len(joined)]:
        wrong.append("pages differ")
    if first.more and not second.changes:
        wrong.append("more in vain")
    return Seen((f"{len(joined)} changes",), tuple(wrong))


def what_ended_is_told(bench: Bench) -> Outcome:
    """A card whose holder died, or that was cancelled, comes with its tombstone; no other does."""
    ended = bench.persons.of(Role.ENDED)
    wrong, told = set[str](), 0
    for page in _pages(bench, 0):
        for change in page.changes:
            dead, gone = change.state.person is PersonState.DEAD, change.state.social in _ENDED
            told += dead or gone
            if (dead or gone) != (change.state.tombstone is not None):
                wrong.add(f"seq {change.seq}: no tombstone" if dead or gone else f"seq {change.seq}: tombstone")
            elif change.state.tombstone is Tombstone.DEATH and not dead:
                wrong.add(f"seq {change.seq}: death")
            if ended is not None and change.card_id == ended.card_id and change.state.tombstone is not None:
                ended = None
    if ended is not None:
        wrong.add("the ended test person was not told")
    if not told and not wrong:
        return Reason.NONE_SEEN
    return Seen((f"{told} tombstones",), tuple(sorted(wrong)[:5]))


def own_operations_are_told(bench: Bench) -> Outcome:
    """A loss and its release stand among the changes, with versions that rise."""
    person, version = bench.normal_card()
    end = _end(bench)
    bench.send(bench.loss(person, version))
    bench.normal_card()
    states = [
        change.state for page in _pages(bench, end) for change in page.changes if change.card_id == person.card_id
    ]
    seen = [state.social for state in states]
    wrong = [] if seen == [SocialState.LOST_TEMPORARY, SocialState.NORMAL] else [", ".join(seen) or "none"]
    wrong += [] if [state.version for state in states] == [version + 1, version + 2] or wrong else ["version"]
    return Seen(tuple(state.value for state in seen), tuple(wrong))


def _pages(bench: Bench, after: int) -> Iterator[ChangePage]:
    for _page in range(_MOST_PAGES):
        page = bench.got(bench.client.changes(after, _MANY))
        yield page
        if not page.more:
            return
        if page.last <= after:
            raise Ended(Seen(wrong=("page goes back",)))
        after = page.last
    raise Ended(Seen(wrong=(f"no end after {_MOST_PAGES} pages",)))


def _end(bench: Bench) -> int:
    last = 0
    for page in _pages(bench, 0):
        last = page.last
    return last


DOWNLINK = Family("D", (Case(pages_join), Case(what_ended_is_told), Case(own_operations_are_told, writes=True)))
