"""Which pad the holder of this window enters the 社保密码 on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.catalogue import pin_pads
from app.domain.refusal import Refusal
from app.services.setting_checks import SERIAL_PAD
from app.services.settings import Settings

if TYPE_CHECKING:
    from hardware.pin_pad.serial_pad import SerialPad


def open_pad(settings: Settings) -> SerialPad | None:
    """Return the pad that the settings name; None where they name none. Its line is opened for each entry only."""
    if settings.pad is None:
        return None
    from hardware.pin_pad.serial_pad import SerialPad

    return SerialPad(settings.pad.removeprefix(SERIAL_PAD), pin_pads.load()[settings.pad_type])


def pad_at(port: str, kind: str) -> SerialPad | Refusal:
    """Return the pad at a serial port; PASSWORD-PAD-UNKNOWN for a kind that the table does not have."""
    frames = pin_pads.load().get(kind)
    if frames is None:
        return Refusal.of("PASSWORD-PAD-UNKNOWN", name=kind)
    from hardware.pin_pad.serial_pad import SerialPad

    return SerialPad(port, frames)
