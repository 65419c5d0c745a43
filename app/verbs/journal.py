"""`yikatong journal`: verifies the audit chain, shows its rows, finds operations, rotates the data key, shares."""

from __future__ import annotations

import argparse
import getpass
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.journal_copies import add_copies
from app.verbs.number_option import count
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from app.services.folder_door import SignIn

_KINDS = ("number", "last-four", "name", "initials", "acceptance")


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    actions = subparsers.add_parser("journal", help="the machine's own records").add_subparsers(required=True)
    verify = actions.add_parser("verify", help="check the audit chain")
    add_data_option(verify)
    verify.add_argument("--with-province", action="store_true", help="have the province check tags and anchors")
    verify.add_argument("--province", metavar="URL", help="the province's address, instead of the counter's own")
    verify.set_defaults(run=_verify)
    rows = actions.add_parser("rows", help="the last rows of the audit chain; asks for an auditor's password")
    add_data_option(rows)
    rows.add_argument("--by", required=True, metavar="NO", help="the auditor's staff number")
    rows.add_argument("--last", type=count, default=50, metavar="N")
    rows.add_argument("--hall", metavar="URL", help="hall database")
    rows.set_defaults(run=_rows)
    search = actions.add_parser("search", help="find operations again; asks for a clerk's password, then for the words")
    add_data_option(search)
    search.add_argument("--by", required=True, metavar="NO", help="the clerk's staff number")
    search.add_argument("--as", dest="kind", choices=_KINDS, default="number", help="what the words are")
    search.add_argument("--hall", metavar="URL", help="hall database")
    search.set_defaults(run=_search)
    rotate = actions.add_parser("rotate-key", help="seal under a new data key; asks for number and password")
    add_data_option(rotate)
    rotate.add_argument("--hall", metavar="URL", help="hall database")
    rotate.set_defaults(run=_rotate)
    share = actions.add_parser("share", help="let every account of a group work with the data folder (root)")
    add_data_option(share)
    share.add_argument("--group", required=True, metavar="NAME")
    share.set_defaults(run=_share)
    add_copies(actions)


def _rows(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.services.audit_reading import read_audit
    from app.services.folder_door import Place, SignIn

    words = texts.load()
    place = Place(folder_of(namespace), namespace.training, namespace.hall)
    rows = read_audit(place, SignIn(namespace.by, _typed(getpass.getpass, "verbs.journal.password")), namespace.last)
    if isinstance(rows, Refusal):
        print_refusal(rows)
        return 2
    if namespace.json:
        print_json([vars(row) for row in rows])
        return 0
    heads = [words(f"verbs.journal.{key}") for key in ("n", "at", "actor", "event", "result", "detail")]
    print_table(heads, [(str(row.n), row.at, row.actor, row.event, row.result, row.detail) for row in rows])
    return 0


def _search(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.journal.search_tokens import SearchKind
    from app.services.folder_door import Place, SignIn
    from app.services.record_search import find_records

    words = texts.load()
    place = Place(folder_of(namespace), namespace.training, namespace.hall)
    who = SignIn(namespace.by, _typed(getpass.getpass, "verbs.journal.clerk_password"))
    # Never an argument: the system shows those to everybody, and shells keep them.
    typed = _typed(input, "verbs.journal.words")
    found = find_records(place, who, SearchKind(namespace.kind.replace("-", "_")), typed)
    if isinstance(found, Refusal):
        print_refusal(found)
        return 2
    if namespace.json:
        print_json([{**vars(record), "at": record.at.isoformat()} for record in found])
        return 0
    heads = [words(f"verbs.outbox.{key}") for key in ("acceptance_no", "kind", "occurred_at", "actor")]
    shown = [
        (
            record.acceptance_no,
            words(f"services.{record.kind}"),
            f"{record.at.astimezone():%Y-%m-%d %H:%M}",
            record.clerk,
        )
        for record in found
    ]
    print_table(heads, shown)
    return 0


def _verify(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.journal_check import verify_journal, verify_with_province

    folder = folder_of(namespace)
    if namespace.with_province or namespace.province:
        result = verify_with_province(folder, namespace.training, namespace.province)
    else:
        result = verify_journal(folder)
    if isinstance(result, Refusal):
        print_refusal(result)
        return 2
    if namespace.json:
        print_json(vars(result))
    else:
        from app.catalogue import sentences, texts

        words = texts.load()
        if result.reason is None:
            print(words("verbs.journal.ok", rows=result.rows))
        else:
            print(sentences.load().of(Refusal.of(result.reason, first_bad=result.first_bad)).line)
        print(words("verbs.journal.anchored", anchored=result.anchored_rows, exposed=result.exposed_rows))
    return 0 if result.ok else 2


def _rotate(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.domain.refusal import Refusal
    from app.services.folder_door import Place
    from app.services.key_rotation import rotate_key

    done = rotate_key(Place(folder_of(namespace), namespace.training, namespace.hall), _ask())
    if isinstance(done, Refusal):
        print_refusal(done)
        return 2
    if namespace.json:
        print_json(vars(done))
    else:
        print(texts.load()("verbs.journal.rotated", key_id=done.key_id, sealed=done.sealed_anew))
    return 0


def _share(namespace: argparse.Namespace) -> int:
    from app.catalogue import texts
    from app.services.machine_folder import share_folder

    folder = folder_of(namespace)
    refusal = share_folder(folder, namespace.group)
    if refusal is not None:
        print_refusal(refusal)
        return 2
    if namespace.json:
        print_json({"folder": str(folder), "group": namespace.group})
    else:
        print(texts.load()("verbs.journal.shared", group=namespace.group))
    return 0


def _typed(ask: Callable[[str], str], asking: str) -> str:
    """Ask at a terminal; else read a line of stdin. Empty where nothing is said."""
    from app.catalogue import texts

    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\n")
    try:
        return ask(texts.load()(asking))
    except EOFError:
        return ""


def _ask() -> SignIn:
    """Ask at a terminal, the password unseen; else read two lines of stdin."""
    from app.catalogue import texts
    from app.services.folder_door import SignIn

    if not sys.stdin.isatty():
        return SignIn(*(sys.stdin.readline().rstrip("\n") for _ in range(2)))
    words = texts.load()
    try:
        number = input(words("verbs.journal.administrator")).strip()
        return SignIn(number, getpass.getpass(words("verbs.journal.security_password")))
    except EOFError:
        return SignIn("", "")
