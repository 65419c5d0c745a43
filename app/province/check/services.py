"""Checks of the other families of the wire: card services, progress, departments, licences, notices, terminals."""

from __future__ import annotations

import secrets

from app.domain.card_service import CardService
from app.domain.refusal import Refusal
from app.province.appointment_client import HttpAppointments
from app.province.appointment_port import AppointmentState
from app.province.card_service_client import HttpCardServices
from app.province.check.bench import PURPOSE, Bench
from app.province.check.family import Case, Family
from app.province.check.finding import Outcome, Reason, Seen
from app.province.check.persons import Role, TestPerson
from app.province.entry_client import HttpDepartments
from app.province.notice_client import HttpNotices
from app.province.photo_client import HttpPhotos
from app.province.register_client import HttpRegisters
from app.province.register_port import Terminal, TerminalKind
from app.province.service_line import Whom

_MOST_PAGES = 100


def every_service_is_known(bench: Bench) -> Outcome:
    """The catalogue has services, and none that this version does not know."""
    offered = bench.got(_card_services(bench).services())
    unknown = tuple(service.name for service in offered if service.service is None)
    return Seen((f"{len(offered)} services",), unknown if offered else ("none",))


def pre_check_goes_by_the_state(bench: Bench) -> Outcome:
    """Before a form is filled, the loss of a normal card is allowed and that of a lost one is not, with why."""
    services, wrong = _card_services(bench), []
    for role, allowed in ((Role.NORMAL, True), (Role.LOST, False)):
        check = bench.got(services.check(CardService.TEMPORARY_LOSS, _whom(bench.person(role)), PURPOSE))
        if check.allowed is not allowed or (not allowed and not check.reason):
            wrong.append(f"{role.value}: {'allowed' if check.allowed else check.reason}")
    return Seen(("normal: allowed", "lost: refused"), tuple(wrong))


def every_step_is_known(bench: Bench) -> Outcome:
    """The code map has every step of making of the test persons' requests (制卡进度)."""
    services, count, wrong = _card_services(bench), 0, set[str]()
    for person in bench.persons.persons or (bench.person(Role.NORMAL),):
        for request in bench.got(services.progress(_whom(person), PURPOSE)):
            count += 1
            wrong |= set() if request.writable else {f"{person.role.value}: step={request.step_code}"}
    return Seen((f"{count} requests",), tuple(sorted(wrong))) if count else Reason.NONE_SEEN


def every_department_answers(bench: Bench) -> Outcome:
    """Each kind of entry that the catalogue names can be asked for."""
    whom, departments = _whom(bench.person(Role.NORMAL)), HttpDepartments(bench.line())
    kinds = bench.got(departments.kinds())
    answers = {kind.kind: departments.entries(whom, kind.kind, PURPOSE) for kind in kinds}
    wrong = tuple(f"{kind}: {answer.code}" for kind, answer in answers.items() if isinstance(answer, Refusal))
    return Seen((f"{len(kinds)} kinds",), wrong) if kinds else Reason.NONE_SEEN


def licences_are_whole(bench: Bench) -> Outcome:
    """Each 电子证照 that is listed comes as a document with its digest; one that nobody has is refused."""
    whom, departments = _whom(bench.person(Role.NORMAL)), HttpDepartments(bench.line())
    licences = bench.got(departments.licences(whom, PURPOSE))
    answers = (departments.document(licence.licence_id, PURPOSE) for licence in licences)
    wrong = [answer.code for answer in answers if isinstance(answer, Refusal)]
    nobody = departments.document(f"none-{secrets.token_hex(8)}", PURPOSE)
    wrong += [] if nobody == Refusal("LICENCE-UNKNOWN") else ["a licence that nobody has"]
    return Seen((f"{len(licences)} licences", "LICENCE-UNKNOWN"), tuple(wrong))


def notices_come_to_an_end(bench: Bench) -> Outcome:
    """Notices rise by number, page after page, and the last page is empty."""
    notices, after, count = HttpNotices(bench.line()), 0, 0
    for _page in range(_MOST_PAGES):
        page = bench.got(notices.notices(after))
        if not page.notices:
            return Seen((f"{count} notices",)) if count else Reason.NONE_SEEN
        after, count = page.last, count + len(page.notices)
    return Seen(wrong=(f"no end after {_MOST_PAGES} pages",))


def code_tables_are_those_listed(bench: Bench) -> Outcome:
    """Each code table that is listed can be fetched, with the digest of the list."""
    notices = HttpNotices(bench.line())
    listed = bench.got(notices.code_tables())
    tables = {name: bench.got(notices.code_table(name)) for name in listed}
    wrong = tuple(name for name, table in tables.items() if table.sm3 != listed[name] or not table.codes)
    return Seen((f"{len(listed)} tables",), wrong) if listed else Reason.NONE_SEEN


def photo_is_as_its_rules(bench: Bench) -> Outcome:
    """The rules can be kept, and a test person's photo, where there is one, keeps them."""
    photos = HttpPhotos(bench.line())
    rules = bench.got(photos.rules())
    sizes = (rules.width, rules.height, rules.dpi)
    wrong = [] if all(sizes) and rules.least_bytes < rules.most_bytes else ["rules"]
    photo = photos.photo(_whom(bench.person(Role.NORMAL)), PURPOSE)
    if isinstance(photo, Refusal):
        known = photo.code.startswith("PHOTO-") or photo.code == "PROVINCE-REFUSED"
        return Seen((photo.code,), tuple(wrong if known else [*wrong, photo.code]))
    wrong += [] if rules.least_bytes <= len(photo.jpeg) <= rules.most_bytes else ["bytes"]
    return Seen((f"{len(photo.jpeg)} bytes",), tuple(wrong))


def appointments_are_readable(bench: Bench) -> Outcome:
    """A test person's appointments have states and services that this version knows."""
    found = bench.got(HttpAppointments(bench.line()).of(_whom(bench.person(Role.NORMAL)), PURPOSE))
    wrong = [one.day.isoformat() for one in found if one.state is AppointmentState.UNKNOWN or one.service is None]
    return Seen((f"{len(found)} appointments",), tuple(wrong)) if found else Reason.NONE_SEEN


def terminals_are_entered_once(bench: Bench) -> Outcome:
    """A terminal is entered once however often its serial comes, is listed, and is struck off again (终端台账)."""
    registers = HttpRegisters(bench.line(), bench.persons.device)
    terminal = Terminal(f"{secrets.randbelow(10**12):012d}", PURPOSE, TerminalKind.READER, "check", "350100", "1")
    serial = f"check-{secrets.token_hex(8)}"
    first, second = (bench.got(registers.register(serial, terminal)) for _ in range(2))
    listed = [one for one in bench.got(registers.terminals()) if one.terminal == terminal and one.registered]
    wrong = [] if first == second else ["another answer"]
    wrong += [] if len(listed) == 1 else [f"listed {len(listed)} times"]
    gone = bench.got(registers.strike_off(f"{serial}-off", terminal.terminal_no))
    wrong += ["still registered"] if gone.registered else []
    return Seen(("same answer", "listed once", "struck off"), tuple(wrong))


def _card_services(bench: Bench) -> HttpCardServices:
    return HttpCardServices(bench.line(), bench.client.code_maps)


def _whom(person: TestPerson) -> Whom:
    return Whom(card_id=person.card_id)


SERVICES = Family(
    "S",
    (
        Case(every_service_is_known),
        Case(pre_check_goes_by_the_state),
        Case(every_step_is_known),
        Case(every_department_answers),
        Case(licences_are_whole),
        Case(notices_come_to_an_end),
        Case(code_tables_are_those_listed),
        Case(photo_is_as_its_rules),
        Case(appointments_are_readable),
        Case(terminals_are_entered_once, writes=True),
    ),
)
