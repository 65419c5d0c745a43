"""Replies of the reference wire /v1 as typed values; what cannot be read is a Refusal, never an exception."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from datetime import datetime
from typing import TypeVar

from app.domain.anchor import AuditFinding, Countersigned, EnrolmentReceipt, LastSequence
from app.domain.digest import payload_sm3
from app.domain.operation import OperationKind, Outcome
from app.domain.profile import Insurance, Profile
from app.domain.refusal import Refusal
from app.province.code_map import UNKNOWN_KIND, CodeMaps
from app.province.json_fields import Fields, IllTyped
from app.province.port import CardCheck, HsmAnswer, ItemAnswer, OwnOperation, ProfileQuery

T = TypeVar("T")

NONSENSE = "PROVINCE-NONSENSE"
_GROUP_LENGTH = 32
_DIGEST_BYTES = 32
_PUBLIC_BYTES = 64


def parse_clock(body: bytes) -> datetime | Refusal:
    """Read {"now"}: RFC 3339 with a zone."""
    return parsed(body, lambda reply: reply.moment("now"))


def parse_hsm_answer(body: bytes, external_asked: bool) -> HsmAnswer | Refusal:
    """Read {"internal","external"}: 32 hex digits each, `external` empty unless it was asked for."""

    def read(reply: Fields) -> HsmAnswer:
        internal, external = reply.text("internal"), reply.text("external")
        if not _is_group(internal):
            raise IllTyped("internal")
        if not (_is_group(external) if external_asked else external == ""):
            raise IllTyped("external")
        return HsmAnswer(internal, external)

    return parsed(body, read)


def parse_card_check(body: bytes, maps: CodeMaps, asked: ProfileQuery) -> CardCheck | Refusal:
    """Read the answer to 卡鉴权; an unknown AAZ502 is SocialState.UNKNOWN, and then the card is not usable.

    A profile that comes with it is one of the card that was asked for, or all of it is nonsense.
    """

    def read(reply: Fields) -> CardCheck:
        social_code = reply.optional_text("social_code") or ""
        social = maps.social_state(social_code, reply.optional_text("production_code") or "")
        known = not social_code or maps.social.knows(social_code)
        return CardCheck(
            check_id=reply.filled_text("check_id"),
            usable=reply.flag("usable") and known,
            social=social,
            version=reply.count("version"),
            reason=reply.optional_text("reason"),
            profile=None
            if reply.values.get("profile") is None
            else _asked_profile(Fields.of(reply.values["profile"]), maps, asked),
        )

    return parsed(body, read)


def parse_profile(body: bytes, maps: CodeMaps, asked: ProfileQuery) -> Profile | Refusal:
    """Read a profile; codes that no list has are kept in `raw_codes` under the list's name.

    One of another card or person than was asked for is nonsense.
    """

    return parsed(body, lambda reply: _asked_profile(reply, maps, asked))


def parse_item_answer(body: bytes) -> ItemAnswer | Refusal:
    """Read the answer on one operation."""
    return parsed(body, _item_answer)


def parse_upload_answers(body: bytes, op_ids: Collection[str]) -> tuple[ItemAnswer, ...] | Refusal:
    """Read {"answers":[…]} into one answer for each op_id asked.

    An item that is missing, unreadable or answered twice in different words is `retry` with PROVINCE-NONSENSE and
    does not fail its neighbours; answers for operations that were not sent are ignored.
    """
    answers = parsed(body, lambda reply: reply.objects("answers"))
    if isinstance(answers, Refusal):
        return answers
    found: dict[str, ItemAnswer] = {}
    for fields in answers:
        answer = _readable(fields)
        if answer is None or answer.op_id not in op_ids:
            continue
        if found.setdefault(answer.op_id, answer) != answer:
            found[answer.op_id] = _illegible(answer.op_id)
    return tuple(found.get(op_id) or _illegible(op_id) for op_id in op_ids)


def parse_enrolment_receipt(body: bytes) -> EnrolmentReceipt | Refusal:
    """Read the province's word that it has the device's first key."""
    return parsed(
        body,
        lambda reply: EnrolmentReceipt(
            device=reply.text("device"),
            incarnation=reply.text("incarnation"),
            first_key_sm3=reply.hexes("first_key_sm3", _DIGEST_BYTES),
            public_key=reply.hexes("public_key", _PUBLIC_BYTES),
            province_key=reply.hexes("province_key", _PUBLIC_BYTES),
            at=reply.text("at"),
            signature=reply.hexes("signature"),
        ),
    )


def parse_countersigned(body: bytes) -> Countersigned | Refusal:
    """Read a countersigned anchor."""
    return parsed(
        body,
        lambda reply: Countersigned(
            device=reply.text("device"),
            incarnation=reply.text("incarnation"),
            anchor_no=reply.count("anchor_no"),
            n=reply.count("n"),
            sm3=reply.hexes("sm3", _DIGEST_BYTES),
            at=reply.text("at"),
            signature=reply.hexes("signature"),
        ),
    )


def parse_last_sequences(body: bytes) -> tuple[LastSequence, ...] | Refusal:
    """Read {"incarnations":[…]}."""
    return parsed(
        body,
        lambda reply: tuple(
            LastSequence(
                incarnation=row.filled_text("incarnation"),
                device_seq=row.count("device_seq"),
                op_id=row.filled_text("op_id"),
                payload_sm3=row.hexes("payload_sm3", _DIGEST_BYTES),
            )
            for row in reply.objects("incarnations")
        ),
    )


def parse_own_operations(body: bytes) -> tuple[OwnOperation, ...] | Refusal:
    """Read {"operations":[…]}; each payload is what its digest says."""
    return parsed(body, lambda reply: tuple(_own_operation(row) for row in reply.objects("operations")))


def parse_released_key(body: bytes) -> str | Refusal:
    """Read {"sealed"}: hex."""
    return parsed(body, lambda reply: reply.hexes("sealed"))


def parse_audit_finding(body: bytes) -> AuditFinding | Refusal:
    """Read {"first_bad","reason","anchored_rows"}; both of the first are null when the rows are good."""

    def read(reply: Fields) -> AuditFinding:
        reason = reply.optional_text("reason")
        first_bad = None if reply.values.get("first_bad") is None else reply.count("first_bad")
        if (reason is None) != (first_bad is None):
            raise IllTyped("first_bad")
        return AuditFinding(first_bad, reason, reply.count("anchored_rows"))

    return parsed(body, read)


def parse_problem(body: bytes) -> str | None:
    """Read the code of an error reply {"code","message"}, or None when it has none."""
    code = parsed(body, lambda reply: reply.filled_text("code"))
    return None if isinstance(code, Refusal) else code


def parse_problem_message(body: bytes) -> str | None:
    """Read what an error reply says beside its code, or None when it says nothing."""
    message = parsed(body, lambda reply: reply.filled_text("message"))
    return None if isinstance(message, Refusal) else message


def parsed(body: bytes, read: Callable[[Fields], T]) -> T | Refusal:
    """Read a body; PROVINCE-NONSENSE names the field that is missing or of another type."""
    try:
        # RecursionError: a reply of nothing but brackets.
        return read(Fields.of(json.loads(body)))
    except IllTyped as wrong:
        return Refusal.of(NONSENSE, field=wrong.field)
    except (ValueError, RecursionError):
        return Refusal.of(NONSENSE, field="JSON")


def _readable(fields: Fields) -> ItemAnswer | None:
    try:
        return _item_answer(fields)
    except IllTyped:
        return None


def _illegible(op_id: str) -> ItemAnswer:
    return ItemAnswer(op_id, Outcome.RETRY, NONSENSE)


def _own_operation(row: Fields) -> OwnOperation:
    kind, payload = row.text("kind"), row.text("payload")
    digest = row.hexes("payload_sm3", _DIGEST_BYTES)
    if payload_sm3(payload) != digest:
        raise IllTyped("payload_sm3")
    if kind not in tuple(OperationKind):
        raise IllTyped("kind")
    return OwnOperation(
        incarnation=row.filled_text("incarnation"),
        device_seq=row.count("device_seq"),
        op_id=row.filled_text("op_id"),
        kind=OperationKind(kind),
        order_key=row.filled_text("order_key"),
        payload=payload,
        payload_sm3=digest,
        schema_ver=row.count("schema_ver"),
        occurred_at=row.moment("occurred_at"),
        base_version=None if row.values.get("base_version") is None else row.count("base_version"),
        answer=_item_answer(row),
    )


def _item_answer(reply: Fields) -> ItemAnswer:
    try:
        outcome = Outcome(reply.text("outcome"))
    except ValueError as unknown:
        raise IllTyped("outcome") from unknown
    return ItemAnswer(
        op_id=reply.filled_text("op_id"),
        outcome=outcome,
        reason=reply.optional_text("reason"),
        message=reply.optional_text("message"),
        effect_at=reply.optional_moment("effect_at"),
    )


def _asked_profile(reply: Fields, maps: CodeMaps, asked: ProfileQuery) -> Profile:
    profile = _profile(reply, maps)
    for field, wanted, found in (
        ("card_id", asked.card_id, profile.card_id),
        ("citizen_number", asked.citizen_number, profile.citizen_number),
    ):
        if wanted is not None and wanted.upper() != found.upper():
            raise IllTyped(field)
    return profile


def _profile(reply: Fields, maps: CodeMaps) -> Profile:
    social = reply.optional_text("social_code") or ""
    bank = reply.optional_text("bank_code") or ""
    production = reply.optional_text("production_code") or ""
    person = reply.optional_text("person_code") or ""
    insurances, unknown_insurances = _insurances(reply, maps)
    unknown = [
        (name, code)
        for name, code, known in (
            ("social", social, not social or maps.social.knows(social)),
            ("bank", bank, maps.bank.knows(bank)),
            ("production", production, maps.production.knows(production)),
            ("person", person, maps.person.knows(person)),
        )
        if not known
    ]
    return Profile(
        person_ref=reply.filled_text("person_ref"),
        name=reply.text("name"),
        citizen_number=reply.text("citizen_number"),
        sex=reply.optional_text("sex_code") or "",
        nation=reply.optional_text("nation_code") or "",
        birth_date=reply.optional_day("birth_date"),
        phone=reply.optional_text("phone"),
        card_id=reply.optional_text("card_id") or "",
        card_number=reply.optional_text("card_number") or "",
        region=reply.optional_text("region_code") or "",
        bank_name=reply.optional_text("bank_name") or "",
        bank_line=reply.optional_text("bank_line") or "",
        bank_account=reply.optional_text("bank_account") or "",
        issued=reply.optional_day("issued"),
        expires=reply.optional_day("expires"),
        social=maps.social_state(social, production),
        bank=maps.bank.state(bank),
        production=maps.production.state(production),
        person=maps.person.state(person),
        register=maps.register_state(social, reply.optional_text("register_code") or ""),
        version=reply.count("version"),
        replacement_open=reply.flag("replacement_open"),
        insurances=insurances,
        notes=reply.texts("notes"),
        as_of=reply.moment("as_of"),
        raw_codes=(*unknown, *unknown_insurances),
    )


def _insurances(reply: Fields, maps: CodeMaps) -> tuple[tuple[Insurance, ...], list[tuple[str, str]]]:
    insurances = []
    unknown = []
    for row in reply.objects("insurances"):
        kind_code, state_code = row.filled_text("kind_code"), row.optional_text("state_code")
        kind = maps.insurance_kind.get(kind_code, UNKNOWN_KIND)
        if kind == UNKNOWN_KIND:
            unknown.append(("insurance_kind", kind_code))
        state = None
        if state_code:
            state = maps.insurance_state.get(state_code, UNKNOWN_KIND)
            if state == UNKNOWN_KIND:
                unknown.append(("insurance_state", state_code))
        insurances.append(Insurance(kind, state, row.optional_text("region_code"), row.optional_day("since")))
    return tuple(insurances), unknown


def _is_group(text: str) -> bool:
    return len(text) == _GROUP_LENGTH and all(character in "0123456789abcdefABCDEF" for character in text)
