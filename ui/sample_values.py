"""Fictional people, numbers and rows, for the screens that tests and pictures show."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from app.catalogue import masks
from app.catalogue import texts as text_table
from app.catalogue.forms import load as load_forms
from app.catalogue.texts import Texts
from app.domain.approval import Approval, Shown
from app.domain.citizen_number import check_digit, grouped
from app.domain.downlink import DownlinkState
from app.domain.identity import CardProof, Identity, Proof
from app.domain.operation import DeliveryState, OperationKind, OutboxRow
from app.domain.profile import Insurance, Profile
from app.domain.refusal import Refusal
from app.domain.states import BankState, PersonState, ProductionState, RegisterState, SocialState
from app.domain.work_limits import Measure, Reading, Standing
from app.journal import work_limit_table
from app.journal.outbox_values import SampleRow
from app.services.bank_words import bank_words
from app.services.forms import make_form
from app.services.receipt_content import ReceiptContent
from app.services.receipt_paper import render_receipt
from app.services.receipt_preview import page_images
from app.services.views import (
    Acceptance,
    FormView,
    PossibleService,
    QueueView,
    ReceiptView,
    ReviewLine,
    ReviewView,
    TaskView,
    TicketView,
    VisitView,
)
from hardware.ports import PrintOutcome
from ui.widgets.device_light import DeviceView
from ui.widgets.receipt_view import PageImage

GROUPS = (("A", "queue.group.card"), ("B", "queue.group.insurance"), ("Y", "queue.group.appointment"))
NAME = "陈桂芳"
CITIZEN_NUMBER = "35010219580307162" + check_digit("35010219580307162")
AS_OF = datetime(2026, 10, 22, 2, 39, 2, tzinfo=UTC)
BANK_LINE = "95588"
ACCEPTANCE_NO = "350102-20261022-K7QF2M-00017"

DIGITS_ENTERED = 4
"""How many digits the holder has entered."""

DEVICES = (
    DeviceView("读卡器", "ok", "卡在位"),
    DeviceView("扫码", "ok", "就绪"),
    DeviceView("回执打印机", "warn", "纸将尽"),
    DeviceView("大厅数据库", "ok", "已连接"),
)
DEVICES_OFFLINE = (
    DeviceView("读卡器", "ok", "卡在位"),
    DeviceView("扫码", "ok", "就绪"),
    DeviceView("回执打印机", "off", "未连接"),
    DeviceView("大厅数据库", "warn", "用本机号段"),
)


def queue(*, serving: bool = True, empty: bool = False) -> QueueView:
    """Return a queue in the middle of a morning."""
    current = TicketView("A012", "A", "serving", 0, masked_name="陈**", window="3") if serving else None
    if empty:
        return QueueView(current, (("A", 0), ("B", 0), ("Y", 0)), (), 23)
    coming = (
        TicketView("Y003", "Y", "waiting", 240, priority=True),
        TicketView("A013", "A", "waiting", 780, priority=True),
        TicketView("A014", "A", "waiting", 660),
        TicketView("A015", "A", "waiting", 540),
        TicketView("A016", "A", "waiting", 480),
    )
    return QueueView(current, (("A", 7), ("B", 12), ("Y", 2)), coming, 23)


def identity(*, checked: bool = True) -> Identity:
    """Return a holder whose card was read."""
    return Identity(
        citizen_number=CITIZEN_NUMBER,
        name=NAME,
        card_id="350100D15600000500AA11BB22CC33DD",
        card_number="A12345674",
        region="350100",
        version="3.0",
        name_proof=Proof.CHIP,
        person_proof=Proof.CLERK,
        card_proof=CardProof(authenticated=True, checked=checked, check_id="CK0001" if checked else None),
    )


def profile(social: SocialState = SocialState.NORMAL) -> Profile:
    """Return what the province knows of the holder."""
    return Profile(
        person_ref="p-0001",
        name=NAME,
        citizen_number=CITIZEN_NUMBER,
        sex="2",
        nation="01",
        birth_date=date(1958, 3, 7),
        phone="13900000000",
        card_id="350100D15600000500AA11BB22CC33DD",
        card_number="A12345674",
        region="350100",
        bank_name="中国工商银行福州鼓楼支行",
        bank_line=BANK_LINE,
        bank_account="6222000000003361",
        issued=date(2016, 12, 6),
        expires=date(2026, 12, 6),
        social=social,
        bank=BankState.INACTIVE,
        production=ProductionState.COLLECTED,
        person=PersonState.NORMAL,
        register=RegisterState.SAME,
        version=7,
        replacement_open=False,
        insurances=(
            Insurance("pension_employee", "active", "350102", date(2013, 4, 1)),
            Insurance("unemployment", "ended", "350102", date(2013, 4, 1)),
            Insurance("work_injury", "paused", "350102", date(2013, 4, 1)),
            Insurance("medical", None, None, None),
        ),
        notes=("09-18 待遇资格认证已通过", "06-02 信息变更（手机）已办结", "缺少有效期内照片，可在窗口补采"),
        as_of=AS_OF,
    )


def services(texts: Texts, *, offline: bool = False) -> tuple[PossibleService, ...]:
    """Return the services of this version for a card in normal state."""
    why_not = (
        Refusal.of("OFFLINE-NEVER", service=texts("services.release_loss")) if offline else Refusal("CARD-IS-NORMAL")
    )
    formal = Refusal.of("OFFLINE-NEVER", service=texts("services.formal_loss")) if offline else None
    return (
        PossibleService("20", OperationKind.TEMPORARY_LOSS, texts("services.temporary_loss"), None, "lsgs"),
        PossibleService("21", OperationKind.FORMAL_LOSS, texts("services.formal_loss"), formal, "zsgs"),
        PossibleService("22", OperationKind.RELEASE_LOSS, texts("services.release_loss"), why_not, "jcgs"),
        PossibleService("90", OperationKind.INTAKE, texts("services.intake"), None, "sldj"),
    )


def visit(texts: Texts, *, offline: bool = False, known: bool = True) -> VisitView:
    """Return a visit; offline, the card was not checked and the profile may be missing."""
    return VisitView(
        identity=identity(checked=not offline),
        profile=profile() if known else None,
        offline=offline,
        services=services(texts, offline=offline),
        suggested="20",
        problem=Refusal("PROVINCE-AWAY") if offline else None,
        bank_line=BANK_LINE,
    )


def offline_loss(texts: Texts) -> str:
    """Return what the holder is told of a loss that waits."""
    return texts("services.offline_loss", bank=bank_words(BANK_LINE, texts))


def form(texts: Texts, *, offline: bool = False) -> FormView:
    """Return the form of a temporary loss."""
    row = load_forms()[OperationKind.TEMPORARY_LOSS]
    return make_form(row, services(texts)[0], visit(texts, offline=offline), texts)


def review(texts: Texts, *, offline: bool = False) -> ReviewView:
    """Return the review of that form."""
    new, number = texts("states.social.lost_temporary"), grouped(CITIZEN_NUMBER)
    return ReviewView(
        services(texts)[0],
        (
            ReviewLine(
                "social_state",
                texts("fields.social_state"),
                texts("states.social.normal"),
                texts("receipt_words.waiting", state=new) if offline else new,
            ),
            ReviewLine("holder", texts("fields.holder"), NAME, NAME),
            ReviewLine("citizen_number", texts("fields.citizen_number"), number, number),
            ReviewLine("card_number", texts("fields.card_number"), "A12345674", "A12345674"),
            ReviewLine("reason", texts("fields.loss_reason"), "", texts("choices.loss_reason.lost")),
            ReviewLine("phone", texts("fields.phone"), "13900000000", "13900000001"),
        ),
        "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0",
        offline_loss(texts) if offline else None,
    )


def acceptance(*, offline: bool = False) -> Acceptance:
    """Return an acceptance, by the province or waiting for it."""
    state = DeliveryState.QUEUED if offline else DeliveryState.APPLIED
    return Acceptance("01990000-0000-7000-8000-000000000001", ACCEPTANCE_NO, state, None)


def receipt(*, state: PrintOutcome | None = None, copies: int = 0) -> ReceiptView:
    """Return a receipt that was rendered."""
    return ReceiptView("job-1", "01990000-0000-7000-8000-000000000001", "社会保障卡临时挂失回执", b"", state, copies)


@cache
def pages(*, offline: bool = False) -> tuple[PageImage, ...]:
    """Return the pages of a receipt, drawn once."""
    texts = text_table.load()
    result = "result_offline" if offline else "result_applied_temporary_loss"
    notice = offline_loss(texts) if offline else texts("receipt_words.next_temporary_loss")
    content = ReceiptContent(
        title=texts("receipt_words.title_temporary_loss"),
        acceptance_no=ACCEPTANCE_NO,
        hall="鼓楼区政务服务中心",
        window="3",
        clerk="0317",
        time="2026-10-22 10:43:58",
        holder=NAME,
        citizen_number=masks.load().hide("citizen_number", CITIZEN_NUMBER),
        service=texts("services.temporary_loss"),
        result=texts(f"receipt_words.{result}"),
        rows=((texts("fields.loss_reason"), texts("choices.loss_reason.lost")), (texts("fields.phone"), "139****0001")),
        notices=(notice,),
        offline=offline,
        training=True,
        bank_line=BANK_LINE,
    )
    drawn = page_images(render_receipt(content), 110)
    return tuple(PageImage(page.width, page.height, page.rgb) for page in drawn)


def outbox() -> tuple[OutboxRow, ...]:
    """Return deliveries in each state."""

    def row(
        number: int, state: DeliveryState, attempts: int, age_s: float, next_in: float | None, reason: str | None = None
    ) -> OutboxRow:
        return OutboxRow(
            op_id=f"01990000-0000-7000-8000-{number:012d}",
            kind=OperationKind.TEMPORARY_LOSS if number % 2 else OperationKind.INTAKE,
            order_key=f"p-{number}",
            destination="province",
            device_seq=number,
            state=state,
            attempts=attempts,
            age_s=age_s,
            reason=reason,
            next_try_in_s=next_in,
            acceptance_no=f"{ACCEPTANCE_NO[:-2]}{number:02d}",
            citizen_number=CITIZEN_NUMBER,
            clock_doubtful=number == 18,
        )

    return (
        row(17, DeliveryState.QUEUED, 3, 3_900, 42, "PROVINCE-BUSY"),
        row(18, DeliveryState.SENDING, 1, 75, None),
        row(15, DeliveryState.APPLIED, 1, 4_200, None),
        row(13, DeliveryState.CONFLICT, 2, 90_000, None, "OP-STATE-MOVED"),
    )


def changes(*, offline: bool = False) -> DownlinkState:
    """Return how far the province's changes were read."""
    ago = timedelta(hours=9) if offline else timedelta(seconds=20)
    return DownlinkState(2_381, AS_OF - ago, 1 if offline else 0)


