"""Forms, their checks and the review; made from the service, prefilled from the profile."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.catalogue.texts import Texts
from app.domain.citizen_number import grouped
from app.domain.digest import sm3_hex
from app.domain.operation import OperationKind, canonical_json
from app.domain.refusal import Refusal
from app.services.views import FieldKind, FormField, FormView, PossibleService, ReviewLine, ReviewView, VisitView

LOSS_REASONS = ("lost", "stolen", "left_elsewhere")
INTAKE_BUSINESS = ("replacement", "exchange", "enable", "other")
_PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}")


def make_form(service: PossibleService, visit: VisitView, texts: Texts) -> FormView:
    """Make a service's form, prefilled with what is known."""
    return FormView(service, tuple(_fields(service.kind, visit, texts)), offline_notice(service, visit, texts))


def offline_notice(service: PossibleService, visit: VisitView, texts: Texts) -> str | None:
    """Return what the holder must be told when the operation waits for the province."""
    if not visit.offline:
        return None
    if service.kind is OperationKind.TEMPORARY_LOSS:
        return texts("services.offline_loss", bank_line=bank_line(visit, texts))
    return texts("services.offline_intake")


def bank_line(visit: VisitView, texts: Texts) -> str:
    """Return the bank's telephone line, or words for it when the bank is not known."""
    return visit.profile.bank_line if visit.profile is not None else texts("receipt_words.bank_line_unknown")


def _fields(kind: OperationKind, visit: VisitView, texts: Texts) -> list[FormField]:
    identity, profile = visit.identity, visit.profile
    shown = [
        FormField("holder", texts("fields.holder"), FieldKind.READ_ONLY, identity.name or ""),
        FormField(
            "citizen_number",
            texts("fields.citizen_number"),
            FieldKind.READ_ONLY,
            grouped(identity.citizen_number or ""),
        ),
        FormField("card_number", texts("fields.card_number"), FieldKind.READ_ONLY, identity.card_number or ""),
    ]
    phone = FormField(
        "phone",
        texts("fields.phone"),
        FieldKind.TEXT,
        (profile.phone or "") if profile is not None else "",
        required=kind is OperationKind.TEMPORARY_LOSS,
        max_code_points=15,
    )
    note = FormField("note", texts("fields.note"), FieldKind.TEXT)
    match kind:
        case OperationKind.TEMPORARY_LOSS:
            reasons = tuple((code, texts(f"choices.loss_reason.{code}")) for code in LOSS_REASONS)
            reason = FormField("reason", texts("fields.loss_reason"), FieldKind.CHOICE, "lost", True, reasons)
            return [*shown, reason, phone, note]
        case OperationKind.RELEASE_LOSS:
            return [*shown, note]
        case OperationKind.INTAKE:
            kinds = tuple((code, texts(f"choices.business.{code}")) for code in INTAKE_BUSINESS)
            business = FormField("business", texts("fields.business"), FieldKind.CHOICE, "replacement", True, kinds)
            return [*shown, business, phone, note]


def check_field(field: FormField, value: str) -> Refusal | None:
    """Check one entered value at field exit; limits count code points."""
    if field.required and not value.strip():
        return Refusal.of("FIELD-REQUIRED", field=field.label)
    if len(value) > field.max_code_points:
        return Refusal.of("FIELD-TOO-LONG", field=field.label, limit=field.max_code_points)
    if field.key == "phone" and value.strip() and not _PHONE.fullmatch(value.strip()):
        return Refusal.of("FIELD-NOT-PHONE", field=field.label)
    return None


def check_form(form: FormView, values: Mapping[str, str]) -> tuple[tuple[str, Refusal], ...]:
    """Check every field; returns (field key, refusal) in the form's order."""
    found = []
    for field in form.fields:
        refusal = None if field.kind is FieldKind.READ_ONLY else check_field(field, values.get(field.key, ""))
        if refusal is not None:
            found.append((field.key, refusal))
    return tuple(found)


def make_review(form: FormView, values: Mapping[str, str], visit: VisitView, texts: Texts) -> ReviewView:
    """Show what was and what will be; the digest is the SM3 of exactly these lines."""
    lines = [_state_line(form.service.kind, visit, texts)]
    for field in form.fields:
        if field.kind is FieldKind.READ_ONLY:
            lines.append(ReviewLine(field.key, field.label, field.value, field.value))
            continue
        entered = values.get(field.key, "").strip()
        titles = dict(field.choices)
        old, new = titles.get(field.value, field.value), titles.get(entered, entered)
        lines.append(ReviewLine(field.key, field.label, old, new))
    shown = canonical_json(
        {"service": form.service.code, "lines": [[line.label, line.old, line.new] for line in lines]}
    )
    digest = sm3_hex(shown.encode())
    return ReviewView(form.service, tuple(lines), digest, form.offline_notice)


def _state_line(kind: OperationKind, visit: VisitView, texts: Texts) -> ReviewLine:
    profile = visit.profile
    old = (
        texts("states.social.unseen")
        if profile is None
        else texts(f"states.social.{profile.social}", raw=dict(profile.raw_codes).get("social", ""))
    )
    new = {
        OperationKind.TEMPORARY_LOSS: texts("states.social.lost_temporary"),
        OperationKind.RELEASE_LOSS: texts("states.social.normal"),
        OperationKind.INTAKE: old,
    }[kind]
    if visit.offline and kind is OperationKind.TEMPORARY_LOSS:
        new = texts("receipt_words.waiting", state=new)
    return ReviewLine("social_state", texts("fields.social_state"), old, new)
