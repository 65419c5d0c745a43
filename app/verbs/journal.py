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
    verify.add_argument("--with-province", action="store_true", help="have the province check tags and anchors")
    verify.add_argument("--province", metavar="URL", help="the province's address, instead of the counter's own")
    verify.set_defaults(run=_verify)


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
