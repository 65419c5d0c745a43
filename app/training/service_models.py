"""Bodies of the reference wire /v1 for card services and where their requests stand. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, Field

from app.domain.card_service import CardService
from app.training.whom import Purpose, WhomBody
from app.training.wire_models import Version


class ServiceCheckBody(BaseModel):
    """May this service be done for this person now (预检)."""

    service: CardService
    whom: WhomBody
    purpose: Purpose


class ServiceCheckReply(BaseModel):
    """The province's word before a form is filled; the operation itself is judged anew."""

    allowed: bool
    reason: Annotated[str | None, Field(description="code of what is in the way")]
    version: Version
    needs_check: Annotated[bool, Field(description="whether a 卡鉴权 has to come with the operation")]


class ServiceReply(BaseModel):
    """One service of the province's catalogue."""

    service: str
    title: str
    needs_check: bool
    opens_request: bool


class ServiceListReply(BaseModel):
    """Every service that the province has."""

    services: list[ServiceReply]


class ProgressBody(BaseModel):
    """制卡进度: where a person's requests stand."""

    whom: WhomBody
    purpose: Purpose


class StepReply(BaseModel):
    """One step that was reached."""

    step_code: Annotated[str, Field(description="aac018")]
    at: AwareDatetime


class RequestReply(BaseModel):
    """One request to make a card."""

    request_no: str
    op_id: str | None
    service: str
    making_type: Annotated[str, Field(description="ACA017")]
    bank_line: str
    step_code: Annotated[str, Field(description="aac018")]
    open: bool
    failure_code: str | None
    failure_text: Annotated[str | None, Field(description="AAE165 or AAE001")]
    batch_no: str | None
    locked_by: str | None
    steps: list[StepReply]


class ProgressReply(BaseModel):
    """A person's requests, newest first."""

    requests: list[RequestReply]


class StandInBody(BaseModel):
    """May somebody act for a person: a minor's guardian, or an agent on file."""

    whom: WhomBody
    stand_in_number: Annotated[str, Field(min_length=1, max_length=40, description="AAC042, of who acts")]
    purpose: Purpose


class StandInReply(BaseModel):
    """Whether it is so on file; `relation` is 1父子 2父女 3母子 4母女, or "agent"."""

    stands_in: bool
    relation: str | None
