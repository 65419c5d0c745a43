"""Bodies of the reference wire /v1, from which its OpenAPI is made. Extended and never replaced."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from app.domain.operation import Outcome

Hex8 = Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{16}$", description="8 bytes, hex")]
Hex8OrNone = Annotated[str, Field(pattern=r"^([0-9A-Fa-f]{16})?$", description="8 bytes, hex; empty unless 3.0")]
Group = Annotated[str, Field(description="鉴别8‖原始8, 32 hex digits")]
Version = Annotated[int, Field(ge=0, le=2**63 - 1)]


class Problem(BaseModel):
    """Why a request was not done."""

    code: str
    message: str


class ClockReply(BaseModel):
    """The province's time."""

    now: AwareDatetime


class HsmStepBody(BaseModel):
    """Step 1 of the two-step HSM flow."""

    region: Annotated[str, Field(pattern=r"^\d{6}$", description="AAB301 of the card")]
    history: Annotated[str, Field(pattern=r"^[0-9A-Fa-f]{26}$", description="13 historical bytes of the ATR, hex")]
    algorithm: Annotated[str, Field(description="FCI tag 86: 01 3DES, 03 SM4")]
    card_id: Annotated[str, Field(description="AAZ501")]
    internal_process: Hex8
    internal_original: Hex8
    external_process: Hex8OrNone = ""
    external_original: Hex8OrNone = ""


class HsmStepReply(BaseModel):
    """What the HSM computed."""

    internal: Group
    external: Annotated[str, Field(description="as internal; empty unless asked for")]


class CardCheckBody(BaseModel):
    """卡鉴权: may this card be used now, here."""

    card_id: Annotated[str, Field(min_length=1, description="AAZ501")]
    card_number: Annotated[str | None, Field(description="AAZ500")] = None
    authenticated: Annotated[bool, Field(description="whether 卡认证 succeeded")]
    device: str
    purpose: Annotated[
        str | None,
        Field(min_length=1, description="why the profile is wanted with the answer, and logged; null for not"),
    ] = None


class ProfileBody(BaseModel):
    """Ask for a profile by card or by number; what is asked for never stands in an address."""

    purpose: Annotated[str, Field(min_length=1, max_length=60, description="logged with the lookup")]
    card_id: Annotated[str | None, Field(description="AAZ501")] = None
    citizen_number: Annotated[str | None, Field(description="AAC002")] = None


class InsuranceReply(BaseModel):
    """One kind of insurance."""

    kind_code: Annotated[str, Field(description="AAE140")]
    state_code: Annotated[str | None, Field(description="AAC008; null where the department gives no data")]
    region_code: Annotated[str | None, Field(description="AAB301")]
    since: Annotated[date | None, Field(description="AAC030")]


class ProfileReply(BaseModel):
    """What is on file of one holder and card."""

    person_ref: Annotated[str, Field(description="opaque, never derived from a number")]
    name: Annotated[str, Field(description="AAC003")]
    citizen_number: Annotated[str, Field(description="AAC002")]
    sex_code: Annotated[str, Field(description="AAC004")]
    nation_code: Annotated[str, Field(description="AAC005")]
    birth_date: Annotated[date, Field(description="AAC006")]
    phone: Annotated[str | None, Field(description="AAC067")]
    card_id: Annotated[str | None, Field(description="AAZ501")]
    card_number: Annotated[str | None, Field(description="AAZ500")]
    region_code: Annotated[str, Field(description="AAB301 of the card")]
    bank_name: Annotated[str, Field(description="AAE008")]
    bank_line: str
    bank_account: Annotated[str, Field(description="AAE010")]
    issued: Annotated[date | None, Field(description="AAZ503")]
    expires: Annotated[date | None, Field(description="AAZ162")]
    social_code: Annotated[str, Field(description="AAZ502; empty before a card is handed out")]
    bank_code: Annotated[str, Field(description="aac019")]
    production_code: Annotated[str, Field(description="aac018")]
    person_code: Annotated[str, Field(description="AAC060")]
    register_code: Annotated[str, Field(description="ckkStatus, the 持卡库's copy of AAZ502")]
    version: Version
    replacement_open: bool
    insurances: list[InsuranceReply]
    notes: list[str]
    as_of: AwareDatetime
    id_type_code: Annotated[str, Field(description="AAC058")] = "01"


