"""`yikatong journal backup|restore|purge`: copies of this machine's records, and what is past its time."""

from __future__ import annotations

import argparse
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from app.domain.refusal import Refusal
    from app.journal.restore import Restored


def add_copies(actions: Subparsers) -> None:
    """Declare the verbs."""
    backup = actions.add_parser("backup", help="write a back-up; its key is sealed for the province")
    add_data_option(backup)
    backup.add_argument("--out", required=True, metavar="FILE")
    backup.set_defaults(run=_backup)
    restore = actions.add_parser("restore", help="make the journal of an empty data folder from a copy")
    add_data_option(restore)
    restore.add_argument("--from", required=True, metavar="FILE|DIR", dest="source", help="back-up or second place")
    restore.add_argument("--key", metavar="FILE", help="a journal.key that was kept apart")
    restore.add_argument("--province", metavar="URL", help="the province that opens the key, where nothing else has it")
    restore.set_defaults(run=_restore)
    purge = actions.add_parser("purge", help="count what is past its time; the counter deletes it each day")
    add_data_option(purge)
    purge.add_argument("--dry-run", action="store_true", required=True, help="delete nothing")
    purge.set_defaults(run=_purge)


def _purge(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.services.retention import purge_due

    due = purge_due(folder_of(namespace))
    if isinstance(due, Refusal):
        print_refusal(due)
        return 2
    words = texts.load()
    if namespace.json:
        print_json(due)
    else:
        rows = [(words(f"verbs.purge.{kind}"), str(count)) for kind, count in due.items()]
        print_table((words("verbs.purge.head"), words("verbs.purge.due")), rows)
    return 0


def _backup(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.restoring import back_up
    from app.services.settings import load

    settings = load(folder_of(namespace), bool(namespace.training), None)
    made = settings if isinstance(settings, Refusal) else back_up(settings, Path(namespace.out))
    if isinstance(made, Refusal):
        print_refusal(made)
        return 2
    told = {"file": namespace.out, "made_at": made.made_at, "sm3": made.sm3, "for_province": bool(made.escrow)}
    if namespace.json:
        print_json(told)
        return 0
    from app.catalogue import texts

    words = texts.load()
    print(words("verbs.journal.backed_up", file=namespace.out))
    print(words("verbs.journal.for_province" if made.escrow else "verbs.journal.own_key_only"))
    return 0


def _restore(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.restoring import restore_folder

    folder = folder_of(namespace)
    key = Path(namespace.key) if namespace.key else None
    if namespace.province:
        restored = _with_province(namespace, folder, key)
    else:
        restored = restore_folder(Path(namespace.source), folder, key, None)
    if isinstance(restored, Refusal):
        print_refusal(restored)
        return 2
    for wrong, code in ((restored.damaged, "RESTORE-DAMAGED"), (not restored.chain_ok, "RESTORE-CHAIN-BAD")):
        if wrong:
            print_refusal(Refusal(code))
    if namespace.json:
        print_json(vars(restored))
        return 0
    from app.catalogue import texts

    words = texts.load()
    print(words("verbs.journal.restored", operations=restored.operations, last_at=restored.last_at or "-"))
    print(words("verbs.journal.asked_first"))
    return 0


def _with_province(namespace: argparse.Namespace, folder: Path, key: Path | None) -> Restored | Refusal:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.province.http_client import HttpProvince
    from app.services.restoring import ask_province, restore_folder
    from app.services.setting_checks import fits_province

    if not fits_province(namespace.province, bool(namespace.training)):
        return Refusal.of("INPUT-WRONG", detail=f"--province {texts.load()('settings.expected.province_url')}")
    with closing(HttpProvince(namespace.province, "", bool(namespace.training))) as province:
        return restore_folder(Path(namespace.source), folder, key, ask_province(province))
