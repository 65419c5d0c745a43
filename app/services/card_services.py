"""The card services of this version: losses, their release, and intake, as commands through the doorway."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass

from app.catalogue.forms import FormRow
from app.catalogue.services import Catalogue, SecondPerson
from app.catalogue.texts import Texts
from app.domain.actor import Actor
from app.domain.approval import Shown, Signed
from app.domain.clock import Clock, business_date, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, canonical_json
from app.domain.refusal import Refusal
from app.journal.saga_engine import SagaEngine
from app.journal.search_tokens import Findable
from app.journal.transaction import Transaction
from app.services.doorway import Connectivity, Done, Doorway
from app.services.formal_loss import account_facts
from app.services.guards import Facts, why_not
from app.services.views import ReviewView, VisitView


@dataclass(frozen=True)
class Taken:
    """An operation that is in the journal."""

    op_id: str
    acceptance_no: str
    saga: str | None
    """The saga that is to be carried through; None where the outbox alone does."""


class CardServices:
    """Submits a reviewed form as one command."""

    def __init__(
        self,
        doorway: Doorway,
        catalogue: Catalogue,
        texts: Texts,
        clock: Clock,
        connectivity: Connectivity,
        sagas: SagaEngine,
        region: str,
        doubts_clock: Callable[[Transaction], bool] = lambda _tx: False,
    ) -> None:
        self._doorway = doorway
        self._catalogue = catalogue
        self._texts = texts
        self._clock = clock
        self._connectivity = connectivity
        self._sagas = sagas
        self._region = region
        self._doubts_clock = doubts_clock

    def to_sign(self, kind: OperationKind, review: ReviewView) -> Shown | None:
        """Return what a second person has to sign of a review, with the op_id that it is for; None where none has."""
        command = self._catalogue.commands[self._catalogue.services[kind].command]
        if command.second_person is not SecondPerson.NOW:
            return None
        lines = tuple((line.label, line.old, line.new) for line in review.lines)
        return Shown(command.name, new_op_id(self._clock.now()), lines)

    def submit(
        self,
        kind: OperationKind,
        visit: VisitView,
        values: Mapping[str, str],
        actor: Actor,
        signed: Signed | None = None,
    ) -> Future[Taken | Refusal]:
        """Write operation, delivery or saga, and audit in one transaction; guard and form are asked again inside.

        What a second person signed gets the op_id that was signed.
        """
        service, form = self._catalogue.services[kind], self._catalogue.forms[kind]
        command = self._catalogue.commands[service.command]

        def handle(tx: Transaction) -> Done[Taken] | Refusal:
            online = self._connectivity.online
            waiting = tx.waiting_for(visit.identity.citizen_number, visit.identity.card_id)
            known = tx.known_card(visit.identity.card_id) if visit.profile is None else None
            facts = Facts(
                visit.identity, visit.profile, online, actor.permissions, visit.own_record, waiting, known=known
            )
            refusal = why_not(service, command, self._texts(service.title), facts)
            refusal = refusal or self._lacking(form, values)
            if refusal is not None:
                return refusal
            now = self._clock.now()
            op_id = new_op_id(now) if signed is None else signed.shown.op_id
            person = tx.person_ref(visit.identity.citizen_number, visit.identity.card_id)
            if service.saga is not None:
                account = account_facts(visit.profile)
                held_up = self._sagas.begin(tx, service.saga, op_id, actor.staff_no, account, person)
                if held_up is not None:
                    return held_up
            acceptance_no = tx.next_acceptance_no(self._region, business_date(now))
            operation = Operation(
                op_id=op_id,
                kind=kind,
                order_key=person,
                payload=canonical_json(_payload(visit, form, values, online, self._doubts_clock(tx))),
                occurred=moment(self._clock),
                clerk=actor.staff_no,
                acceptance_no=acceptance_no,
                base_version=visit.profile.version if visit.profile else visit.identity.card_proof.version,
            )
            # A saga queues its operation when its turn comes.
            tx.enqueue(operation, (Destination.PROVINCE,) if service.saga is None else (), _findable(visit))
            return Done(Taken(op_id, acceptance_no, service.saga), op_id)

        proved = visit.identity.card_proof.done
        return self._doorway.execute(service.command, actor, handle, signed, card_proved=proved)

    def _lacking(self, form: FormRow, values: Mapping[str, str]) -> Refusal | None:
        missing = (
            field for field in form.fields if field.key in form.required and not values.get(field.key, "").strip()
        )
        field = next(missing, None)
        return None if field is None else Refusal.of("FIELD-REQUIRED", field=self._texts(f"fields.{field.label}"))


def _findable(visit: VisitView) -> Findable:
    identity, profile = visit.identity, visit.profile
    account = profile.bank_account if profile is not None else None
    return Findable.of((identity.name,), (identity.citizen_number, identity.card_number, account))


def _payload(
    visit: VisitView, form: FormRow, values: Mapping[str, str], online: bool, clock_doubtful: bool
) -> Mapping[str, object]:
    identity = visit.identity
    return {
        "card_id": identity.card_id,
        "card_number": identity.card_number,
        "citizen_number": identity.citizen_number,
        **{field.sent_as: values.get(field.key, "").strip() for field in form.fields if field.sent_as},
        "check_id": identity.card_proof.check_id,
        "check_usable": identity.card_proof.checked,
        "check_reason": identity.card_proof.reason,
        "offline": not online,
        # 时钟可疑: whoever judges the order of things later must not go by `occurred_at`.
        **({"clock_doubtful": True} if clock_doubtful else {}),
    }
