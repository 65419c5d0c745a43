"""What an operation does beside moving the card's state: requests opened and ended, an account, a telephone number."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Connection, update

from app.domain.card_service import CardService
from app.domain.states import BankState
from app.province.code_map import CodeMaps
from app.training.change_desk import note_change
from app.training.records import CardRecord
from app.training.request_book import close_requests, open_request
from app.training.schema import CARDS, PERSONS
from app.training.service_rules import rule_of
from app.training.store import stamp
from app.training.wire_models import OperationBody

_MORE = frozenset({CardService.COLLECT, CardService.UNDO, CardService.BANK_ACTIVATION, CardService.INFO_CHANGE})
_COLLECTED = "32"
_NOTHING = ""
_LONGEST_PHONE = 20


def does_more(service: CardService) -> bool:
    """Tell whether a service does more than to move the card's state."""
    return service in _MORE or rule_of(service).making_type is not None


def carry_out(
    connection: Connection, maps: CodeMaps, card: CardRecord, service: CardService, item: OperationBody, now: datetime
) -> None:
    """Do it, in the transaction that keeps the operation's answer."""
    making_type = rule_of(service).making_type
    if making_type is not None:
        open_request(connection, card, item.op_id, service, making_type, now)
    elif service is CardService.COLLECT:
        close_requests(connection, maps, card, _COLLECTED, now)
        connection.execute(update(CARDS).where(CARDS.c.id == card.key).values(production_code=_COLLECTED))
    elif service is CardService.UNDO:
        close_requests(connection, maps, card, _NOTHING, now)
    elif service is CardService.BANK_ACTIVATION:
        active = {"bank_code": maps.bank.code(BankState.ACTIVE) or "", "version": card.version + 1}
        connection.execute(update(CARDS).where(CARDS.c.id == card.key).values({**active, "changed_at": stamp(now)}))
        note_change(connection, maps, card.key, now)
    elif service is CardService.INFO_CHANGE:
        phone = json.loads(item.payload).get("contact_phone")
        if isinstance(phone, str) and 0 < len(phone) <= _LONGEST_PHONE:
            mine = PERSONS.c.id == card.person_key
            connection.execute(update(PERSONS).where(mine).values(phone=phone))