class CardCheckReply(BaseModel):
    """The answer to 卡鉴权; `check_id` is given with what needs it."""

    check_id: str
    usable: bool
    social_code: Annotated[str, Field(description="AAZ502; empty before a card is handed out")]
    production_code: Annotated[str, Field(description="aac018")]
    version: Version
    reason: Annotated[str | None, Field(description="why it is not usable")]
    profile: Annotated[
        ProfileReply | None, Field(description="of a card that 卡认证 proved, where `purpose` was given")
    ] = None


class OperationBody(BaseModel):
    """One operation; `payload` is canonical JSON, `payload_sm3` its SM3 in lower-case hex."""

    op_id: Annotated[str, Field(min_length=1, max_length=64, description="UUIDv7, made before the first try")]
    device_seq: Version
    kind: str
    order_key: str
    payload: str
    payload_sm3: str
    schema_ver: int
    occurred_at: AwareDatetime
    base_version: Annotated[int | None, Field(description="the state version that the clerk saw")] = None
    age_s: Annotated[
        float | None,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="seconds since it happened, by whichever of the device's clocks says more",
        ),
    ] = None


class BatchBody(BaseModel):
    """Operations of one device; each is applied or not by itself."""

    device: Annotated[str, Field(min_length=1)]
    incarnation: Annotated[str, Field(min_length=1)]
    items: Annotated[list[OperationBody], Field(min_length=1, max_length=100)]


class AnswerReply(BaseModel):
    """What became of one operation."""

    op_id: str
    outcome: Outcome
    reason: str | None = None
    message: str | None = None
    effect_at: AwareDatetime | None = None


class BatchReply(BaseModel):
    """One answer an item."""

    answers: list[AnswerReply]


class LedgerRow(BaseModel):
    """How often an operation changed the world."""

    op_id: str
    device_seq: int
    applied: int
    outcome: Outcome


FaultMode = Literal[
    "none",
    "refuse",
    "http500",
    "drop_reply",
    "nonsense",
    "busy",
    "away",
    "duplicate",
    "status",
    "maintenance",
    "codes",
]


class FaultBody(BaseModel):
    """How the province, or the bank, is to misbehave from now on; `count` null is until told otherwise.

    In a fault file each [[fault]] is one of these; there `share`, `from_s` and `until_s` say when it happens.
    """

    model_config = ConfigDict(extra="forbid")

    latency_ms: Annotated[int, Field(ge=0, le=60_000)] = 0
    mode: FaultMode = "none"
    count: Annotated[int | None, Field(ge=1)] = None
    path: Annotated[str | None, Field(description="prefix of the paths met; null is /v1, /bank/v1 the bank")] = None
    status: Annotated[int, Field(ge=400, le=599, description="what mode status answers")] = 400
    retry_after_s: Annotated[int, Field(ge=1, le=86_400, description="what busy and maintenance answer")] = 1
    codes: Annotated[dict[str, str], Field(description="mode codes: fields of a reply and what they become")] = {}
    share: Annotated[int, Field(ge=1, le=100, description="how many of a hundred requests meet it")] = 100
    from_s: Annotated[float, Field(ge=0, description="seconds after the start")] = 0
    until_s: Annotated[float | None, Field(ge=0)] = None


class StateBody(BaseModel):
    """The state that a card is moved to behind the counter's back: a name of SocialState."""

    social: str


class HolderReply(BaseModel):
    """One fictional holder, as the training desk lists them."""

    person_ref: str
    name: str
    citizen_number: str
    card_id: str | None
    card_number: str | None
    social: str
    bank: str
    production: str
    person: str
    version: int
    profile: Annotated[str | None, Field(description="name of the virtual card that is this one")]
