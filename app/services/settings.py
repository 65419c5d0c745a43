"""What a counter is told when it starts: by the verb, by `counter.toml` in the data folder, or by training mode."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from app.catalogue import texts
from app.catalogue.tables import read_table
from app.domain.refusal import Refusal
from app.province.code_map import NATIONAL
from app.province.endpoint import Endpoint
from app.province.wire_names import REFERENCE
from app.services.setting_checks import APART, CHECKS, NEEDS, fits_hall, is_https

if TYPE_CHECKING:
    from app.province.line_guard import LineGuard

FILE_NAME = "counter.toml"
NATIONAL_DRIVER = "national"
SDTAPI = "sdtapi"
_NEEDED = ("device", "region", "hall_name")
HMAC_SM3 = "hmac-sm3"


@dataclass(frozen=True)
class Settings:
    """One machine's settings; nothing personal, no keys."""

    training: bool
    folder: Path
    hall_url: str | None
    province_url: str | None
    """None in training: the counter starts its own province."""
    bank_url: str | None
    """None in training: the bank is in the province's process."""
    device: str
    region: str
    hall_name: str
    window: str
    printer: str | None
    """Queue of the print spooler; None in training: the virtual printer."""
    reader: str | None
    code_map: str
    """By which lists the province's codes are read."""
    second_place: Path | None
    """A folder on another disk to which the journal is copied; None for no copy."""
    settle_wait_s: float
    """How long the clerk waits for the province's word before the receipt says 待上送."""
    card_driver: Path | None = None
    """The library of a reader that is spoken to by the national interface (LD/T 33); None for PC/SC."""
    card_driver_type: str = NATIONAL_DRIVER
    """Its line in `reader_drivers.toml`."""
    card_driver_bits: int = 64
    id_port: str | None = None
    """The serial port of a resident ID reader that is spoken to directly (SDT)."""
    id_driver: Path | None = None
    """The library of a resident ID reader; that of the card's box where `card_driver` is set too."""
    id_driver_type: str = SDTAPI
    """Whose functions it has: sdtapi's or termb's."""
    id_driver_bits: int = 64
    scanner: str | None = None
    """A serial scanner's port, such as COM3, or `hid`, `hid:0C2E:0B6A`; None without one, or if it types."""
    scanner_baud: int = 9600
    camera: int | str | None = None
    """The number of the camera that reads codes; in training also `virtual:FOLDER` with pictures."""
    camera_wait_s: float = 30.0
    """How long the camera looks for a code before it is given back."""
    pad: str | None = None
    """Where the holder enters the 社保密码: `serial:PORT`; None for nowhere."""
    province_ca: Path | None = None
    """The root certificates that province and bank are known by, PEM; None in training: its own."""
    line_signing: str = HMAC_SM3
    """How requests are signed: agreed with the province when this machine is enrolled."""
    pad_type: str = "plain"
    """How the pad speaks: its line in `pin_pads.toml`."""
    wire: str = REFERENCE
    """How the province is spoken to: the reference wire, or that of an adapter package of this program."""

    def endpoint(self, province_url: str, guard: LineGuard | None = None) -> Endpoint:
        """Return how this machine speaks to a province at an address; signed where there is a guard."""
        of_machine = (self.device, self.training, self.code_map)
        return Endpoint(province_url, *of_machine, guard=guard, authority=self.province_ca)

    def missing(self) -> Refusal | None:
        """Name what real work cannot do without: PROVINCE-NOT-SET, LINE-ADDRESS-OPEN, SETTINGS-MISSING."""
        if self.training:
            return None
        if self.province_url is None:
            return Refusal("PROVINCE-NOT-SET")
        open_address = next((url for url in (self.province_url, self.bank_url) if url and not is_https(url)), None)
        if open_address is not None:
            return Refusal.of("LINE-ADDRESS-OPEN", address=open_address)
        # Other wires have their own ways to know their province.
        needed = (*_NEEDED, "province_ca") if self.wire == REFERENCE else _NEEDED
        lacking = [key for key in needed if not getattr(self, key)]
        return Refusal.of("SETTINGS-MISSING", keys=", ".join(lacking)) if lacking else None

    def with_bank(self, province_url: str) -> Settings:
        """Return these settings with the bank's address: in training that of the province, where none is set."""
        if self.bank_url is not None or not self.training:
            return self
        return replace(self, bank_url=province_url)


