"""Which reader and printer a counter opens: real ones, and the virtual ones of training mode."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from app.catalogue import reader_drivers, readers
from app.domain.refusal import Refusal
from app.services.card_reading import CardReading
from app.services.chip_reading import ChipReading
from app.services.driver_reading import DriverReading
from app.services.id_reading import IdBoxReading, ResidentIdReading
from app.services.settings import Settings
from hardware.card.region_rules import RegionRules, load_region_rules
from hardware.ports import CardGone, DocumentPrinter, ReaderStatus
from hardware.printers.spooler import CupsPrinter
from hardware.readers.combined_box import CombinedBox, open_combined_box
from hardware.readers.service import pcsc_context
from hardware.readers.sscard.card_driver import LIBRARY
from hardware.readers.sscard.driver_host import DriverLibrary, command32
from hardware.readers.supervisor import ReaderSupervisor
from hardware.resident_id.library_box import open_library_box
from hardware.resident_id.serial_box import SerialIdBox
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import SAM_READER, InProcessService
from hardware.virtual.printer import VirtualPrinter
from hardware.virtual.profile_names import PLUS
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from hardware.virtual.training_rules import training_region_rules

VIRTUAL = "virtual"
BITS_OF_A_HELPER = 32
"""A library of so many bits has a host of its own; any other is of the program's own bits."""


class ReaderOwner(Protocol):
    """The thread that a reader belongs to."""

    def start(self) -> None:
        """Start it; returns at once."""
        ...

    def stop(self) -> None:
        """End it after the work in hand."""
        ...


@dataclass(frozen=True)
class WindowReader:
    """The card reader of this window, not started."""

    owner: ReaderOwner
    cards: CardReading
    ids: ResidentIdReading | None = None
    """Where the box has a reader of resident IDs too."""
    virtual: InProcessService | None = None
    """In training, the one in the process."""


def open_reader(
    settings: Settings, publish: Callable[[ReaderStatus], None], tell: Callable[[Refusal], None]
) -> WindowReader:
    """Return the reader that the settings name; `tell` gets why a maker's library cannot be used.

    In training `reader = "virtual[:PROFILE[+PSAM]]"`, or a machine without a PC/SC service, gives one in the process.
    A real reader, by PC/SC or by its maker's library, may be used there too: its cards are asked about in the training
    province alone.
    """
    open_box = card_box(settings)
    if open_box is not None and settings.card_driver is not None:
        interface = reader_drivers.load()[settings.card_driver_type].interface
        box = DriverReading(open_box, settings.card_driver.name, interface, publish, tell)
        return WindowReader(box, box, box if settings.id_driver is not None else None)
    rules = region_rules(settings)
    wanted = settings.reader or ""
    if settings.training and (wanted.startswith(VIRTUAL) or not pcsc_runs()):
        service = InProcessService()
        _, _, inside = wanted.partition(":")
        profile, _, psam = inside.partition(PLUS)
        if profile:
            service.insert(VirtualCard(load_profile(profile)))
        if psam:
            service.plug_reader(SAM_READER)
            service.insert(VirtualPsam(load_psam(psam)), SAM_READER)
        in_process = ReaderSupervisor(service.context, publish, roles=readers.load())
        return WindowReader(in_process, ChipReading(in_process, rules), virtual=service)
    supervisor = ReaderSupervisor(pcsc_context, publish, settings.reader, readers.load())
    return WindowReader(supervisor, ChipReading(supervisor, rules))


def card_box(settings: Settings) -> Callable[[], CombinedBox] | None:
    """Return what opens the box behind its maker's library, raising BoxLost; None where the settings name none."""
    if settings.card_driver is None:
        return None
    driver = reader_drivers.load()[settings.card_driver_type]
    library = DriverLibrary(LIBRARY, settings.card_driver, driver.convention)
    command = _host(settings.card_driver_bits)
    ids = None if settings.id_driver is None else DriverLibrary(settings.id_driver_type, settings.id_driver)
    return lambda: open_combined_box(library, driver.facts, ids, command=command)


def open_id_reader(settings: Settings) -> IdBoxReading | None:
    """Return the resident ID reader that is a box of its own, not started; None where the settings name none."""
    if settings.id_port is not None:
        port = settings.id_port
        return IdBoxReading(lambda: SerialIdBox(port))
    if settings.id_driver is None or settings.card_driver is not None:
        return None
    library = DriverLibrary(settings.id_driver_type, settings.id_driver)
    return IdBoxReading(lambda: open_library_box(library, command=_host(settings.id_driver_bits)))


def _host(bits: int) -> tuple[str, ...] | None:
    return command32() if bits == BITS_OF_A_HELPER else None


def region_rules(settings: Settings) -> Callable[[], RegionRules]:
    """Return what reads the rules of 卡认证 by a PSAM: in training, those of its own keys."""
    return training_region_rules if settings.training else load_region_rules


def pcsc_runs() -> bool:
    """Tell whether this machine has a PC/SC service that answers."""
    try:
        context = pcsc_context()
    except CardGone:
        return False
    context.release()
    return True


def open_printer(settings: Settings) -> DocumentPrinter:
    """Return the receipt printer; in training without a named queue a virtual one that keeps its papers in a folder."""
    if settings.training and settings.printer is None:
        return VirtualPrinter(settings.folder / "papers")
    return CupsPrinter(settings.printer, None)
