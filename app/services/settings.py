"""What a counter is told when it starts: by the verb, by `counter.toml` in the data folder, or by training mode."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from app.domain.refusal import Refusal


@dataclass(frozen=True)
class Settings:
    """One machine's settings; nothing personal, no keys."""

    training: bool
    folder: Path
    hall_url: str | None
    province_url: str | None
    """None in training: the counter starts its own province."""
    device: str
    region: str
    hall_name: str
    window: str
    printer: str | None
    """Queue of the print spooler; None in training: the virtual printer."""
    reader: str | None
    settle_wait_s: float
    """How long the clerk waits for the province's word before the receipt says 待上送."""


def load(folder: Path, training: bool, hall_url: str | None) -> Settings | Refusal:
    """Read `counter.toml`; SETTINGS-WRONG names the line that is not understood."""
    file = folder / "counter.toml"
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return Refusal.of("SETTINGS-WRONG", detail=error)
    unknown = [key for key, value in table.items() if key not in _KEYS or not isinstance(value, _KEYS[key])]
    if unknown:
        return Refusal.of("SETTINGS-WRONG", detail=", ".join(unknown))
    return Settings(
        training=training,
        folder=folder,
        hall_url=hall_url or table.get("hall_url"),
        province_url=table.get("province_url"),
        device=table.get("device", "TRAINING-01" if training else ""),
        region=table.get("region", "350102"),
        hall_name=table.get("hall_name", ""),
        window=str(table.get("window", "1")),
        printer=table.get("printer"),
        reader=table.get("reader"),
        settle_wait_s=float(table.get("settle_wait_s", 4.0)),
    )


_KEYS: dict[str, type | tuple[type, ...]] = {
    "hall_url": str,
    "province_url": str,
    "device": str,
    "region": str,
    "hall_name": str,
    "window": (str, int),
    "printer": str,
    "reader": str,
    "settle_wait_s": (int, float),
}
