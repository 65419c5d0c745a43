"""Bodies of the reference wire /v1 for 好差评 (GB/T 39734). Extended and never replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.training.whom import Serial


class RatingBody(BaseModel):
    """One evaluation of one service done (一次一评), by the holder."""

    serial: Serial
    op_id: Annotated[str, Field(min_length=1, max_length=64, description="the operation that was done")]
    level: Annotated[int, Field(ge=1, le=5, description="5 非常满意 … 1 非常不满意")]
    items: Annotated[list[Literal["efficiency", "skill", "attitude"]], Field(max_length=3)] = []
    comment: Annotated[str, Field(max_length=200)] = ""
    channel: Literal["window", "kiosk", "phone"] = "window"


class RatingReply(BaseModel):
    """The evaluation's number; a bad one is called back."""

    rating_no: str
    call_back_by: Annotated[AwareDatetime | None, Field(description="for the last two levels: one working day")]
