"""The reference wire's OpenAPI, made without a database or a line."""

from __future__ import annotations

import json

from sqlalchemy import create_engine

from app.domain.clock import SystemClock
from app.province.code_map import load as load_code_maps
from app.training.application import make_api, make_desks


def contract_text() -> str:
    """Return the OpenAPI of /v1 as JSON text, as kept in `app/province/contract_v1.json`."""
    desks = make_desks(create_engine("sqlite://"), load_code_maps(), SystemClock())
    return json.dumps(make_api(desks).openapi(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
