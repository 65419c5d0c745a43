"""No number, key, code or known name stays in a text that is logged."""

from __future__ import annotations

import base64
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.citizen_number import check_digit, grouped
from app.domain.redaction import Redactor

NAMES = ("司马相如", "王芳", "阿卜杜拉·买买提", "𠮷野家", "Abdul Karim")
WORDS = st.text(alphabet=st.characters(exclude_categories=("Cs", "Nd", "Lu", "Ll", "Lm", "Lo")), max_size=8)
DIGITS17 = st.text(alphabet="0123456789", min_size=17, max_size=17)


def plain(text: str) -> str:
    """Return a text without what only groups its digits."""
    return "".join(character for character in text if character.isalnum()).upper()


@given(before=WORDS, after=WORDS, first=DIGITS17)
def test_a_citizen_number_never_stays(before: str, after: str, first: str) -> None:
    number = first + check_digit(first)
    for way in (number, number.lower(), grouped(number), f"{number[:6]}-{number[6:14]}-{number[14:]}"):
        assert number not in plain(Redactor().clean(f"{before}{way}{after}"))


@given(before=WORDS, after=WORDS, number=st.from_regex(r"\A62[0-9]{11,17}\Z"))
def test_an_account_number_never_stays(before: str, after: str, number: str) -> None:
    fours = " ".join(number[start : start + 4] for start in range(0, len(number), 4))
    for way in (number, fours, fours.replace(" ", "-")):
        assert number not in plain(Redactor().clean(f"{before}{way}{after}"))


@given(before=WORDS, after=WORDS, number=st.from_regex(r"\A[A-Z][0-9A-Z]{2}[0-9]{5}[0-9X]\Z"))
def test_a_card_number_never_stays(before: str, after: str, number: str) -> None:
    assert number not in Redactor().clean(f"{before}{number}{after}")


@given(before=st.text(max_size=10), after=st.text(max_size=10), name=st.sampled_from(NAMES))
def test_a_known_name_never_stays(before: str, after: str, name: str) -> None:
    redactor = Redactor()
    redactor.know(NAMES)
    for way in (name, " ".join(name), name.replace("·", "•"), ascii(name), repr(name.encode()), name.encode().hex()):
        cleaned = redactor.clean(f"{before}{way}{after}")
        assert way not in cleaned
        assert name not in cleaned


@given(key=st.binary(min_size=16, max_size=48), before=WORDS)
def test_a_key_never_stays(key: bytes, before: str) -> None:
    for way in (key.hex(), key.hex(" "), key.hex(":").upper(), repr(key), repr(bytearray(key))):
        cleaned = Redactor().clean(f"{before}{way}.")
        assert way not in cleaned


def test_an_e_card_code_and_a_key_in_base_64_never_stay() -> None:
    for _ in range(300):
        for made in (base64.b64encode(secrets.token_bytes(32)).decode(), f"{secrets.token_urlsafe(40)}7"):
            cleaned = Redactor().clean(f"code={made};")
            assert made not in cleaned
            assert made[:24] not in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "sending failed: 503 after 2.5 s, 17 waiting",
        "op 0193a1c2-7b00-7000-8000-000000000001 settled",
        '  File "app/journal/outbox.py", line 166, in settle',
        "2026-11-22 09:00:00",
        "JOURNAL-DAMAGED",
        "yikatong journal verify --with-province",
        "sqlalchemy.exc.IntegrityError",
    ],
)
def test_what_a_log_is_for_stays(text: str) -> None:
    assert Redactor().clean(text) == text


def test_forgotten_names_are_words_again() -> None:
    redactor = Redactor()
    redactor.know(["王芳", None, "", "王"])
    assert redactor.clean("王芳 王") == "[name] 王"
    redactor.forget()
    assert redactor.clean("王芳") == "王芳"
