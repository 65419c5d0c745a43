"""What each line of `counter.toml` must be; `settings.expected.KEY` of the texts says it in words."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from app.catalogue import pin_pads
from app.catalogue.tables import read_table
from app.domain.line import Signing
from app.province.code_map import names as code_maps
from app.province.training_address import is_loopback
from app.province.wire_names import names as wires
from hardware.camera.camera_state import MOST_CAMERAS
from hardware.scanners.hid_scanner import PREFIX as HID
from hardware.scanners.hid_scanner import hid_kind
from hardware.virtual.profile_names import PLUS, profile_names, psam_names

LONGEST_WORD = 40
LONGEST_WINDOW = 8
LONGEST_WAIT_S = 60
_REGION_DIGITS = 6
_WEB = ("http", "https")
_SERVERS = ("postgresql", "postgresql+psycopg")
_VIRTUAL = "virtual"
_BITS = (32, 64)
_ID_LIBRARIES = ("sdtapi", "termb")
VIRTUAL_CAMERA = "virtual:"
"""What a camera begins with that shows the pictures of a folder."""
LONGEST_PORT = 200
"""Linux names a port by what is plugged in: `/dev/serial/by-id/usb-…`."""
LEAST_BAUD, MOST_BAUD = 300, 921_600
SERIAL_PAD = "serial:"
"""What a pad begins with that is at a serial port."""
LEAST_LOOK_S, MOST_LOOK_S = 5, 120

Check = Callable[[object, bool], bool]
"""Tells whether a value will do; the second argument says whether it is for training."""

APART: Mapping[str, str] = {"card_driver": "reader", "id_driver": "id_port", "id_driver_bits": "card_driver"}
"""Settings of which only one may be set: two readers of one kind, or two bitnesses of one box's process."""
NEEDS: Mapping[str, str] = {
    "card_driver_type": "card_driver",
    "card_driver_bits": "card_driver",
    "id_driver_type": "id_driver",
    "id_driver_bits": "id_driver",
    "scanner_baud": "scanner",
    "camera_wait_s": "camera",
    "pad_type": "pad",
}
"""Settings that say something of another one, which must be set too."""


def fits_province(url: object, training: bool) -> bool:
    """Tell whether this may be the province's or the bank's address; in training only one on this machine."""
    parts = _parts(url)
    if parts is None or parts[0] not in _WEB or not parts[1]:
        return False
    return not training or is_loopback(str(url))


def is_https(url: str) -> bool:
    """Tell whether an address is over TLS."""
    return urlsplit(url).scheme == "https"


def fits_hall(url: object, training: bool) -> bool:
    """Tell whether this may be the hall database: a SQLite file or a PostgreSQL server, in training on this machine."""
    parts = _parts(url)
    if parts is None:
        return False
    scheme, host, path = parts
    if scheme == "sqlite":
        return str(url).startswith("sqlite:///") and len(path) > 1
    return scheme in _SERVERS and bool(host) and len(path) > 1 and (not training or is_loopback(str(url)))


def _parts(url: object) -> tuple[str, str, str] | None:
    """Return scheme, host and path of an address, or None."""
    if not isinstance(url, str) or not url.isprintable() or " " in url:
        return None
    try:
        parts = urlsplit(url)
        # A port that is none shows itself only when it is asked for.
        _ = parts.port
    except ValueError:
        return None
    return parts.scheme, parts.hostname or "", parts.path


def _word(value: object, _training: bool) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= LONGEST_WORD


def _window(value: object, _training: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return str(value).isalnum() and len(str(value)) <= LONGEST_WINDOW


def _region(value: object, _training: bool) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit() and len(value) == _REGION_DIGITS


def _wait(value: object, _training: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and 0 <= value <= LONGEST_WAIT_S


def _reader(value: object, training: bool) -> bool:
    if not _word(value, training):
        return False
    kind, _, inside = str(value).partition(":")
    if not training or not kind.startswith(_VIRTUAL) or not inside:
        return True
    profile, plus, psam = inside.partition(PLUS)
    return profile in profile_names() and (psam in psam_names() if plus else True)


def _code_map(value: object, _training: bool) -> bool:
    return value in code_maps()


def _wire(value: object, _training: bool) -> bool:
    return value in wires()


def _port(value: object, _training: bool) -> bool:
    return isinstance(value, str) and value.isprintable() and 0 < len(value.strip()) <= LONGEST_PORT


def _scanner(value: object, training: bool) -> bool:
    if not _port(value, training):
        return False
    return hid_kind(str(value)) is not None if str(value).split(":")[0] == HID else True


def _pad(value: object, training: bool) -> bool:
    return isinstance(value, str) and value.startswith(SERIAL_PAD) and _port(value.removeprefix(SERIAL_PAD), training)


def _pad_type(value: object, _training: bool) -> bool:
    return isinstance(value, str) and value in pin_pads.load()


def _baud(value: object, _training: bool) -> bool:
    return isinstance(value, int) and LEAST_BAUD <= value <= MOST_BAUD


def _camera(value: object, training: bool) -> bool:
    if isinstance(value, int) and not isinstance(value, bool):
        return 0 <= value < MOST_CAMERAS
    if not training or not isinstance(value, str) or not value.startswith(VIRTUAL_CAMERA):
        return False
    folder = Path(value.removeprefix(VIRTUAL_CAMERA))
    return value.isprintable() and folder.is_absolute() and folder.is_dir()


def _look(value: object, _training: bool) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return LEAST_LOOK_S <= value <= MOST_LOOK_S


def _driver_type(value: object, _training: bool) -> bool:
    return isinstance(value, str) and value in read_table("catalogue", "reader_drivers.toml")


def _id_type(value: object, _training: bool) -> bool:
    return value in _ID_LIBRARIES


def _bits(value: object, _training: bool) -> bool:
    return not isinstance(value, bool) and value in _BITS


def _full_path(value: object, _training: bool) -> bool:
    return isinstance(value, str) and value.isprintable() and Path(value).is_absolute()


def _signing(value: object, _training: bool) -> bool:
    return value in tuple(Signing)


CHECKS: Mapping[str, Check] = {
    "hall_url": fits_hall,
    "province_url": fits_province,
    "province_ca": _full_path,
    "line_signing": _signing,
    "bank_url": fits_province,
    "device": _word,
    "region": _region,
    "hall_name": _word,
    "window": _window,
    "printer": _word,
    "reader": _reader,
    "card_driver": _full_path,
    "card_driver_type": _driver_type,
    "card_driver_bits": _bits,
    "id_port": _word,
    "id_driver": _full_path,
    "id_driver_type": _id_type,
    "id_driver_bits": _bits,
    "second_place": _full_path,
    "settle_wait_s": _wait,
    "code_map": _code_map,
    "wire": _wire,
    "scanner": _scanner,
    "scanner_baud": _baud,
    "camera": _camera,
    "camera_wait_s": _look,
    "pad": _pad,
    "pad_type": _pad_type,
}
