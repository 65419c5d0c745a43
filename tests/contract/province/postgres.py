"""A PostgreSQL server of a test's own: a fresh cluster in a folder, a socket for it alone, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_ACCOUNT = "postgres"


def programs() -> Path | None:
    """Return the folder of PostgreSQL's own programs, or None where it is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def missing() -> str | None:
    """Say why there is no server, or None."""
    if programs() is None:
        return "PostgreSQL is not installed"
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(_ACCOUNT)
        except KeyError:
            return "root may not run PostgreSQL, and there is no account for it"
    return None


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """Serve a new database as long as the block lasts; gives its SQLAlchemy URL."""
    bin_folder, data = programs(), folder / "data"
    assert bin_folder is not None
    root = os.geteuid() == 0
    if root:
        shutil.chown(folder, _ACCOUNT)
    account = _ACCOUNT if root else pwd.getpwuid(os.geteuid()).pw_name

    def run(*command: str) -> None:
        # Detached streams: the server inherits them, and would keep a pipe open for ever.
        with (folder / "log").open("ab") as log:
            subprocess.run(command, check=True, stdout=log, stderr=log, user=_ACCOUNT if root else None, cwd="/")

    run(str(bin_folder / "initdb"), "-D", str(data), "-A", "trust", "-U", account, "-E", "UTF8", "--no-sync")
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    run(str(bin_folder / "pg_ctl"), "-D", str(data), "-w", "-o", options, "start")
    try:
        yield f"postgresql+psycopg://{account}@/postgres?host={folder}"
    finally:
        run(str(bin_folder / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop")
