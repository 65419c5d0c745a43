"""Which reader and printer a counter opens: real ones, and the virtual ones of training mode."""

from __future__ import annotations

from collections.abc import Callable

from app.catalogue import readers
from app.services.settings import Settings
from hardware.card.region_rules import RegionRules, load_region_rules
from hardware.ports import CardGone, DocumentPrinter, ReaderStatus
from hardware.printers.spooler import CupsPrinter
from hardware.readers.service import pcsc_context
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import SAM_READER, InProcessService
from hardware.virtual.printer import VirtualPrinter
from hardware.virtual.profiles import load_profile
from hardware.virtual.psam import VirtualPsam
from hardware.virtual.psam_profiles import load_psam
from hardware.virtual.training_rules import training_region_rules

VIRTUAL = "virtual"
PLUS = "+"
"""Between the profiles of a virtual card and of the PSAM beside it."""


def open_reader(
    settings: Settings, publish: Callable[[ReaderStatus], None]
) -> tuple[ReaderSupervisor, InProcessService | None]:
    """Return the reader's owner, not started.

    In training `reader = "virtual[:PROFILE[+PSAM]]"`, or a machine without a PC/SC service, gives one in the process.
    """
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
        return ReaderSupervisor(service.context, publish, roles=readers.load()), service
    return ReaderSupervisor(pcsc_context, publish, settings.reader, readers.load()), None


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
