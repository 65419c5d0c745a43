"""Which reader and printer a counter opens: real ones, and the virtual ones of training mode."""

from __future__ import annotations

from collections.abc import Callable

from app.services.settings import Settings
from hardware.ports import CardGone, DocumentPrinter, ReaderStatus
from hardware.printers.spooler import CupsPrinter
from hardware.readers.service import pcsc_context
from hardware.readers.supervisor import ReaderSupervisor
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.in_process import InProcessService
from hardware.virtual.printer import VirtualPrinter
from hardware.virtual.profiles import load_profile

VIRTUAL = "virtual"


def open_reader(
    settings: Settings, publish: Callable[[ReaderStatus], None]
) -> tuple[ReaderSupervisor, InProcessService | None]:
    """Return the reader's owner, not started.

    In training `reader = "virtual[:PROFILE]"`, or a machine without a PC/SC service, gives one in the process.
    """
    wanted = settings.reader or ""
    if settings.training and (wanted.startswith(VIRTUAL) or not pcsc_runs()):
        service = InProcessService()
        _, _, profile = wanted.partition(":")
        if profile:
            service.insert(VirtualCard(load_profile(profile)))
        return ReaderSupervisor(service.context, publish), service
    return ReaderSupervisor(pcsc_context, publish, settings.reader), None


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
