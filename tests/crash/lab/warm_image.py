"""Makes the image ready to be forked: what a fresh process compiles and loads once, every child would do again."""

from __future__ import annotations

import gc
import shutil
import tempfile
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from app.domain.operation import OperationKind
from app.journal import database
from tests.crash.lab.service import Design, open_service, opened


def warm_image() -> None:
    """Do one of everything, and keep the SQL that was compiled for it; the journal's own work stays what it is."""
    make, warm = database.create_engine, _Compiled()
    database.create_engine = lambda *arguments, **options: warm.lend(make(*arguments, **options))
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for round_ in range(2):
            service = opened(open_service(folder, round_, Design()))
            service.sender.start()
            for kind in (OperationKind.TEMPORARY_LOSS, OperationKind.INTAKE):
                service.submit(1, kind)
            service.drain()
            service.close()
    gc.collect()
    gc.freeze()


def empty_journal(folder: Path) -> Path:
    """Make a journal without a row, to be copied."""
    opened(open_service(folder, 0, Design())).close()
    return folder


def fresh_journal(empty: Path, folder: Path) -> Path:
    """Copy the empty journal: its schema takes longer to make than everything that is done with it."""
    return shutil.copytree(empty, folder)


class _Compiled:
    """The dialect and the compiled statements of the first engine, lent to all that follow."""

    def __init__(self) -> None:
        self._first: Engine | None = None

    def lend(self, engine: Any) -> Any:
        if self._first is None:
            self._first = engine
        engine.dialect, engine._compiled_cache = self._first.dialect, self._first._compiled_cache
        return engine