def load(folder: Path, training: bool, hall_url: str | None) -> Settings | Refusal:
    """Read `counter.toml`; SETTINGS-WRONG names the line that cannot be used and what is expected there.

    `hall_url` is the verb's own and wins over the file; one that is none is INPUT-WRONG.
    """
    file = folder / FILE_NAME
    try:
        text = file.read_text(encoding="utf-8") if file.exists() else ""
        table: Mapping[str, object] = tomllib.loads(text)
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Refusal.of("SETTINGS-WRONG", detail=texts.load()("settings.unreadable", error=error))
    wrong = next((key for key, value in table.items() if not _fits(key, value, training)), None)
    if wrong is not None:
        return Refusal.of("SETTINGS-WRONG", detail=_told(text, wrong))
    at_odds = _at_odds(text, table)
    if at_odds is not None:
        return Refusal.of("SETTINGS-WRONG", detail=at_odds)
    if hall_url is not None and not fits_hall(hall_url, training):
        return Refusal.of("INPUT-WRONG", detail=f"--hall {texts.load()('settings.expected.hall_url')}")
    defaults = read_table("catalogue", "training_counter.toml") if training else {}
    found = cast(Mapping[str, str | None], {**defaults, **table})
    return Settings(
        training=training,
        folder=folder,
        hall_url=hall_url or found.get("hall_url"),
        province_url=found.get("province_url"),
        bank_url=found.get("bank_url"),
        device=found.get("device") or "",
        region=found.get("region") or "",
        hall_name=found.get("hall_name") or "",
        window=str(found.get("window", "1")),
        printer=found.get("printer"),
        reader=found.get("reader"),
        code_map=found.get("code_map") or NATIONAL,
        second_place=Path(second) if (second := found.get("second_place")) else None,
        settle_wait_s=float(cast(float, table.get("settle_wait_s", 4.0))),
        card_driver=Path(driver) if (driver := found.get("card_driver")) else None,
        card_driver_type=found.get("card_driver_type") or NATIONAL_DRIVER,
        card_driver_bits=int(cast(int, table.get("card_driver_bits", 64))),
        id_port=found.get("id_port"),
        id_driver=Path(id_driver) if (id_driver := found.get("id_driver")) else None,
        id_driver_type=found.get("id_driver_type") or SDTAPI,
        id_driver_bits=int(cast(int, table.get("id_driver_bits", 64))),
        scanner=found.get("scanner"),
        scanner_baud=cast(int, table.get("scanner_baud", 9600)),
        camera=cast(int | str | None, table.get("camera")),
        camera_wait_s=float(cast(float, table.get("camera_wait_s", 30.0))),
        pad=found.get("pad"),
        pad_type=found.get("pad_type") or "plain",
        province_ca=Path(authority) if (authority := found.get("province_ca")) else None,
        line_signing=found.get("line_signing") or HMAC_SM3,
        wire=found.get("wire") or REFERENCE,
    )


def _fits(key: str, value: object, training: bool) -> bool:
    return key in CHECKS and CHECKS[key](value, training)


def _at_odds(text: str, table: Mapping[str, object]) -> str | None:
    """Say which line does not go with another one, or lacks it."""
    words = texts.load()
    for key, other in APART.items():
        if key in table and other in table:
            return words("settings.apart", line=_line(text, key), name=key, other=other)
    for key, other in NEEDS.items():
        if key in table and other not in table:
            return words("settings.needs", line=_line(text, key), name=key, other=other)
    return None


def _told(text: str, key: str) -> str:
    """Say in words which line it is and what is expected there; the value itself may be a secret."""
    words = texts.load()
    line = _line(text, key)
    if key not in CHECKS:
        return words("settings.unknown", line=line, name=key, known=", ".join(CHECKS))
    return words("settings.wrong", line=line, name=key, expected=words(f"settings.expected.{key}"))


def _line(text: str, key: str) -> int:
    place = re.search(rf"""^[ \t]*\[*["']?{re.escape(key)}["']?[ \t]*[=\].]""", text, re.MULTILINE)
    return text.count("\n", 0, place.end()) + 1 if place is not None else 1
