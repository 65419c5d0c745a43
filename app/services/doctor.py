"""Doctor: each probe stands alone, and says in one sentence what is wrong and what to do."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import resources
from app.catalogue.sentences import Sentences
from app.domain.clock import SystemClock
from app.domain.mode import Mode
from app.domain.refusal import Refusal
from app.services import data_folder
from app.services.settings import Settings

LOW_DISK_BYTES = 1 << 30
CLOCK_WARN_S = 30.0
COPY_WARN_S = 60.0


class Health(StrEnum):
    """How a probe ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True)
class Finding:
    """One probe's result, in words."""

    probe: str
    state: Health
    sentence: str
    remedy: str


Probe = Callable[[Settings], tuple[Health, Refusal]]


def examine(settings: Settings, sentences: Sentences) -> tuple[Finding, ...]:
    """Run every probe; one that fails for a reason nobody foresaw is itself a finding."""
    return tuple(_run(name, probe, settings, sentences) for name, probe in PROBES)


def _run(name: str, probe: Probe, settings: Settings, sentences: Sentences) -> Finding:
    try:
        state, code = probe(settings)
    except Exception as error:  # noqa: BLE001 - a probe must never stop the others; the error becomes the finding
        state, code = Health.FAIL, Refusal.of("DOCTOR-PROBE-BROKEN", error=type(error).__name__)
    sentence = sentences.of(code)
    return Finding(name, state, sentence.text, sentence.remedy)


def _data_folder(settings: Settings) -> tuple[Health, Refusal]:
    held = data_folder.hold(settings.folder)
    if not isinstance(held, Refusal):
        held.lock.release()
        return Health.OK, Refusal.of("DOCTOR-FOLDER-OK", folder=settings.folder)
    in_use = held.code == "DATA-FOLDER-IN-USE"
    return (Health.OK, Refusal("DOCTOR-FOLDER-HELD")) if in_use else (Health.FAIL, held)


def _disk(settings: Settings) -> tuple[Health, Refusal]:
    folder = next(path for path in (settings.folder, *settings.folder.parents) if path.exists())
    free = shutil.disk_usage(folder).free
    gib = f"{free / (1 << 30):.1f}"
    return (
        (Health.OK, Refusal.of("DOCTOR-DISK-OK", gib=gib))
        if free > LOW_DISK_BYTES
        else (
            Health.WARN,
            Refusal.of("DOCTOR-DISK-LOW", gib=gib),
        )
    )


def _journal_key(settings: Settings) -> tuple[Health, Refusal]:
    from app.journal import database
    from app.journal.keys import KeyStoreAway, machine_key_store
    from app.services.machine_folder import shared_group_name

    store = machine_key_store(settings.folder)
    try:
        if database.exists(settings.folder) and store.load() is None:
            return Health.FAIL, Refusal("JOURNAL-KEY-GONE")
    except KeyStoreAway as away:
        return Health.FAIL, away.refusal
    match store.strength:
        case "machine":
            return Health.OK, Refusal("DOCTOR-KEY-MACHINE")
        case "group":
            return Health.OK, Refusal.of("DOCTOR-KEY-GROUP", group=shared_group_name(settings.folder))
        case "keyring":
            return Health.OK, Refusal("DOCTOR-KEY-RING")
        case "file":
            return Health.WARN, Refusal("DOCTOR-KEY-FILE")


def _journal(settings: Settings) -> tuple[Health, Refusal]:
    from app.journal.database import DATABASE_FILE
    from app.services.journal_check import verify_journal_for

    if not (settings.folder / DATABASE_FILE).exists():
        return Health.OK, Refusal("DOCTOR-JOURNAL-NONE")
    result = verify_journal_for(settings.folder, Mode.of(settings.training))
    if isinstance(result, Refusal):
        return Health.FAIL, result
    if not result.ok:
        return Health.FAIL, Refusal.of("DOCTOR-JOURNAL-BAD", first_bad=result.first_bad)
    return Health.OK, Refusal.of("DOCTOR-JOURNAL-OK", rows=result.rows)


def _second_place(settings: Settings) -> tuple[Health, Refusal]:
    from app.services.copy_check import copy_lag

    if settings.second_place is None:
        return Health.OK if settings.training else Health.WARN, Refusal("DOCTOR-SECOND-NONE")
    if not settings.second_place.is_dir():
        return Health.FAIL, Refusal.of("DOCTOR-SECOND-AWAY", folder=settings.second_place)
    found = copy_lag(settings.folder)
    if isinstance(found, Refusal):
        return Health.WARN, found
    if found is None or not found.whole:
        return Health.WARN, Refusal("DOCTOR-SECOND-NOT-YET")
    state = Health.OK if found.age_s < COPY_WARN_S else Health.WARN
    return state, Refusal.of("DOCTOR-SECOND-LAG", rows=found.rows, seconds=f"{found.age_s:.0f}")