def standing(*, offline: bool = False) -> Standing:
    """Return limits as they stand after some days in the dark, or a clock that is a little off."""
    table = work_limit_table.load()
    if not offline:
        return Standing((Reading(table[Measure.CLOCK], 42.0),))
    return Standing((Reading(table[Measure.COUNT], 612.0), Reading(table[Measure.AGE], 75 * 3600.0)))


def tasks() -> tuple[TaskView, ...]:
    """Return one delivery that a person must settle."""
    return (
        TaskView(
            op_id="01990000-0000-7000-8000-000000000013",
            kind=OperationKind.TEMPORARY_LOSS,
            acceptance_no=f"{ACCEPTANCE_NO[:-2]}13",
            reason="登记之后卡的状态已有变化，省平台没有执行。",
            next_action="请核对省平台现在的状态，与持卡人确认后决定是否重新办理，再关闭此待办。",
            since=AS_OF,
            two_persons=True,
        ),
    )


def settlement(texts: Texts) -> tuple[ReviewLine, ...]:
    """Return what two persons are shown of that delivery."""
    (task,) = tasks()
    held = (
        ("service", texts(f"services.{task.kind}")),
        ("acceptance_no", task.acceptance_no),
        ("citizen_number", CITIZEN_NUMBER),
        ("reason", task.reason),
    )
    decided = ReviewLine("decided", texts("settlement.decided"), texts("settlement.open"), texts("settlement.closed"))
    return (*(ReviewLine(key, texts(f"settlement.{key}"), value, value) for key, value in held), decided)


def review_by_two(texts: Texts) -> ReviewView:
    """Return a review that a second person has to sign."""
    view = review(texts)
    lines = tuple((line.label, line.old, line.new) for line in view.lines)
    return replace(view, shown=Shown("release_loss", "01990000-0000-7000-8000-000000000021", lines))


def approval() -> Approval:
    """Return a second person's signature that was given just now."""
    return Approval("01990000-0000-7000-8000-000000000099", "0102", "周明远", "fictional", 600.0)


def samples() -> tuple[SampleRow, ...]:
    """Return a command that another person shall look at."""
    number = f"{ACCEPTANCE_NO[:-2]}09"
    return (SampleRow("01990000-0000-7000-8000-000000000009", "release_loss", "release_loss", number, "0317", AS_OF),)


NOTICES = (
    "今日 16:30 起省平台例行维护，临时挂失可离线登记。",
    "预约号请在到厅后 10 分钟内呼叫。",
)
