"""The key in a real Secret Service: gnome-keyring in a D-Bus session of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.journal.keys import KEY_STORE_VARIABLE

ROOT = Path(__file__).parents[3]
NEEDED = ("dbus-run-session", "gnome-keyring-daemon")

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, NEEDED)), reason=f"needs {' and '.join(NEEDED)} (Debian: dbus-daemon, gnome-keyring)"
)


def in_session(home: Path, *lines: str) -> list[dict[str, object]]:
    """Run shell lines in a new D-Bus session whose keyrings lie below `home`."""
    home.mkdir(exist_ok=True)
    # Without a display a keyring that is locked says so at once instead of asking its owner.
    hidden = (KEY_STORE_VARIABLE, "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS")
    kept = {key: value for key, value in os.environ.items() if key not in hidden and "KEYRING" not in key}
    environment = {
        **kept,
        "HOME": str(home),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_RUNTIME_DIR": str(home),
        "PYTHON": sys.executable,
    }
    home.chmod(0o700)
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-ec", "\n".join(lines)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


UNLOCK = "printf secret | gnome-keyring-daemon --unlock --components=secrets >/dev/null"
OPEN = '"$PYTHON" -m tests.contract.keyring.secret_service "{folder}"'


def test_key_lives_in_the_keyring_and_nowhere_else(tmp_path: Path) -> None:
    folder = tmp_path / "数据 目录"
    open_it = OPEN.format(folder=folder)
    first, second = in_session(tmp_path / "home", UNLOCK, open_it, open_it)
    assert (first, second) == ({"row": 1, "strength": "keyring"}, {"row": 2, "strength": "keyring"})
    assert not (folder / "journal.key").exists()
    (third,) = in_session(tmp_path / "home", UNLOCK, open_it)
    assert third == {"row": 3, "strength": "keyring"}
    (stranger,) = in_session(tmp_path / "another home", UNLOCK, open_it)
    assert stranger == {"refusal": "JOURNAL-KEY-GONE"}


def test_without_a_keyring_the_file_holds_the_key(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (found,) = in_session(tmp_path / "home", OPEN.format(folder=folder))
    assert found == {"row": 1, "strength": "file"}
    assert (folder / "journal.key").stat().st_mode & 0o777 == 0o600
