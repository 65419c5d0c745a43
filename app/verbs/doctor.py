"""`yikatong doctor`: what works on this machine, what does not, and what to do."""

from __future__ import annotations

import argparse

from app.verbs.data_option import add_data_option, folder_of
from app.verbs.entry import Subparsers
from app.verbs.printing import print_json, print_refusal, print_table


def add_parser(subparsers: Subparsers) -> None:
    """Declare the verb."""
    doctor = subparsers.add_parser("doctor", help="what works on this machine and what does not")
    add_data_option(doctor)
    doctor.set_defaults(run=_doctor)


def _doctor(namespace: argparse.Namespace) -> int:
    from app.catalogue import sentences, texts
    from app.domain.refusal import Refusal
    from app.services.doctor import Health, examine
    from app.services.settings import load

    settings = load(folder_of(namespace), bool(namespace.training), None)
    if isinstance(settings, Refusal):
        print_refusal(settings)
        return 2
    findings = examine(settings, sentences.load())
    if namespace.json:
        print_json(
            [
                {"probe": found.probe, "state": found.state.value, "sentence": found.sentence, "remedy": found.remedy}
                for found in findings
            ]
        )
    else:
        words = texts.load()
        lines = [
            (words(f"verbs.health.{found.state}"), words(f"verbs.probe.{found.probe}"), found.sentence + found.remedy)
            for found in findings
        ]
        print_table([words("verbs.health.head"), words("verbs.probe.head"), words("verbs.probe.finding")], lines)
    return 2 if any(found.state is Health.FAIL for found in findings) else 0
