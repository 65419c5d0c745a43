"""Card services against the running province and bank: from the pre-check to an enabled card, and every way out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from app.domain.card_service import CardService
from app.domain.clock import SystemClock
from app.domain.digest import sm3_hex
from app.domain.op_id import new_op_id
from app.domain.operation import Outcome
from app.domain.profile import Profile
from app.domain.refusal import Refusal
from app.domain.states import ProductionState, SocialState
from app.province.appointment_client import HttpAppointments
from app.province.appointment_port import Appointment, AppointmentState, Booking
from app.province.bank_client import HttpBank
from app.province.bank_port import BankAnswer, BankOutcome
from app.province.card_service_client import HttpCardServices
from app.province.card_service_port import MakingRequest, ServiceCheck, StandIn
from app.province.entry_client import HttpDepartments
from app.province.entry_port import Entries, LicenceCheck, LicenceDocument
from app.province.http_client import HttpProvince
from app.province.making_client import HttpMaking
from app.province.making_port import Enabled, FailedCard, MadeCard, MakingCall, MakingData
from app.province.notice_client import HttpNotices
from app.province.notice_port import CodeTable
from app.province.opening_client import HttpOpenings
from app.province.opening_port import OpeningAnswer, OpeningCall, ReturnCall
from app.province.photo_client import HttpPhotos
from app.province.photo_port import Photo, PhotoRules
from app.province.port import ProfileQuery
from app.province.register_client import HttpRegisters
from app.province.register_port import Rating, RatingLevel, RatingTaken, RegisteredTerminal, Terminal, TerminalKind
from app.province.service_line import Whom
from app.training.material import load as load_material
from app.training.people import make_people
from app.training.process import TrainingProvince
from tests.contract.province.conftest import DEVICE, Desk, operation, send

OTHER_DEVICE = "窗口-04"


@pytest.fixture
def services(client: HttpProvince) -> HttpCardServices:
    return HttpCardServices(client.line, client.code_maps)


@pytest.fixture
def making(client: HttpProvince) -> HttpMaking:
    return HttpMaking(client.line, client.code_maps, DEVICE)


@pytest.fixture
def bank(province: TrainingProvince) -> Iterator[HttpBank]:
    made = HttpBank(province.url, DEVICE, training=True)
    yield made
    made.close()


def serial() -> str:
    return new_op_id(SystemClock().now())


def a_card_id() -> str:
    return f"350100D15600000{serial().replace('-', '')[-17:]}".upper()


def apply(client: HttpProvince, services: HttpCardServices, kind: CardService, whom: Whom) -> MakingRequest:
    """Upload an application and return its request."""
    item = operation(kind.value, **{key: value for key, value in whom.body().items() if value})
    (answer,) = send(client, item)
    assert (answer.outcome, answer.reason) == (Outcome.APPLIED, None)
    requests = services.progress(whom, "test")
    assert isinstance(requests, tuple)
    return next(request for request in requests if request.op_id == item.op_id)


def opening_of(client: HttpProvince, request: MakingRequest, whom: Whom, bank_line: str = "95599") -> OpeningCall:
    """Prepare the account of a request."""
    found = client.profile(ProfileQuery("test", **whom.body()))  # type: ignore[arg-type]
    assert isinstance(found, Profile)
    return OpeningCall(
        serial(), request.request_no, bank_line, found.name, "01", found.citizen_number, None, "19900000000", "5", True
    )


def nobody_without_card(desk: Desk) -> Whom:
    """Return a living person who has no card and no request, and whom every bank takes."""
    troubled = {person.citizen_number for person in make_people(7, 400, load_material()) if person.bank_trouble}
    for row in desk.get("/training/holders?social=none&limit=5000"):
        if row["citizen_number"] not in desk.taken | troubled and row["person"] == "normal":
            desk.taken.add(row["citizen_number"])
            return Whom(citizen_number=row["citizen_number"])
    raise AssertionError("everybody has a card")


def made(found: Any, kind: type) -> Any:
    assert isinstance(found, kind), found
    return found


def test_a_first_card_from_the_pre_check_to_its_enabling(
    client: HttpProvince, desk: Desk, services: HttpCardServices, making: HttpMaking, bank: HttpBank
) -> None:
    whom = nobody_without_card(desk)
    check = made(services.check(CardService.FIRST_ISSUE, whom, "test"), ServiceCheck)
    assert (check.allowed, check.reason) == (True, None)
    request = apply(client, services, CardService.FIRST_ISSUE, whom)
    assert (request.step, request.open, request.making_type) == (ProductionState.ACCEPTED, True, "1")
    again = made(services.check(CardService.FIRST_ISSUE, whom, "test"), ServiceCheck)
    assert (again.allowed, again.reason) == (False, "SERVICE-REQUEST-OPEN")

    lock, call = MakingCall(serial(), request.request_no), MakingCall(serial(), request.request_no)
    locked = made(making.lock(lock), MakingRequest)
    assert locked.locked_by == DEVICE
    assert making.lock(lock) == locked
    other = HttpMaking(client.line, client.code_maps, OTHER_DEVICE)
    assert other.lock(MakingCall(serial(), request.request_no)) == Refusal("MAKING-LOCKED")
    assert making.batch(call) == Refusal("MAKING-ACCOUNT-MISSING")

    openings = HttpOpenings(bank.line)
    opening = opening_of(client, request, whom)
    opened = made(openings.open_account(opening), OpeningAnswer)
    assert (opened.outcome, opened.reason) == (BankOutcome.APPLIED, None)
    assert openings.open_account(opening) == opened
    twice = made(openings.open_account(replace(opening, serial=serial())), OpeningAnswer)
    assert (twice.outcome, twice.account) == (BankOutcome.ALREADY, opened.account)
    assert made(bank.serial_status(opening.serial), BankAnswer).outcome is BankOutcome.APPLIED

    batch = made(making.batch(call), MakingRequest)
    assert batch.batch_no
    assert batch.step is ProductionState.TO_MAKE
    data = made(making.data(MakingCall(serial(), request.request_no)), MakingData)
    assert (data.bank_account, data.citizen_number) == (opened.account, whom.citizen_number)

    spoilt = made(making.result(MakingCall(serial(), request.request_no), FailedCard("写芯片", "6581")), MakingRequest)
    assert spoilt.step is ProductionState.MAKING_FAILED
    card_id, report = a_card_id(), MakingCall(serial(), request.request_no)
    reported = made(making.result(report, MadeCard(card_id, "3B6D", data.bank_account)), MakingRequest)
    assert reported.step is ProductionState.TO_COLLECT
    assert making.result(report, MadeCard(card_id, "3B6D", data.bank_account)) == reported
    assert making.result(report, MadeCard(a_card_id(), "3B6D", "")) == Refusal("SERIAL-USED")
    enabled = made(making.enable(MakingCall(serial(), request.request_no)), Enabled)
    assert (enabled.social, enabled.old_cards) == (SocialState.NORMAL, ())
    card = made(client.profile(ProfileQuery("test", citizen_number=whom.citizen_number)), Profile)
    assert (card.card_id, card.social, card.bank_account) == (card_id, SocialState.NORMAL, opened.account)
    (ended,) = made(services.progress(whom, "test"), tuple)
    assert [step.state for step in ended.steps][-2:] == [ProductionState.TO_COLLECT, ProductionState.COLLECTED]
    assert not ended.open


def test_a_replaced_card_ends_when_the_new_one_is_enabled(
    client: HttpProvince, desk: Desk, services: HttpCardServices, making: HttpMaking, bank: HttpBank
) -> None:
    whom = Whom(card_id=desk.card("normal")["card_id"])
    request = apply(client, services, CardService.SAME_NUMBER, whom)
    second = made(services.check(CardService.REPLACE, whom, "test"), ServiceCheck)
    assert (second.allowed, second.reason) == (False, "SERVICE-REQUEST-OPEN")
    for step in (making.lock, making.batch):
        made(step(MakingCall(serial(), request.request_no)), MakingRequest)
    data = made(making.data(MakingCall(serial(), request.request_no)), MakingData)
    card_id = a_card_id()
    made(making.result(MakingCall(serial(), request.request_no), MadeCard(card_id, "", "")), MakingRequest)
    report = ReturnCall(serial(), request.request_no, data.bank_account, card_id, True)
    assert made(HttpOpenings(bank.line).report(report), OpeningAnswer).outcome is BankOutcome.APPLIED
    assert made(client.profile(ProfileQuery("test", card_id=whom.card_id)), Profile).social is SocialState.NORMAL
    enabled = made(making.enable(MakingCall(serial(), request.request_no)), Enabled)
    assert enabled.old_cards == (whom.card_id,)
    assert made(client.profile(ProfileQuery("test", card_id=whom.card_id)), Profile).social is SocialState.CANCELLED
    new = made(client.profile(ProfileQuery("test", card_id=card_id)), Profile)
    assert (new.social, new.bank_account) == (SocialState.NORMAL, data.bank_account)


def test_what_the_bank_refuses_waits_for_corrected_data(
    client: HttpProvince, desk: Desk, services: HttpCardServices, bank: HttpBank
) -> None:
    whom, openings = nobody_without_card(desk), HttpOpenings(bank.line)
    request = apply(client, services, CardService.FIRST_ISSUE, whom)
    call = opening_of(client, request, whom)
    for wrong, reason in (
        (replace(call, holder="别人"), "BANK-HOLDER-DIFFERS"),
        (replace(call, id_expires=date(2020, 1, 1)), "BANK-ID-EXPIRED"),
        (replace(call, occupation=""), "BANK-OCCUPATION-MISSING"),
        (replace(call, consented=False), "BANK-CONSENT-MISSING"),
        (replace(call, request_no="nothing"), "BANK-REQUEST-UNKNOWN"),
    ):
        answer = made(openings.open_account(replace(wrong, serial=serial())), OpeningAnswer)
        assert (answer.outcome, answer.reason, answer.account) == (BankOutcome.REFUSED, reason, None)
    (waiting,) = made(services.progress(whom, "test"), tuple)
    assert (waiting.step, waiting.failure) == (ProductionState.OPENING_FAILED, "BANK-CONSENT-MISSING")
    assert made(openings.open_account(call), OpeningAnswer).outcome is BankOutcome.APPLIED


def test_each_trouble_of_a_bank_is_told_and_uses_no_account(
    client: HttpProvince, services: HttpCardServices, bank: HttpBank
) -> None:
    found = {}
    for person in make_people(7, 400, load_material()):
        whom = Whom(citizen_number=person.citizen_number)
        if person.bank_trouble is None or person.bank_trouble in found:
            continue
        check = made(services.check(CardService.FIRST_ISSUE, whom, "test"), ServiceCheck)
        requests = made(services.progress(whom, "test"), tuple)
        request = requests[0] if requests else apply(client, services, CardService.FIRST_ISSUE, whom)
        assert check.allowed == (not requests)
        answer = made(HttpOpenings(bank.line).open_account(opening_of(client, request, whom)), OpeningAnswer)
        found[person.bank_trouble] = answer.reason
        assert (answer.outcome, answer.account) == (BankOutcome.REFUSED, None)
    assert set(found) == {"BANK-UNDER-AGE", "BANK-PHONE-SHARED", "BANK-NAME-MISMATCH", "BANK-RISK-HELD"}
    assert all(trouble == reason for trouble, reason in found.items())


def test_people_stand_at_every_step_of_making(client: HttpProvince, services: HttpCardServices) -> None:
    seen = set()
    for person in make_people(7, 60, load_material()):
        requests = made(services.progress(Whom(citizen_number=person.citizen_number), "test"), tuple)
        seen |= {request.step for request in requests if request.op_id is None}
        for request in requests:
            assert request.steps[-1].code == request.step_code
            assert [step.at for step in request.steps] == sorted(step.at for step in request.steps)
    assert seen >= set(ProductionState) - {ProductionState.NONE, ProductionState.COLLECTED, ProductionState.UNKNOWN}


def test_only_those_on_file_may_act_for_somebody(services: HttpCardServices) -> None:
    people = tuple(make_people(7, 100, load_material()))
    child = next(person for person in people if person.stands_in is not None and person.stands_in[1] != "agent")
    assert child.stands_in is not None
    whom, guardian = Whom(citizen_number=child.citizen_number), people[child.stands_in[0]]
    found = services.check_stand_in(whom, guardian.citizen_number, "test")
    assert found == StandIn(True, child.stands_in[1])
    assert services.check_stand_in(whom, people[0].citizen_number, "test") == StandIn(False, None)


@pytest.mark.parametrize(
    ("state", "kind", "reason", "after"),
    [
        ("normal", CardService.REPLACE_LOST, "SERVICE-LOSS-FIRST", None),
        ("lost_temporary", CardService.REPLACE_LOST, "SERVICE-FORMAL-LOSS-FIRST", None),
        ("lost_formal", CardService.REPLACE_LOST, None, SocialState.LOST_FORMAL),
        ("sealed", CardService.ENABLE, None, SocialState.NORMAL),
        ("normal", CardService.ENABLE, "SERVICE-ENABLED-ALREADY", None),
        ("locked", CardService.PIN_RESET, None, SocialState.NORMAL),
        ("cancelled", CardService.PIN_RESET, "SERVICE-CARD-CANCELLED", None),
        ("normal", CardService.CANCEL, None, SocialState.CANCELLED),
        ("normal", CardService.BANK_ACTIVATION, None, SocialState.NORMAL),
        ("normal", CardService.PLACE_MOVE, None, SocialState.NORMAL),
        ("normal", CardService.UNDO, "SERVICE-NO-REQUEST", None),
    ],
)
def test_pre_check_and_operation_say_the_same(
    client: HttpProvince,
    desk: Desk,
    services: HttpCardServices,
    state: str,
    kind: CardService,
    reason: str | None,
    after: SocialState | None,
) -> None:
    whom = Whom(card_id=desk.card(state)["card_id"])
    check = made(services.check(kind, whom, "test"), ServiceCheck)
    assert (check.allowed, check.reason) == (reason is None, reason)
    (answer,) = send(client, operation(kind.value, card_id=whom.card_id, base_version=check.version))
    assert (answer.outcome is Outcome.APPLIED, answer.reason) == (reason is None, reason)
    if after is not None:
        assert made(client.profile(ProfileQuery("test", card_id=whom.card_id)), Profile).social is after


def test_an_application_that_is_undone_leaves_no_request(
    client: HttpProvince, desk: Desk, services: HttpCardServices
) -> None:
    whom = Whom(card_id=desk.card("normal")["card_id"])
    apply(client, services, CardService.REPLACE, whom)
    (answer,) = send(client, operation("undo", card_id=whom.card_id))
    assert answer.outcome is Outcome.APPLIED
    (request,) = made(services.progress(whom, "test"), tuple)
    assert not request.open
    assert made(services.check(CardService.REPLACE, whom, "test"), ServiceCheck).allowed


def test_a_photo_is_checked_given_and_taken(client: HttpProvince, desk: Desk) -> None:
    whom, photos = Whom(card_id=desk.card("normal")["card_id"]), HttpPhotos(client.line)
    rules = made(photos.rules(), PhotoRules)
    drawn = made(photos.photo(whom, "test"), Photo)
    assert rules.least_bytes <= len(drawn.jpeg) <= rules.most_bytes
    assert drawn.taken is None
    today = datetime.now(UTC).date()
    first = serial()
    assert photos.send(first, whom, drawn.jpeg, today) == sm3_hex(drawn.jpeg)
    assert photos.send(first, whom, drawn.jpeg, today) == sm3_hex(drawn.jpeg)
    assert made(photos.photo(whom, "test"), Photo).taken == today
    assert photos.send(serial(), whom, drawn.jpeg[:2000], today) == Refusal("PHOTO-BYTES")
    assert photos.send(serial(), whom, b"GIF89a" * 2000, today) == Refusal("PHOTO-UNREADABLE")
    assert photos.send(serial(), whom, drawn.jpeg, today + timedelta(days=2)) == Refusal("PHOTO-FUTURE")
    assert photos.send(serial(), Whom(card_id="0" * 32), drawn.jpeg, today) == Refusal("CARD-UNKNOWN")


def test_an_appointment_is_booked_once_and_given_up(client: HttpProvince, desk: Desk) -> None:
    whom, appointments = Whom(card_id=desk.card("normal")["card_id"]), HttpAppointments(client.line)
    day = datetime.now(UTC).date() + timedelta(days=3)
    wanted = Booking(serial(), whom, "P1", day, "09:00", CardService.REPLACE)
    booked = made(appointments.book(wanted), Appointment)
    assert appointments.book(wanted) == booked
    assert appointments.of(whom, "test") == (booked,)
    assert appointments.book(replace(wanted, serial=serial(), slot="10:00")) == Refusal("APPOINTMENT-TAKEN")
    assert appointments.book(replace(wanted, serial=serial(), slot="03:00")) == Refusal("APPOINTMENT-SLOT")
    far = replace(wanted, serial=serial(), day=day + timedelta(days=90))
    assert appointments.book(far) == Refusal("APPOINTMENT-DAY")
    assert appointments.arrive(serial(), booked.appointment_no, whom) == Refusal("APPOINTMENT-OTHER-DAY")
    stranger = Whom(card_id=desk.card("normal")["card_id"])
    assert appointments.cancel(serial(), booked.appointment_no, stranger) == Refusal("APPOINTMENT-UNKNOWN")
    given_up = made(appointments.cancel(serial(), booked.appointment_no, whom), Appointment)
    assert given_up.state is AppointmentState.CANCELLED
    assert appointments.cancel(serial(), booked.appointment_no, whom) == Refusal("APPOINTMENT-NOT-BOOKED")


def test_a_terminal_belongs_to_one_device_until_it_is_struck_off(client: HttpProvince) -> None:
    mine, theirs = HttpRegisters(client.line, DEVICE), HttpRegisters(client.line, OTHER_DEVICE)
    terminal = Terminal("350100000017", "350100-01", TerminalKind.READER, "R-1", "350100", "3号窗口")
    entered = made(mine.register(serial(), terminal), RegisteredTerminal)
    assert (entered.terminal, entered.registered) == (terminal, True)
    assert mine.terminals() == (entered,)
    assert theirs.register(serial(), terminal) == Refusal("TERMINAL-OTHER-DEVICE")
    assert theirs.strike_off(serial(), terminal.terminal_no) == Refusal("TERMINAL-OTHER-DEVICE")
    assert made(mine.strike_off(serial(), terminal.terminal_no), RegisteredTerminal).registered is False
    assert mine.strike_off(serial(), terminal.terminal_no) == Refusal("TERMINAL-UNKNOWN")
    assert made(theirs.register(serial(), terminal), RegisteredTerminal).registered


def test_each_service_is_rated_once_and_a_bad_one_is_called_back(client: HttpProvince, desk: Desk) -> None:
    registers = HttpRegisters(client.line, DEVICE)
    item = operation("intake", card_id=desk.card("normal")["card_id"])
    send(client, item)
    rating = Rating(serial(), item.op_id, RatingLevel.BAD, ("efficiency",), "等太久")
    taken = made(registers.rate(rating), RatingTaken)
    assert taken.call_back_by is not None
    assert registers.rate(rating) == taken
    assert registers.rate(replace(rating, serial=serial())) == Refusal("RATING-EXISTS")
    assert registers.rate(replace(rating, serial=serial(), op_id="never")) == Refusal("OP-UNKNOWN")


def test_entries_come_by_the_catalogue_and_no_data_is_not_none(client: HttpProvince, desk: Desk) -> None:
    whom, departments = Whom(card_id=desk.card("normal")["card_id"]), HttpDepartments(client.line)
    kinds = made(departments.kinds(), tuple)
    assert {"training_voucher", "work_injury", "employment_subsidy", "transport"} <= {kind.kind for kind in kinds}
    found = {kind.kind: made(departments.entries(whom, kind.kind, "test"), Entries) for kind in kinds}
    assert found["rights"].entries
    assert found["medical"].entries is None
    again = made(departments.entries(whom, "rights", "test"), Entries)
    assert again.entries == found["rights"].entries
    assert departments.entries(whom, "nothing", "test") == Refusal("ENTRY-KIND-UNKNOWN")


def test_a_licence_is_listed_fetched_and_checked_by_a_code_once(client: HttpProvince, desk: Desk) -> None:
    whom, departments = Whom(card_id=desk.card("normal")["card_id"]), HttpDepartments(client.line)
    licences = made(departments.licences(whom, "test"), tuple)
    assert licences[0].kind == "social_card"
    assert made(departments.document(licences[0].licence_id, "test"), LicenceDocument).content
    code = desk.post(f"/training/licences/{licences[0].licence_id}/code", {}).json()["code"]
    shown = made(departments.check_code(code, "test"), LicenceCheck)
    assert (shown.licence, shown.reason) == (licences[0], None)
    assert shown.holder is not None
    assert "*" in shown.holder
    assert made(departments.check_code(code, "test"), LicenceCheck).reason == "LICENCE-CODE-UNKNOWN"
    assert departments.document("nobody-social_card", "test") == Refusal("LICENCE-UNKNOWN")


def test_code_tables_are_those_that_the_counter_reads_by(client: HttpProvince) -> None:
    notices = HttpNotices(client.line)
    names = notices.code_tables()
    assert not isinstance(names, Refusal)
    table = made(notices.code_table("social"), CodeTable)
    assert table.codes == {code: state.value for code, state in client.code_maps.social.states.items()}
    assert table.sm3 == names["social"]
    assert notices.code_table("nothing") == Refusal("CODE-TABLE-UNKNOWN")


def test_notices_come_once_in_their_order(client: HttpProvince, desk: Desk) -> None:
    notices = HttpNotices(client.line)
    before = notices.notices(0)
    assert not isinstance(before, Refusal)
    for title in ("系统升级", "规则调整"):
        desk.post("/training/notices", {"kind": "rule", "title": title, "text": "示例"}).raise_for_status()
    page = notices.notices(before.last)
    assert not isinstance(page, Refusal)
    assert [notice.title for notice in page.notices] == ["系统升级", "规则调整"]
