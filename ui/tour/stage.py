"""The tour's stage: its data folder, its province that can be killed, its card reader, and the papers it leaves."""

from __future__ import annotations

import json
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from app.services.settings import Settings, load
from app.training.process import TrainingProvince

if TYPE_CHECKING:
    from ui.tour.card_reader import TourReader

SETTINGS = 'province_url = "{url}"\n{reader}\nwindow = "3"\nsettle_wait_s = 4\n'


@dataclass
class Stage:
    """Everything outside the window that a tour moves."""

    out: Path
    reader: TourReader
    province: TrainingProvince
    port: int
    killed_at: float | None = None
    papers: list[Path] = field(default_factory=list)

    @classmethod
    def build(cls, out: Path, reader: TourReader) -> Stage:
        """Start a province and write the settings of a counter that asks it; a folder of an earlier tour is emptied."""
        for old in ("data", "province", "receipts"):
            shutil.rmtree(out / old, ignore_errors=True)
        for picture in out.glob("[0-9][0-9]-*.png"):
            picture.unlink()
        (out / "data").mkdir(parents=True)
        (out / "receipts").mkdir()
        province = TrainingProvince.start(out / "province")
        port = int(province.url.rsplit(":", 1)[1])
        settings = SETTINGS.format(url=province.url, reader=reader.setting)
        (out / "data" / "counter.toml").write_text(settings, encoding="utf-8")
        return cls(out, reader, province, port)

    def settings(self) -> Settings:
        """Return the counter's settings."""
        settings = load(self.out / "data", training=True, hall_url=None)
        assert isinstance(settings, Settings)
        return settings

    def kill_province(self) -> None:
        """Kill the province as a power cut would."""
        self.province.kill()
        self.killed_at = time.monotonic()

    def bring_province_back(self) -> None:
        """Start the province again on its port and file."""
        self.province = TrainingProvince.start(self.out / "province", self.port)

    def ledger(self) -> tuple[Mapping[str, object], ...]:
        """Return the province's ledger of effects."""
        with urllib.request.urlopen(f"{self.province.url}/training/ledger", timeout=10) as reply:  # noqa: S310 - loopback
            return tuple(json.load(reply))

    def keep_receipt(self, name: str, pdf: bytes) -> str | None:
        """Keep a receipt's bytes and return its text, or None where pdftotext is missing."""
        paper = self.out / "receipts" / f"{name}.pdf"
        paper.write_bytes(pdf)
        self.papers.append(paper)
        tool = shutil.which("pdftotext")
        if tool is None:
            return None
        done = subprocess.run(
            [tool, "-layout", str(paper), "-"], capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout
