"""Search by keyed tokens: exact number, exact name, last four, initials, acceptance number; nothing in clear."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import pinyin_initials
from app.domain.operation import Destination
from app.journal.search_tokens import (
    MOST_READINGS,
    TOKEN_BYTES,
    Findable,
    SearchKind,
    initials,
    token_for,
    tokens_of,
)
from tests.unit.journal.scenery import CITIZEN_NUMBER, StillClock, operation

KEY = bytes(32)
CARD, ACCOUNT = "F35A12345", "6217000000000001234"
ZHANG = Findable(("曾国强",), (CITIZEN_NUMBER, CARD, ACCOUNT))


def take(do: Callable, clock: StillClock, findable: Findable, number: int = 1) -> str:
    clock.pass_by(1)
    wanted = replace(operation(clock, f"p{number}"), acceptance_no=f"350102-20261122-K7QF2M-{number:05d}")
    do(lambda tx: tx.enqueue(wanted, (Destination.PROVINCE,), findable))
    return wanted.op_id


FOUND = (
    (SearchKind.NUMBER, CITIZEN_NUMBER),
    (SearchKind.NUMBER, "350102 19900101 1239"),
    (SearchKind.NUMBER, "f35a12345"),
    (SearchKind.NUMBER, "６２１７ 0000 0000 0001 234"),
    (SearchKind.LAST_FOUR, "1239"),
    (SearchKind.LAST_FOUR, "2345"),
    (SearchKind.LAST_FOUR, " 1234 "),
    (SearchKind.NAME, "曾国强"),
    (SearchKind.NAME, "曾 国 强"),
    (SearchKind.INITIALS, "zgq"),
    (SearchKind.INITIALS, "CGJ"),
    (SearchKind.INITIALS, "c g q"),
    (SearchKind.ACCEPTANCE, "350102-20261122-K7QF2M-00001"),
    (SearchKind.ACCEPTANCE, "35010220261122k7qf2m00001"),
)
NOT_FOUND = (
    (SearchKind.NUMBER, CITIZEN_NUMBER[:-1]),
    (SearchKind.NUMBER, CITIZEN_NUMBER[1:]),
    (SearchKind.NUMBER, "1239"),
    (SearchKind.NUMBER, ""),
    (SearchKind.LAST_FOUR, "239"),
    (SearchKind.LAST_FOUR, "11239"),
    (SearchKind.NAME, "曾国"),
    (SearchKind.NAME, "国强"),
    (SearchKind.NAME, "%"),
    (SearchKind.NAME, "zgq"),
    (SearchKind.INITIALS, "zg"),
    (SearchKind.INITIALS, "曾国强"),
    (SearchKind.ACCEPTANCE, "00001"),
)


def test_what_is_exact_is_found_and_a_part_finds_nothing(do: Callable, clock: StillClock) -> None:
    op_id = take(do, clock, ZHANG)
    take(do, clock, Findable(("王芳",), ("350102199001011255",)), 2)
    for kind, typed in FOUND:
        assert do(lambda tx, k=kind, t=typed: tx.search(k, t)) == (op_id,), (kind, typed)
    for kind, typed in NOT_FOUND:
        assert do(lambda tx, k=kind, t=typed: tx.search(k, t)) == (), (kind, typed)


def test_the_newest_come_first_and_not_too_many(do: Callable, clock: StillClock) -> None:
    made = [take(do, clock, ZHANG, number) for number in range(1, 8)]
    assert do(lambda tx: tx.search(SearchKind.NAME, "曾国强")) == tuple(reversed(made))
    assert do(lambda tx: tx.search(SearchKind.NAME, "曾国强", 3)) == tuple(reversed(made))[:3]


def test_tokens_say_nothing(do: Callable, clock: StillClock, raw: Callable) -> None:
    take(do, clock, ZHANG)
    rows = raw().execute("SELECT kind, token FROM search_index").fetchall()
    assert all(isinstance(token, bytes) and len(token) == TOKEN_BYTES for _kind, token in rows)
    assert len({token for _kind, token in rows}) == len(rows)
    assert token_for(KEY, SearchKind.LAST_FOUR, "1239") != token_for(KEY, SearchKind.NUMBER, "1239")
    assert token_for(KEY, SearchKind.NAME, "曾国强") != token_for(bytes(31) + b"1", SearchKind.NAME, "曾国强")


@pytest.mark.parametrize(
    ("kind", "typed", "plain"),
    [
        (SearchKind.NUMBER, " f35a-12345", "number\0F35A12345"),
        (SearchKind.LAST_FOUR, "239x", "last_four\x00239X"),
        (SearchKind.NAME, "曾 国强", "name\0曾国强"),
        (SearchKind.INITIALS, "C G q", "initials\0cgq"),
        (SearchKind.ACCEPTANCE, "350102-k7qf2m", "acceptance\x00350102K7QF2M"),
    ],
)
def test_what_an_earlier_program_kept_is_found_by_a_later_one(kind: SearchKind, typed: str, plain: str) -> None:
    assert token_for(KEY, kind, typed) == hmac.digest(KEY, plain.encode(), "sm3")[:TOKEN_BYTES]


def test_a_number_of_four_characters_is_found_as_a_whole_only() -> None:
    tokens = tokens_of(KEY, Findable((), ("1239",)), "no-1")
    assert sorted(kind for kind, _token in tokens) == [SearchKind.ACCEPTANCE, SearchKind.NUMBER]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("张伟", ("zw",)),
        ("单雄信", ("dxx", "cxx", "sxx", "dxs", "cxs", "sxs")),
        ("单单单", ("ddd", "cdd", "sdd", "dcd", "ccd", "scd", "dsd", "csd")),
        ("欧阳娜娜", ("oynn",)),
        ("Abdul KARIM", ("ak",)),
        ("Ａbdul·Karim", ("ak",)),
        ("㼆", ("y",)),
        ("𪚥", ("z",)),
        ("\ue000伟", ("w",)),
        ("··", ()),
        ("", ()),
    ],
)
def test_initials_of_a_name(name: str, found: tuple[str, ...]) -> None:
    assert initials(name) == found


def test_a_name_with_a_middle_dot_is_found_with_any_dot_or_none(do: Callable, clock: StillClock) -> None:
    op_id = take(do, clock, Findable(("阿卜杜拉·买买提",), ()))
    for typed in ("阿卜杜拉•买买提", "阿卜杜拉．买买提", "阿卜杜拉买买提"):
        assert do(lambda tx, t=typed: tx.search(SearchKind.NAME, t)) == (op_id,)
    assert do(lambda tx: tx.search(SearchKind.INITIALS, "abdlmmt")) == (op_id,)


@given(name=st.text(max_size=20), number=st.text(max_size=30))
def test_whatever_is_stored_is_found_by_itself(name: str, number: str) -> None:
    tokens = tokens_of(KEY, Findable.of((name,), (number,)), "no-1")
    for kind, typed in ((SearchKind.NAME, name), (SearchKind.NUMBER, number), (SearchKind.ACCEPTANCE, "no-1")):
        token = token_for(KEY, kind, typed)
        assert token is None or (kind, token) in tokens
    assert len([kind for kind, _token in tokens if kind is SearchKind.INITIALS]) <= MOST_READINGS


def test_every_common_character_has_its_letters() -> None:
    table = pinyin_initials.load()
    unknown = [chr(code) for code in range(0x4E00, 0x9FA6) if chr(code) not in table]
    # Ten symbols of units, made in Japan, have no reading in Chinese.
    assert "".join(unknown) == "兙兡嗧桛烪瓧瓰瓱瓼甅"
    assert {letter for letters in table.values() for letter in letters} == set("abcdefghjklmnopqrstwxyz")