def _reader(settings: Settings) -> tuple[Health, Refusal]:
    from app.services.devices import VIRTUAL
    from hardware.ports import CardFaultKind, CardGone
    from hardware.readers.reader_roles import is_wanted
    from hardware.readers.service import pcsc_context

    trouble = Health.WARN if settings.training else Health.FAIL
    if settings.card_driver is not None:
        lost = _library_lost(settings)
        if lost is not None:
            return trouble, lost
        return Health.OK, Refusal.of("DOCTOR-READER-OK", reader=settings.card_driver.name)
    try:
        context = pcsc_context()
        try:
            names = [slot.reader for slot in context.slots()]
        finally:
            context.release()
    except CardGone as gone:
        return trouble, Refusal("READER-NO-SERVICE" if gone.fault.kind is CardFaultKind.NO_SERVICE else "READER-NONE")
    if not names:
        return trouble, Refusal("READER-NONE")
    wanted = settings.reader or ""
    if not wanted.startswith(VIRTUAL) and not any(is_wanted(name, wanted) for name in names):
        return trouble, Refusal.of("READER-NOT-NAMED", name=wanted)
    return Health.OK, Refusal.of("DOCTOR-READER-OK", reader=", ".join(names))


def _library_lost(settings: Settings) -> Refusal | None:
    """Load the libraries of the card's box in a process that ends again, and say why that cannot be done."""
    from app.services.devices import card_box
    from app.services.reader_faults import refusal_of_box
    from hardware.readers.box import BoxLost

    open_box = card_box(settings)
    try:
        if open_box is not None:
            open_box().close()
    except BoxLost as lost:
        return refusal_of_box(lost.fault)
    return None


def _printer(settings: Settings) -> tuple[Health, Refusal]:
    from app.services.devices import open_printer
    from hardware.ports import PrintOutcome

    status = open_printer(settings).status()
    if status.outcome in (PrintOutcome.ACCEPTED, PrintOutcome.PRINTED):
        return Health.OK, Refusal.of("DOCTOR-PRINTER-OK", printer=status.name)
    if status.name is None:
        return Health.WARN, Refusal("DOCTOR-PRINTER-NONE")
    return Health.WARN, Refusal.of("DOCTOR-PRINTER-AWAY", printer=status.name)


def _pad(settings: Settings) -> tuple[Health, Refusal]:
    from app.services.password_pad import open_pad

    pad = open_pad(settings)
    if pad is None:
        return Health.OK, Refusal("DOCTOR-PAD-NONE")
    if pad.answers():
        return Health.OK, Refusal.of("DOCTOR-PAD-OK", port=pad.port)
    return Health.WARN, Refusal.of("DOCTOR-PAD-AWAY", port=pad.port)


def _fonts(_settings: Settings) -> tuple[Health, Refusal]:
    there = {file.name for file in resources.path("fonts").glob("*.ttf")}
    if "NotoSansSC-Regular.ttf" not in there:
        return Health.FAIL, Refusal("DOCTOR-FONT-NONE")
    rare = any(name.startswith("YikatongFallback") for name in there)
    return (Health.OK, Refusal("DOCTOR-FONT-OK")) if rare else (Health.WARN, Refusal("DOCTOR-FONT-NO-RARE"))


def _province(settings: Settings) -> tuple[Health, Refusal]:
    if settings.province_url is None:
        return (
            (Health.OK, Refusal("DOCTOR-PROVINCE-TRAINING"))
            if settings.training
            else (
                Health.FAIL,
                Refusal("PROVINCE-NOT-SET"),
            )
        )
    from app.province.wires import open_wire
    from app.services.device_line import guard_for

    # A training province tells anybody the time; a real one is asked as the counter does.
    guard = None if settings.training else guard_for(settings, settings.province_url)
    if isinstance(guard, Refusal):
        return Health.FAIL, guard
    province = open_wire(settings.endpoint(settings.province_url, guard), settings.wire)
    try:
        told = province.clock()
    finally:
        province.close()
    if isinstance(told, Refusal):
        return Health.WARN, told
    offset = abs((told - SystemClock().now()).total_seconds())
    if offset > CLOCK_WARN_S:
        return Health.WARN, Refusal.of("DOCTOR-CLOCK-OFF", seconds=f"{offset:.0f}")
    return Health.OK, Refusal("DOCTOR-PROVINCE-OK")


PROBES: tuple[tuple[str, Probe], ...] = (
    ("data_folder", _data_folder),
    ("disk", _disk),
    ("journal_key", _journal_key),
    ("journal", _journal),
    ("second_place", _second_place),
    ("reader", _reader),
    ("pad", _pad),
    ("printer", _printer),
    ("fonts", _fonts),
    ("province", _province),
)
