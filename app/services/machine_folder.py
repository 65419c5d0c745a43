"""Makes a data folder the machine's: every account of one group may work with it, one after the other.

The group's members read key and journal by the file system's leave alone; whoever is not one of them, and not root,
reads nothing. So a hall puts its counter accounts into one group, and nobody else.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from app.domain.refusal import Refusal
from app.journal import database
from app.journal.keys import FolderKeyStore, KeyStoreAway, system_ring
from app.journal.private_files import GROUP_FOLDER, shared_group
from app.journal.trouble import folder_refusal
from app.services import data_folder


def share_folder(folder: Path, group: str) -> Refusal | None:
    """Give a folder, its files and its key to a group; what is there stays, the key leaves this account's keyring.

    Refusals: SHARE-NOT-HERE (Windows: its accounts share by DPAPI), SHARE-NEEDS-ROOT, SHARE-NO-GROUP,
    JOURNAL-KEY-GONE, JOURNAL-KEYRING-AWAY, DATA-FOLDER-IN-USE, DATA-FOLDER-UNUSABLE, DISK-FULL.
    """
    if os.name != "posix":
        return Refusal("SHARE-NOT-HERE")
    if os.geteuid() != 0:
        return Refusal("SHARE-NEEDS-ROOT")
    number = _group_number(group)
    if number is None:
        return Refusal.of("SHARE-NO-GROUP", group=group)
    held = data_folder.hold(folder)
    if isinstance(held, Refusal):
        return held
    try:
        return _share(folder, number)
    except KeyStoreAway as away:
        return away.refusal
    except OSError as error:
        return folder_refusal(error)
    finally:
        held.lock.release()


def shared_group_name(folder: Path) -> str | None:
    """Return the name of the group whose accounts share a folder; None where it is one account's."""
    if os.name != "posix" or not folder.exists():
        return None
    import grp

    number = shared_group(folder)
    if number is None:
        return None
    try:
        return grp.getgrgid(number).gr_name
    except KeyError:
        return str(number)


def _group_number(group: str) -> int | None:
    import grp

    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return None


def _share(folder: Path, group: int) -> Refusal | None:
    store = FolderKeyStore(folder, system_ring)
    key = store.load()
    if key is None and database.exists(folder):
        return Refusal("JOURNAL-KEY-GONE")
    for path, mode in _inside(folder):
        os.chown(path, -1, group)
        path.chmod(mode)
    if key is None:
        store.create()
    elif store.strength != "group":
        store.keep_in_file(key)
        store.leave_ring()
    os.chown(store.key_file, 0, group)
    store.key_file.chmod(0o640)
    return None


def _inside(folder: Path) -> Iterator[tuple[Path, int]]:
    yield folder, GROUP_FOLDER
    for path in folder.rglob("*"):
        if not path.is_symlink():
            yield path, GROUP_FOLDER if path.is_dir() else 0o660
