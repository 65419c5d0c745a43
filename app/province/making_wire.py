"""Replies of the reference wire /v1 about making a card, as typed values."""

from __future__ import annotations

from datetime import date

from app.domain.states import SocialState
from app.province.card_service_port import MakingRequest
from app.province.card_service_wire import read_request
from app.province.code_map import CodeMaps
from app.province.json_fields import Fields, IllTyped
from app.province.making_port import Enabled, MakingData

_SM3_BYTES = 32


def read_making(reply: Fields, maps: CodeMaps, request_no: str) -> MakingRequest:
    """Read {"request"}; another request, or a code that no list has, is nonsense: nothing is written on it."""
    value = reply.values.get("request")
    if not isinstance(value, dict):
        raise IllTyped("request")
    request = read_request(Fields.of(value), maps)
    if request.request_no != request_no:
        raise IllTyped("request_no")
    if not request.writable:
        raise IllTyped("step_code")
    return request


def read_data(reply: Fields, request_no: str) -> MakingData:
    """Read what is written and printed; an item that is empty is nonsense (business.md 2.2)."""
    if reply.filled_text("request_no") != request_no:
        raise IllTyped("request_no")
    return MakingData(
        request_no=request_no,
        card_number=reply.filled_text("card_number"),
        citizen_number=reply.filled_text("citizen_number"),
        name=reply.filled_text("name"),
        sex=reply.filled_text("sex_code"),
        nation=reply.filled_text("nation_code"),
        birth_date=_day(reply, "birth_date"),
        issued=_day(reply, "issued"),
        expires=_day(reply, "expires"),
        region=reply.filled_text("region_code"),
        bank_line=reply.filled_text("bank_line"),
        bank_account=reply.filled_text("bank_account"),
        photo_sm3=reply.hexes("photo_sm3", _SM3_BYTES),
    )


def read_enabled(reply: Fields, maps: CodeMaps) -> Enabled:
    """Read the answer to 启用; a state that no list has is nonsense."""
    social = maps.social.state(reply.filled_text("social_code"))
    if social is SocialState.UNKNOWN:
        raise IllTyped("social_code")
    return Enabled(social, reply.count("version"), reply.texts("old_cards"))


def _day(reply: Fields, field: str) -> date:
    day = reply.optional_day(field)
    if day is None:
        raise IllTyped(field)
    return day
