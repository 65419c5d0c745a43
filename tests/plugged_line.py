"""A scanner's end of a pseudo-terminal, at a path that stays the same when it is pulled out and put in again."""

from __future__ import annotations

import os
import tty
from pathlib import Path


class PluggedLine:
    """What is written to `scanner` the program reads from `path`."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "scanner"
        self.scanner = self.line = -1

    def put_in(self) -> None:
        """Plug it in."""
        self.scanner, self.line = os.openpty()
        tty.setraw(self.line)
        self.path.symlink_to(os.ttyname(self.line))

    def pull_out(self) -> None:
        """Pull it out."""
        self.path.unlink()
        os.close(self.scanner)
        os.close(self.line)
