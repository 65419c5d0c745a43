"""Replies as values; garbage is PROVINCE-NONSENSE and never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.anchor import AuditFinding, Countersigned, EnrolmentReceipt, LastSequence
from app.domain.operation import Outcome
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.province import wire
from app.province.code_map import load, names
from app.province.port import CardCheck, HsmAnswer, ItemAnswer, ProfileQuery

MAPS = load()
GROUP = "0123456789abcdefABCDEF0123456789"
ASKED = ProfileQuery("test", card_id="F" * 32)

PARSERS: dict[str, Callable[[bytes], object]] = {
    "clock": wire.parse_clock,
    "hsm": lambda body: wire.parse_hsm_answer(body, external_asked=True),
    "check": lambda body: wire.parse_card_check(body, MAPS, ASKED),
    "profile": lambda body: wire.parse_profile(body, MAPS, ASKED),
    "item": wire.parse_item_answer,
    "answers": lambda body: wire.parse_upload_answers(body, ["op-1"]),
    "enrolled": wire.parse_enrolment_receipt,
    "anchored": wire.parse_countersigned,
    "sequence": wire.parse_last_sequences,
    "finding": wire.parse_audit_finding,
}
DIGEST, PUBLIC = "0a" * 32, "0b" * 64
REPLIES: dict[str, dict[str, Any]] = {
    "enrolled": {
        "device": "窗口-03",
        "incarnation": "i",
        "first_key_sm3": DIGEST,
        "public_key": PUBLIC,
        "province_key": PUBLIC,
        "at": "2026-11-22T02:00:00.000000+00:00",
        "signature": "3045",
    },
    "anchored": {
        "device": "窗口-03",
        "incarnation": "i",
        "anchor_no": 7,
        "n": 12,
        "sm3": DIGEST,
        "at": "2026-11-22T02:00:00.000000+00:00",
        "signature": "3045",
    },
    "sequence": {"incarnations": [{"incarnation": "i", "device_seq": 5, "op_id": "op", "payload_sm3": DIGEST}]},
    "finding": {"first_bad": None, "reason": None, "anchored_rows": 12},
    "clock": {"now": "2026-11-22T10:00:00+08:00"},
    "hsm": {"internal": GROUP, "external": GROUP},
    "check": {
        "check_id": "c",
        "usable": True,
        "social_code": "1",
        "production_code": "32",
        "version": 3,
        "reason": None,
    },
    "profile": {
        "person_ref": "p",
        "name": "林小满",
        "citizen_number": "350100198506120013",
        "sex_code": "1",
        "nation_code": "01",
        "birth_date": "1985-06-12",
        "phone": None,
        "card_id": "F" * 32,
        "card_number": "A10000103",
        "region_code": "350100",
        "bank_name": "工商银行",
        "bank_line": "95588",
        "bank_account": "620000",
        "issued": "2020-01-01",
        "expires": None,
        "social_code": "1",
        "bank_code": "1",
        "production_code": "32",
        "person_code": "1",
        "register_code": "1",
        "version": 1,
        "replacement_open": False,
        "insurances": [{"kind_code": "110", "state_code": "1", "region_code": "350100", "since": "2001-01-01"}],
        "notes": ["一条"],
        "as_of": "2026-11-22T02:00:00Z",
    },
    "item": {"op_id": "op-1", "outcome": "applied", "reason": None, "message": None, "effect_at": None},
    "answers": {"answers": [{"op_id": "op-1", "outcome": "rejected", "reason": "OP-NOT-LOST"}]},
}


def body(value: object) -> bytes:
    return json.dumps(value).encode()


def is_nonsense(found: object) -> bool:
    return isinstance(found, Refusal) and found.code == wire.NONSENSE


def test_whole_replies_are_read() -> None:
    assert wire.parse_clock(body(REPLIES["clock"])) == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert PARSERS["hsm"](body(REPLIES["hsm"])) == HsmAnswer(GROUP, GROUP)
    assert PARSERS["check"](body(REPLIES["check"])) == CardCheck("c", True, SocialState.NORMAL, 3, None)
    assert PARSERS["item"](body(REPLIES["item"])) == ItemAnswer("op-1", Outcome.APPLIED)
    assert PARSERS["answers"](body(REPLIES["answers"])) == (ItemAnswer("op-1", Outcome.REJECTED, "OP-NOT-LOST"),)
    found = PARSERS["profile"](body({**REPLIES["profile"], "added_later": {"any": "thing"}}))
    assert isinstance(found, Profile)
    assert (found.birth_date, found.expires, found.raw_codes) == (date(1985, 6, 12), None, ())
    assert found.insurances[0].kind == "pension_employee"


@pytest.mark.parametrize("name", PARSERS)
@pytest.mark.parametrize(
    "garbage",
    [b"", b"\xff\xfe", b"<html>", b"null", b"[]", b'"text"', b"17", b"{", b"{}", b"[" * 100_000, b"9" * 10_000],
)
def test_garbage_is_nonsense(name: str, garbage: bytes) -> None:
    assert is_nonsense(PARSERS[name](garbage))


WRONG = [7, -1, 2**63, True, None, "", "x", "\x00", "\ud800", [], {}, [7], [[]], 1.5]


@pytest.mark.parametrize("name", ["clock", "hsm", "check", "profile", "item"])
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_a_field_of_another_type_is_nonsense_or_harmless(name: str, wrong: object) -> None:
    for field in REPLIES[name]:
        found = PARSERS[name](body({**REPLIES[name], field: wrong}))
        assert is_nonsense(found) or not isinstance(found, Refusal)
        without = PARSERS[name](body({key: value for key, value in REPLIES[name].items() if key != field}))
        assert is_nonsense(without) or not isinstance(without, Refusal)


@pytest.mark.parametrize(
    ("name", "field", "wrong"),
    [
        ("clock", "now", "2026-11-22T10:00:00"),
        ("clock", "now", "yesterday"),
        ("hsm", "internal", GROUP[:-1]),
        ("hsm", "external", ""),
        ("hsm", "internal", "g" * 32),
        ("check", "usable", "yes"),
        ("check", "usable", 1),
        ("check", "version", True),
        ("check", "version", -1),
        ("check", "version", 2**63),
        ("check", "check_id", ""),
        ("profile", "name", "a\x1b[2Jb"),
        ("profile", "name", "\ud800"),
        ("profile", "issued", "2020-02-30"),
        ("profile", "notes", [7]),
        ("profile", "notes", "text"),
        ("profile", "insurances", [7]),
        ("profile", "insurances", [{"kind_code": ""}]),
        ("profile", "as_of", None),
        ("profile", "as_of", "9999-12-31T23:59:59Z"),
        ("profile", "as_of", "0001-01-01T00:00:00Z"),
        ("profile", "birth_date", "0001-01-01"),
        ("profile", "expires", "9999-12-31"),
        ("profile", "card_id", "E" * 32),
        ("profile", "card_id", None),
        ("clock", "now", "1899-12-31T00:00:00Z"),
        ("item", "outcome", "perhaps"),
        ("item", "effect_at", "soon"),
        ("item", "effect_at", "9999-12-31T23:59:59Z"),
    ],
)
def test_what_would_mislead_is_nonsense_and_names_the_field(name: str, field: str, wrong: object) -> None:
    found = PARSERS[name](body({**REPLIES[name], field: wrong}))
    assert is_nonsense(found)
    assert isinstance(found, Refusal)
    assert dict(found.facts)["field"] in (field, "kind_code")


def test_a_profile_is_of_whom_was_asked() -> None:
    reply = body(REPLIES["profile"])
    by_number = ProfileQuery("test", citizen_number="350100198506120013")
    assert isinstance(wire.parse_profile(reply, MAPS, by_number), Profile)
    assert isinstance(wire.parse_profile(reply, MAPS, ProfileQuery("test", card_id="f" * 32)), Profile)
    other = wire.parse_profile(reply, MAPS, ProfileQuery("test", citizen_number="350100198506120021"))
    assert other == Refusal.of(wire.NONSENSE, field="citizen_number")


def test_an_external_answer_that_nobody_asked_for_is_nonsense() -> None:
    assert is_nonsense(wire.parse_hsm_answer(body(REPLIES["hsm"]), external_asked=False))
    plain = body({"internal": GROUP, "external": ""})
    assert wire.parse_hsm_answer(plain, external_asked=False) == HsmAnswer(GROUP, "")


def test_a_card_of_unknown_state_is_never_usable() -> None:
    found = PARSERS["check"](body({**REPLIES["check"], "social_code": "8"}))
    assert isinstance(found, CardCheck)
    assert (found.usable, found.social) == (False, SocialState.UNKNOWN)


@pytest.mark.parametrize("dialect", names())
def test_a_profile_means_the_same_in_every_provinces_codes(dialect: str) -> None:
    maps = load(dialect)
    for name in ("social", "bank", "production", "person"):
        states = getattr(maps, name)
        for code, state in states.states.items():
            if name == "social" and not code:
                continue
            said = {"social_code": "1", "register_code": "1", "production_code": "", f"{name}_code": code}
            profile = wire.parse_profile(body(REPLIES["profile"] | said), maps, ASKED)
            assert isinstance(profile, Profile)
            assert getattr(profile, name) is state
            assert name not in dict(profile.raw_codes)
        profile = wire.parse_profile(body(REPLIES["profile"] | {f"{name}_code": "@"}), maps, ASKED)
        assert isinstance(profile, Profile)
        assert getattr(profile, name) == "unknown"
        assert dict(profile.raw_codes)[name] == "@"


def test_unknown_insurances_are_kept() -> None:
    rows = [
        {"kind_code": "999", "state_code": "7", "region_code": None, "since": None},
        {"kind_code": "310", "state_code": None, "region_code": None, "since": None},
    ]
    found = PARSERS["profile"](body({**REPLIES["profile"], "insurances": rows}))
    assert isinstance(found, Profile)
    assert [(row.kind, row.state) for row in found.insurances] == [("unknown", "unknown"), ("medical", None)]
    assert found.raw_codes == (("insurance_kind", "999"), ("insurance_state", "7"))


def test_each_item_is_judged_by_itself() -> None:
    answers = [
        {"op_id": "a", "outcome": "applied"},
        {"op_id": "b", "outcome": "perhaps"},
        {"op_id": "c", "outcome": "applied"},
        {"op_id": "c", "outcome": "rejected"},
        {"op_id": "d", "outcome": "conflict"},
        {"op_id": "d", "outcome": "conflict"},
        {"op_id": "stranger", "outcome": "applied"},
    ]
    found = wire.parse_upload_answers(body({"answers": answers}), ["a", "b", "c", "d", "e"])
    assert found == (
        ItemAnswer("a", Outcome.APPLIED),
        ItemAnswer("b", Outcome.RETRY, wire.NONSENSE),
        ItemAnswer("c", Outcome.RETRY, wire.NONSENSE),
        ItemAnswer("d", Outcome.CONFLICT),
        ItemAnswer("e", Outcome.RETRY, wire.NONSENSE),
    )
    assert is_nonsense(wire.parse_upload_answers(body({"answers": [7]}), ["a"]))


def test_what_concerns_the_audit_chain_is_read() -> None:
    enrolled = wire.parse_enrolment_receipt(body(REPLIES["enrolled"]))
    assert enrolled == EnrolmentReceipt(**REPLIES["enrolled"])
    assert wire.parse_countersigned(body(REPLIES["anchored"])) == Countersigned(**REPLIES["anchored"])
    assert wire.parse_last_sequences(body(REPLIES["sequence"])) == (LastSequence("i", 5, "op", DIGEST),)
    assert wire.parse_audit_finding(body(REPLIES["finding"])) == AuditFinding(None, None, 12)
    found = {"first_bad": 3, "reason": "AUDIT-TAG-WRONG", "anchored_rows": 2}
    assert wire.parse_audit_finding(body(found)) == AuditFinding(3, "AUDIT-TAG-WRONG", 2)


@pytest.mark.parametrize(
    ("name", "field", "value"),
    [
        *(("anchored", "sm3", value) for value in (DIGEST[:-2], DIGEST + "00", DIGEST[:-1] + "G", DIGEST.upper(), "")),
        *(("anchored", "signature", value) for value in ("", "0", "xx", None)),
        ("anchored", "n", -1),
        ("enrolled", "province_key", DIGEST),
        ("enrolled", "first_key_sm3", PUBLIC),
        ("finding", "first_bad", 3),
        ("finding", "reason", "AUDIT-TAG-WRONG"),
        ("sequence", "incarnations", [{}]),
    ],
)
def test_what_is_no_digest_key_or_signature_is_not_used(name: str, field: str, value: object) -> None:
    assert is_nonsense(PARSERS[name](body({**REPLIES[name], field: value})))


def test_the_code_of_a_problem() -> None:
    assert wire.parse_problem(b'{"code":"CARD-UNKNOWN","message":""}') == "CARD-UNKNOWN"
    assert wire.parse_problem(b"<html>") is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(name=st.sampled_from(sorted(PARSERS)), value=JSON, data=st.data())
def test_no_reply_raises(name: str, value: object, data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(REPLIES[name])))
    found = PARSERS[name](json.dumps({**REPLIES[name], field: value}).encode())
    assert found is not None


@pytest.mark.parametrize(("card_id", "fits"), [("F" * 32, True), ("E" * 32, False)])
def test_a_profile_that_comes_with_a_check_is_the_asked_cards_or_nonsense(card_id: str, fits: bool) -> None:
    found = wire.parse_card_check(
        body({**REPLIES["check"], "profile": {**REPLIES["profile"], "card_id": card_id}}), MAPS, ASKED
    )
    assert is_nonsense(found) is not fits
    if fits:
        assert isinstance(found, CardCheck)
        assert found.profile == wire.parse_profile(body(REPLIES["profile"]), MAPS, ASKED)
