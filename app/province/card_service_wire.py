"""Replies of the reference wire /v1 about card services, as typed values."""

from __future__ import annotations

from app.domain.card_service import CardService
from app.province.card_service_port import MakingRequest, MakingStep, OfferedService, ServiceCheck, StandIn
from app.province.code_map import CodeMaps
from app.province.json_fields import Fields, IllTyped


def read_services(reply: Fields) -> tuple[OfferedService, ...]:
    """Read {"services"}; one that nobody here knows is kept, without its meaning."""
    return tuple(
        OfferedService(
            service=_service(row.filled_text("service")),
            name=row.filled_text("service"),
            title=row.text("title"),
            needs_check=row.flag("needs_check"),
            opens_request=row.flag("opens_request"),
        )
        for row in reply.objects("services")
    )


def read_check(reply: Fields) -> ServiceCheck:
    """Read a pre-check; allowed with a reason, or neither, is nonsense."""
    allowed, reason = reply.flag("allowed"), reply.optional_text("reason")
    if allowed == bool(reason):
        raise IllTyped("reason")
    return ServiceCheck(allowed, reason, reply.count("version"), reply.flag("needs_check"))


def read_progress(reply: Fields, maps: CodeMaps) -> tuple[MakingRequest, ...]:
    """Read {"requests"}."""
    return tuple(read_request(row, maps) for row in reply.objects("requests"))


def read_request(row: Fields, maps: CodeMaps) -> MakingRequest:
    """Read one request; a step that no list has is ProductionState.UNKNOWN."""
    step = row.text("step_code")
    return MakingRequest(
        request_no=row.filled_text("request_no"),
        op_id=row.optional_text("op_id"),
        service=_service(row.text("service")),
        making_type=row.text("making_type"),
        bank_line=row.text("bank_line"),
        step=maps.production.state(step),
        step_code=step,
        open=row.flag("open"),
        failure=row.optional_text("failure_code") or row.optional_text("failure_text"),
        batch_no=row.optional_text("batch_no"),
        locked_by=row.optional_text("locked_by"),
        steps=tuple(
            MakingStep(maps.production.state(found.text("step_code")), found.text("step_code"), found.moment("at"))
            for found in row.objects("steps")
        ),
    )


def read_stand_in(reply: Fields) -> StandIn:
    """Read who may act for whom; a relation of nobody, or none of somebody, is nonsense."""
    stands_in, relation = reply.flag("stands_in"), reply.optional_text("relation")
    if stands_in != bool(relation):
        raise IllTyped("relation")
    return StandIn(stands_in, relation)


def _service(name: str) -> CardService | None:
    return CardService(name) if name in tuple(CardService) else None
