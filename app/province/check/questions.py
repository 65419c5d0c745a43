"""Checks of what is asked: clock, HSM, 卡鉴权, profiles, codes, and how an unknown one is refused."""

from __future__ import annotations

import time

from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province.check.bench import PURPOSE, Bench
from app.province.check.family import Case, Family
from app.province.check.finding import Outcome, Reason, Seen, refused, told
from app.province.check.persons import Role
from app.province.port import NOT_OFFERED, CardCheckRequest, HsmRequest, ProfileQuery

LARGEST_OFFSET_S = 60.0
_PAUSE_S = 0.05
_FIRST, _SECOND = "0102030405060708", "1112131415161718"
_NOBODY_CARD = "F" * 32
_NOBODY = "000000190001010000"


def clock_is_near(bench: Bench) -> Outcome:
    """The province's time and this machine's are at most a minute apart."""
    now = bench.got(bench.client.clock())
    offset = (now - bench.clock.now()).total_seconds()
    seen = (f"{offset:+.1f} s",)
    return Seen(seen) if abs(offset) <= LARGEST_OFFSET_S else Seen(wrong=seen)


def clock_goes_on(bench: Bench) -> Outcome:
    """A later answer has a later time; to the second is enough."""
    first, began = bench.got(bench.client.clock()), bench.clock.monotonic()
    time.sleep(_PAUSE_S)
    second = bench.got(bench.client.clock())
    while second == first and bench.clock.monotonic() - began < 1.5:
        time.sleep(_PAUSE_S)
        second = bench.got(bench.client.clock())
    seen = (f"{(second - first).total_seconds():+.2f} s",)
    return Seen(seen) if second > first else Seen(wrong=seen)


def hsm_answers_the_random(bench: Bench) -> Outcome:
    """The HSM's answer ends with the random that it was given (card.md 2.6)."""
    card = bench.persons.hsm
    if card is None:
        return Reason.NO_HSM
    asked = (card.region, card.history, card.algorithm, _NOBODY_CARD)
    answer = bench.got(bench.client.hsm_step(HsmRequest(*asked, _FIRST, _SECOND, "", "")))
    right = answer.internal.upper().endswith(_SECOND)
    return Seen(("internal",)) if right else Seen(wrong=("internal",))


def card_in_use_is_usable(bench: Bench) -> Outcome:
    """卡鉴权 of a normal card that proved itself says yes, with an id, and the state that was put on file."""
    person = bench.person(Role.NORMAL)
    answer = bench.checked(person)
    wrong = [] if answer.usable else [f"usable=false {answer.reason or ''}".strip()]
    wrong += [] if answer.social is person.social else [f"social {answer.social.value}"]
    return Seen((f"social {answer.social.value}",), tuple(wrong))


def unproved_card_is_not_usable(bench: Bench) -> Outcome:
    """卡鉴权 of a card that did not prove itself says no."""
    return _not_usable(bench, Role.NORMAL, authenticated=False)


def lost_card_is_not_usable(bench: Bench) -> Outcome:
    """卡鉴权 of a card under loss says no, and why."""
    return _not_usable(bench, Role.LOST, authenticated=True)


def profile_is_the_same_by_card_and_number(bench: Bench) -> Outcome:
    """Both ways lead to the same person, whose name is the one on file."""
    person = bench.person(Role.NORMAL)
    by_card = bench.profile(person)
    by_number = bench.got(bench.client.profile(ProfileQuery(PURPOSE, citizen_number=person.citizen_number)))
    fields = ("person_ref", "card_id", "name", "version", "social")
    wrong = [name for name in fields if getattr(by_card, name) != getattr(by_number, name)]
    wrong += [] if by_card.name == person.name else ["name"]
    return Seen(fields, tuple(wrong))


def nobody_is_named_so(bench: Bench) -> Outcome:
    """A card or person that is not on file is refused by its own code."""
    answers = (
        ("CARD-UNKNOWN", bench.client.check_card(CardCheckRequest(_NOBODY_CARD, None, True, bench.persons.device))),
        ("CARD-UNKNOWN", bench.client.profile(ProfileQuery(PURPOSE, card_id=_NOBODY_CARD))),
        ("HOLDER-UNKNOWN", bench.client.profile(ProfileQuery(PURPOSE, citizen_number=_NOBODY))),
    )
    for _code, answer in answers:
        if isinstance(answer, Refusal) and answer.code == NOT_OFFERED:
            return refused(answer)
    wrong = tuple(f"{code}: {told(answer)}" for code, answer in answers if answer != Refusal(code))
    return Seen(("CARD-UNKNOWN", "HOLDER-UNKNOWN"), wrong)


def every_code_is_known(bench: Bench) -> Outcome:
    """The code map has every code of the test persons, and reads the states that were put on file."""
    if not bench.persons.persons:
        return Reason.NO_PERSON
    wrong = []
    for person in bench.persons.persons:
        found = bench.profile(person)
        wrong += [f"{person.role.value}: {name}={code}" for name, code in found.raw_codes]
        # What a run that was cut short left behind is not the code map's fault.
        left = person.role is Role.NORMAL and found.social is SocialState.LOST_TEMPORARY
        if found.social is not person.social and not left:
            wrong.append(f"{person.role.value}: social {found.social.value}")
    return Seen((f"{len(bench.persons.persons)} profiles",), tuple(wrong))


def rare_characters_arrive(bench: Bench) -> Outcome:
    """A name with characters that GBK does not have is the one on file."""
    person = bench.person(Role.RARE)
    found = bench.profile(person)
    return Seen((f"{len(person.name)} characters",), () if found.name == person.name else ("name",))


def _not_usable(bench: Bench, role: Role, *, authenticated: bool) -> Outcome:
    answer = bench.checked(bench.person(role), authenticated)
    wrong = ["usable=true"] if answer.usable else [] if answer.reason else ["reason"]
    return Seen((answer.reason or "",), tuple(wrong))


QUESTIONS = Family(
    "Q",
    (
        Case(clock_is_near),
        Case(clock_goes_on),
        Case(hsm_answers_the_random),
        Case(card_in_use_is_usable),
        Case(unproved_card_is_not_usable),
        Case(lost_card_is_not_usable),
        Case(profile_is_the_same_by_card_and_number),
        Case(nobody_is_named_so),
        Case(every_code_is_known),
        Case(rare_characters_arrive),
    ),
)
