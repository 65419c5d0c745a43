"""What an operation's receipt says, from the journal's rows and the tables; nothing is rendered or kept here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from app.catalogue import masks
from app.catalogue.forms import FormRow
from app.catalogue.receipts import Check, Ending, ReceiptTable
from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.clock import HALL_ZONE
from app.domain.operation import DeliveryState, Operation, OperationKind
from app.journal.saga_values import SagaView
from app.services.bank_words import bank_words
from app.services.formal_loss import BANK_STEP, account_end
from app.services.receipt_content import ReceiptContent
from app.services.saga_outcome import TakenState
from app.services.views import VisitView

_ENDED = {
    DeliveryState.APPLIED: Ending.APPLIED,
    DeliveryState.REJECTED: Ending.REJECTED,
    DeliveryState.CONFLICT: Ending.CONFLICT,
}


class ReceiptWriter:
    """Writes the receipts of one hall."""

    def __init__(
        self,
        table: ReceiptTable,
        forms: Mapping[OperationKind, FormRow],
        texts: Texts,
        sentences: Sentences,
        hall_name: str,
        training: bool,
    ) -> None:
        self._table = table
        self._forms = forms
        self._texts = texts
        self._sentences = sentences
        self._hall_name = hall_name
        self._training = training

    def write(self, operation: Operation, taken: TakenState, visit: VisitView, actor: Actor) -> ReceiptContent:
        """Say what became of an operation."""
        texts, hide, identity = self._texts, masks.load().hide, visit.identity
        payload: Mapping[str, object] = json.loads(operation.payload)
        ending = _ENDED.get(taken.state) or (Ending.OFFLINE if payload["offline"] else Ending.PENDING)
        words = {
            "bank": bank_words(visit.bank_line, texts),
            "reason": self._sentences.code(taken.reason or "UNKNOWN").text,
        }
        row = self._table.endings[operation.kind][ending]
        return ReceiptContent(
            title=texts(f"receipt_words.title_{operation.kind}"),
            acceptance_no=operation.acceptance_no,
            hall=self._hall_name,
            window=actor.window,
            clerk=actor.staff_no,
            time=operation.occurred.wall.astimezone(HALL_ZONE).strftime("%Y-%m-%d %H:%M:%S"),
            holder=identity.name or texts("receipt_words.holder_unseen"),
            citizen_number=hide("citizen_number", identity.citizen_number or ""),
            service=texts(f"services.{operation.kind}"),
            result=texts(row.result, **words),
            rows=(
                (texts("fields.card_number"), hide("card_number", identity.card_number or "")),
                *self._entered(operation.kind, payload),
                *self._account(taken.saga),
                (texts("receipt_words.check"), texts(self._check(payload))),
            ),
            notices=tuple(texts(notice, **words) for notice in row.notices),
            offline=ending is Ending.OFFLINE,
            pending=ending is Ending.PENDING,
            training=self._training,
            reprint=0,
            bank_line=visit.bank_line,
        )

    def _entered(self, kind: OperationKind, payload: Mapping[str, object]) -> Iterator[tuple[str, str]]:
        """Yield what the form's fields say on paper, by label."""
        texts, hide = self._texts, masks.load().hide
        for field in self._forms[kind].fields:
            value = payload.get(field.sent_as)
            if field.on_paper and isinstance(value, str) and value:
                words = texts(f"choices.{field.choice_list}.{value}") if field.choices else hide(field.mask, value)
                yield texts(f"fields.{field.label}"), words

    def _account(self, saga: SagaView | None) -> Iterator[tuple[str, str]]:
        """Yield what became of the account behind the card, with the serial that the bank knows it by."""
        row = saga.last(BANK_STEP) if saga is not None else None
        if saga is not None:
            words = self._texts(f"receipt_words.account_{account_end(saga)}", serial=row.idem_key if row else "—")
            yield self._texts("receipt_words.account"), words

    def _check(self, payload: Mapping[str, object]) -> str:
        """Return the words for 卡鉴权: it passed only where the province said that the card may be used."""
        checks, reason = self._table.checks, payload["check_reason"]
        if payload["offline"]:
            return checks[Check.BEFORE_OFFLINE if payload["check_usable"] is True else Check.OFFLINE]
        if payload["check_id"] is None:
            return checks[Check.NOT_DONE]
        if payload["check_usable"] is True:
            return checks[Check.PASSED]
        known = self._table.check_reasons.get(reason) if isinstance(reason, str) else None
        return known or checks[Check.NOT_PASSED]
