"""`yikatong journal verify`: reads the audit chain from its first row to its last."""

from __future__ import annotations

import argparse

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    actions = subparsers.add_parser("journal", help="the machine's own records").add_subparsers(required=True)
    verify = actions.add_parser("verify", help="check the audit chain")
    add_data_option(verify)
    verify.set_defaults(run=_verify)


def _verify(namespace: argparse.Namespace) -> int:
    from app.domain.refusal import Refusal
    from app.services.offline_folder import verify_journal

    result = verify_journal(folder_of(namespace))
    if isinstance(result, Refusal):
        print_refusal(result)
        return 2
    if namespace.json:
        print_json({"rows": result.rows, "ok": result.ok, "first_bad": result.first_bad})
    else:
        from app.catalogue import texts

        key = "verbs.journal.ok" if result.ok else "verbs.journal.bad"
        print(texts.load()(key, rows=result.rows, first_bad=result.first_bad))
    return 0 if result.ok else 2
