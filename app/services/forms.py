"""Forms, their checks and the review; made from the service, prefilled from the profile."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from app.catalogue.forms import FieldKind, FieldRow, FormRow, Known
from app.catalogue.texts import Texts
from app.domain.citizen_number import grouped
from app.domain.digest import sm3_hex
from app.domain.operation import canonical_json
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import SocialState
from app.services.bank_words import bank_words
from app.services.views import FormField, FormView, PossibleService, ReviewLine, ReviewView, VisitView

_KNOWN: Mapping[Known, Callable[[VisitView], str | None]] = {
    Known.NAME: lambda visit: visit.identity.name,
    Known.CITIZEN_NUMBER: lambda visit: grouped(visit.identity.citizen_number or ""),
    Known.CARD_NUMBER: lambda visit: visit.identity.card_number,
    Known.PHONE: lambda visit: visit.profile.phone if visit.profile is not None else None,
}


def make_form(row: FormRow, service: PossibleService, visit: VisitView, texts: Texts) -> FormView:
    """Make a service's form, prefilled with what is known."""
    fields = tuple(_field(field, field.key in row.required, visit, texts) for field in row.fields)
    return FormView(service, fields, _offline_notice(row, visit, texts), row.becomes, row.account_becomes)


def _offline_notice(row: FormRow, visit: VisitView, texts: Texts) -> str | None:
    """Return what the holder must be told when the operation waits for the province."""
    if not visit.offline or row.offline_notice is None:
        return None
    return texts(row.offline_notice, bank=bank_words(visit.bank_line, texts))


def _field(row: FieldRow, required: bool, visit: VisitView, texts: Texts) -> FormField:
    known = _KNOWN[row.known](visit) if row.known is not None else None
    return FormField(
        key=row.key,
        label=texts(f"fields.{row.label}"),
        kind=row.kind,
        value=known or row.value,
        on_file=known or "",
        required=required,
        choices=tuple((code, texts(f"choices.{row.choice_list}.{code}")) for code in row.choices),
        longest=row.longest,
        pattern=row.pattern,
        wrong=row.wrong,
    )


def check_field(field: FormField, value: str) -> Refusal | None:
    """Check one entered value at field exit; limits count code points."""
    if field.required and not value.strip():
        return Refusal.of("FIELD-REQUIRED", field=field.label)
    if field.longest is not None and len(value) > field.longest:
        return Refusal.of("FIELD-TOO-LONG", field=field.label, limit=field.longest)
    if not value.strip():
        return None
    if field.kind is FieldKind.CHOICE and value not in dict(field.choices):
        return Refusal.of("FIELD-NOT-CHOICE", field=field.label)
    if field.pattern and not re.fullmatch(field.pattern, value.strip()):
        return Refusal.of(field.wrong, field=field.label)
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
    lines = [_state_line(form, visit, texts), *_account_line(form, visit.profile, texts)]
    for field in form.fields:
        if field.kind is FieldKind.READ_ONLY:
            lines.append(ReviewLine(field.key, field.label, field.value, field.value))
            continue
        entered = values.get(field.key, "").strip()
        titles = dict(field.choices)
        old, new = titles.get(field.on_file, field.on_file), titles.get(entered, entered)
        lines.append(ReviewLine(field.key, field.label, old, new))
    shown = canonical_json(
        {"service": form.service.code, "lines": [[line.label, line.old, line.new] for line in lines]}
    )
    digest = sm3_hex(shown.encode())
    return ReviewView(form.service, tuple(lines), digest, form.offline_notice)


def _state_line(form: FormView, visit: VisitView, texts: Texts) -> ReviewLine:
    profile = visit.profile
    raw = dict(profile.raw_codes).get("social", "") if profile is not None else ""
    old = texts("states.social.unseen") if profile is None else _state(profile.social, texts, raw)
    new = old if form.becomes is None else _state(form.becomes, texts, "")
    if visit.offline and form.becomes is not None:
        new = texts("receipt_words.waiting", state=new)
    return ReviewLine("social_state", texts("fields.social_state"), old, new)


def _account_line(form: FormView, profile: Profile | None, texts: Texts) -> Iterator[ReviewLine]:
    """Yield what becomes of the account behind the card, by its last four digits; nothing where none is touched."""
    if form.account_becomes is None or profile is None or not profile.bank_account:
        return
    account = texts("fields.bank_account", bank=profile.bank_name, last_four=profile.bank_account[-4:])
    yield ReviewLine("bank_account", account, texts(f"states.bank.{profile.bank}"), texts(form.account_becomes))


def _state(state: SocialState, texts: Texts, raw: str) -> str:
    return texts(f"states.social.{state}", raw=raw)
