"""Forms, field checks in code points, review and its digest."""

from __future__ import annotations

import pytest

from app.catalogue import services, texts
from app.catalogue.forms import FieldKind, Known
from app.domain.operation import OperationKind
from app.domain.profile import Profile
from app.domain.states import SocialState
from app.services.forms import check_field, check_form, make_form, make_review
from app.services.guards import Facts, possible_services
from app.services.views import FormField, FormView, VisitView
from tests.unit.services.people import EVERYTHING, identity, profile

WORDS = texts.load()


def visit(shown: Profile | None = None, online: bool = True) -> VisitView:
    facts = Facts(identity(), shown, online, EVERYTHING)
    offered = possible_services(services.load(), WORDS, facts)
    line = shown.bank_line if shown is not None else None
    return VisitView(facts.identity, shown, not online, offered, None, bank_line=line)


def form(kind: OperationKind, of: VisitView) -> FormView:
    service = next(service for service in of.services if service.kind is kind)
    return make_form(services.load().forms[kind], service, of, WORDS)


def field_of(kind: OperationKind, key: str) -> FormField:
    return next(field for field in form(kind, visit(profile())).fields if field.key == key)


def test_a_form_is_prefilled_and_asks_only_what_is_not_known() -> None:
    made = form(OperationKind.TEMPORARY_LOSS, visit(profile()))
    fields = {field.key: field for field in made.fields}
    assert fields["phone"].value == "13900000000"
    assert fields["citizen_number"].value == "110101 19900307 0011"
    assert fields["reason"].kind is FieldKind.CHOICE
    assert made.offline_notice is None


def test_offline_the_notice_names_12333_and_the_bank() -> None:
    unseen = form(OperationKind.TEMPORARY_LOSS, visit(None, online=False)).offline_notice
    seen = form(OperationKind.TEMPORARY_LOSS, visit(profile(), online=False)).offline_notice
    assert unseen is not None
    assert seen is not None
    assert "12333 和卡背面的发卡银行客服电话" in unseen
    assert "12333 和发卡银行 95588" in seen
    assert "尚未生效" in seen
    assert "卡鉴权未做" in (form(OperationKind.INTAKE, visit(None, online=False)).offline_notice or "")


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("", "FIELD-REQUIRED"),
        (" ", "FIELD-REQUIRED"),
        ("12", "FIELD-NOT-PHONE"),
        ("0591-87654321", None),
        ("13900000000", None),
    ],
)
def test_a_phone_is_checked_at_field_exit(value: str, code: str | None) -> None:
    refusal = check_field(field_of(OperationKind.TEMPORARY_LOSS, "phone"), value)
    assert (refusal.code if refusal else None) == code


def test_limits_count_code_points_not_utf16_units() -> None:
    field = FormField("note", "备注", FieldKind.TEXT, longest=2)
    assert check_field(field, "𠮷𠮷") is None
    refusal = check_field(field, "𠮷𠮷𠮷")
    assert refusal is not None
    assert refusal.code == "FIELD-TOO-LONG"


@pytest.mark.parametrize(
    ("kind", "key", "value"),
    [(OperationKind.INTAKE, "business", "xyz"), (OperationKind.TEMPORARY_LOSS, "reason", "Lost")],
)
def test_only_what_is_listed_can_be_chosen(kind: OperationKind, key: str, value: str) -> None:
    field = field_of(kind, key)
    refusal = check_field(field, value)
    assert refusal is not None
    assert refusal.code == "FIELD-NOT-CHOICE"
    assert [check_field(field, code) for code, _ in field.choices] == [None] * len(field.choices)


def test_every_form_has_its_words_and_every_known_thing_fills_a_field() -> None:
    rows = services.load().forms
    assert rows.keys() == set(OperationKind)
    for kind in rows:
        for made in (form(kind, visit(profile())), form(kind, visit(None, online=False))):
            assert all(field.label for field in made.fields)
            first = {field.key: next((code for code, _ in field.choices), "13900000000") for field in made.fields}
            assert not check_form(made, {field.key: field.value or first[field.key] for field in made.fields})
    assert {field.known for row in rows.values() for field in row.fields} - {None} == set(Known)


def test_all_errors_come_at_once_in_the_forms_order() -> None:
    made = form(OperationKind.TEMPORARY_LOSS, visit(profile()))
    assert [key for key, _ in check_form(made, {"reason": "", "phone": "1"})] == ["reason", "phone"]
    assert check_form(made, {"reason": "lost", "phone": "13900000000"}) == ()


def test_the_review_shows_old_and_new_and_its_digest_is_of_what_is_shown() -> None:
    of = visit(profile())
    made = form(OperationKind.TEMPORARY_LOSS, of)
    values = {"reason": "stolen", "phone": "13900000001", "note": ""}
    review = make_review(made, values, of, WORDS)
    assert (review.lines[0].old, review.lines[0].new) == ("正常", "临时挂失")
    assert any(line.old == "" and line.new == "被盗" for line in review.lines)
    assert review.digest == make_review(made, values, of, WORDS).digest
    assert review.digest != make_review(made, {**values, "note": "x"}, of, WORDS).digest
    assert len(review.digest) == 64


def test_an_offline_loss_is_reviewed_as_waiting_and_unseen() -> None:
    of = visit(None, online=False)
    review = make_review(form(OperationKind.TEMPORARY_LOSS, of), {"reason": "lost", "phone": "1"}, of, WORDS)
    assert review.lines[0].old == "未查到"
    assert "未生效" in review.lines[0].new


def test_release_and_intake_show_their_ends() -> None:
    lost = visit(profile(SocialState.LOST_TEMPORARY))
    review = make_review(form(OperationKind.RELEASE_LOSS, lost), {}, lost, WORDS)
    assert (review.lines[0].old, review.lines[0].new) == ("临时挂失", "正常")
    intake = make_review(form(OperationKind.INTAKE, lost), {"business": "exchange"}, lost, WORDS)
    assert intake.lines[0].old == intake.lines[0].new
