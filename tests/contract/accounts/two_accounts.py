"""Two real accounts use one data folder, one after the other; a third may not. Run as root; prints one line of JSON.

`python -m tests.contract.accounts.two_accounts FOLDER`. It forks and gives up root in the child: what a child needs was
loaded before, for another account may not read this interpreter's files.
"""

from __future__ import annotations

import grp
import json
import os
import pwd
import shutil
import signal
import stat
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from app.domain.clock import SystemClock, moment
from app.domain.op_id import new_op_id
from app.domain.operation import Destination, Operation, OperationKind, canonical_json
from app.domain.refusal import Refusal
from app.journal.anchor_places import AnchorFile
from app.journal.journal import Journal
from app.journal.keys import KeyStoreAway, machine_key_store
from app.journal.resealing import seal_all_anew
from app.journal.search_tokens import Findable, SearchKind
from app.journal.transaction import Transaction
from app.services import data_folder, settings
from app.services.books import open_books
from app.services.machine_folder import share_folder

CLOCK = SystemClock()
ACCOUNTS = ("nobody", "daemon", "bin")
"""Accounts that every Debian has: two that share, one that does not."""
GROUP = "users"
NAME = "司马相如"


def visit(folder: Path, note: str, dies: bool = False) -> dict[str, object]:
    """Open both books as a counter does, write an operation, and tell what is there."""
    with ExitStack() as stack:
        held = data_folder.hold(folder)
        if isinstance(held, Refusal):
            return {"refused": held.code}
        stack.callback(held.release)
        told = held.announce(4711, "token")
        found = settings.load(folder, False, None)
        assert not isinstance(found, Refusal), found
        books = open_books(found, CLOCK, stack)
        if isinstance(books, Refusal):
            return {"refused": books.code}
        journal, hall = books
        journal.run(lambda tx: write(tx, note)).result()
        staff = hall.add_staff(note, "林晓", f"p-{note}", "Quite-Long-1234", ("clerk",), op_id=new_op_id(CLOCK.now()))
        AnchorFile(folder).read()
        if dies:
            os.kill(os.getpid(), signal.SIGKILL)
        return {
            "notes": journal.run(lambda tx: notes(tx)).result(),
            "strength": journal.key_strength,
            "mode": str(journal.mode),
            "announced": told is None,
            "staff": not isinstance(staff, Refusal),
            "chain": journal.run(lambda tx: tx.verify()).result().ok,
        }


def write(tx: Transaction, note: str) -> None:
    payload = canonical_json({"note": note})
    operation = Operation(
        new_op_id(CLOCK.now()), OperationKind.INTAKE, tx.person_ref(note), payload, moment(CLOCK), "0007", note, 1
    )
    tx.enqueue(operation, (Destination.PROVINCE,), Findable((NAME,), ()))
    tx.audit("test", "0007", "done")


def notes(tx: Transaction) -> list[str]:
    """Return what all accounts wrote: found by a name, read from envelopes."""
    found = tx.search(SearchKind.NAME, NAME)
    return sorted(json.loads(tx.operation(op_id).payload)["note"] for op_id in found)


def outsider(folder: Path) -> dict[str, object]:
    """Try what an account of this machine might that is not in the group."""
    opened = Journal.open(folder, machine_key_store(folder), CLOCK)
    read = []
    for path in ("journal.key", "journal.db", "hall.db"):
        try:
            read.append((folder / path).read_bytes())
        except PermissionError:
            continue
    return {"refused": opened.code if isinstance(opened, Refusal) else "", "read": len(read)}


def as_account(name: str, in_group: bool, work: Callable[[], dict[str, object]]) -> dict[str, object]:
    """Run work in a child that is this account and nothing else."""
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answer)
        account = pwd.getpwnam(name)
        os.setgroups([grp.getgrnam(GROUP).gr_gid] if in_group else [])
        os.setgid(account.pw_gid)
        os.setuid(account.pw_uid)
        os.umask(0o022)
        with os.fdopen(question, "w", encoding="utf-8") as stream:
            json.dump({**work(), "uid": os.geteuid()}, stream)
        os._exit(0)
    os.close(question)
    with os.fdopen(answer, encoding="utf-8") as stream:
        told = stream.read()
    _pid, status = os.waitpid(child, 0)
    return dict(json.loads(told)) if told else {"signal": os.WTERMSIG(status)}


def warm_up() -> None:
    """Load what opening, writing, searching and sealing anew load."""
    folder = Path(tempfile.mkdtemp())
    visit(folder, "warm")
    journal = Journal.open(folder, machine_key_store(folder), CLOCK)
    assert isinstance(journal, Journal), journal
    journal.run(lambda tx: tx.data_keys.rotate()).result()
    seal_all_anew(journal)
    journal.close()
    assert isinstance(KeyStoreAway(Refusal("X")), Exception)
    shutil.rmtree(folder)


def main() -> None:
    """Share the folder, and let the accounts come and go."""
    folder = Path(sys.argv[1])
    warm_up()
    shared = share_folder(folder, GROUP)
    one, two, three = ACCOUNTS
    told = [
        as_account(one, True, lambda: visit(folder, "one")),
        as_account(two, True, lambda: visit(folder, "two")),
        as_account(one, True, lambda: visit(folder, "fell", dies=True)),
        as_account(two, True, lambda: visit(folder, "four")),
        as_account(one, True, lambda: visit(folder, "five")),
        as_account(three, False, lambda: outsider(folder)),
    ]
    key = (folder / "journal.key").stat()
    modes = {path.relative_to(folder).as_posix(): oct(stat.S_IMODE(path.stat().st_mode)) for path in folder.rglob("*")}
    print(  # noqa: T201 - this program's answer
        json.dumps(
            {"shared": None if shared is None else shared.code, "told": told, "key_uid": key.st_uid, "modes": modes}
        )
    )


if __name__ == "__main__":
    main()
