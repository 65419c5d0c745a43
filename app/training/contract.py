"""The reference wire's OpenAPI, made without a database or a line."""

from __future__ import annotations

import json

from sqlalchemy import create_engine

from app.domain.clock import SystemClock
from app.province.code_map import load as load_code_maps
from app.training import line_rules
from app.training.application import Desks, make_api
from app.training.audit_desk import AuditDesk
from app.training.bank_desk import BankDesk
from app.training.change_desk import ChangeDesk
from app.training.faults import FaultBox
from app.training.holders import HolderDesk
from app.training.import_desk import ImportDesk
from app.training.line_desk import LineDesk
from app.training.operations import OperationDesk
from app.training.restore_desk import RestoreDesk
from app.training.stop_desk import StopDesk
from hardware.virtual.hsm import VirtualHsm


def contract_text() -> str:
    """Return the OpenAPI of /v1 as JSON text, as kept in `app/province/contract_v1.json`."""
    maps, clock, engine = load_code_maps(), SystemClock(), create_engine("sqlite://")
    holders, operations = HolderDesk(engine, maps, clock), OperationDesk(engine, maps, clock)
    audits, bank = AuditDesk(engine, clock), BankDesk(engine, clock)
    changes, imports = ChangeDesk(engine, maps, clock), ImportDesk(engine, operations, clock)
    restores = RestoreDesk(engine, clock)
    desks = Desks(
        clock,
        holders,
        operations,
        VirtualHsm(),
        FaultBox(),
        audits,
        bank,
        changes,
        imports,
        restores,
        StopDesk(clock),
        LineDesk(engine, clock, line_rules.load()),
    )
    return json.dumps(make_api(desks).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
