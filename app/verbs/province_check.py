"""`yikatong province check URL`: the conformance kit against an endpoint, as a table and as a file to send back."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.data_option import add_data_option
from app.verbs.printing import print_json, print_refusal, print_table

if TYPE_CHECKING:
    from app.province.check.finding import Finding
    from app.province.endpoint import Endpoint
    from app.province.wires import ProvinceClient
    from app.services.settings import Settings
    from app.verbs.entry import Subparsers

_SHUT = ("PROVINCE-AWAY", "LINE-")
"""Refusals of the line itself: behind them there is nothing to check."""
_NO_OPERATION = "00000000-0000-7000-8000-000000000000"
_AS_JSON, _AS_MARKDOWN = ".json", ".md"


@dataclass(frozen=True)
class _Way:
    """How the province is spoken to; `machine` is whose settings say so, None for nobody's."""

    machine: Settings | None
    wire: str
    code_map: str


def add_check(parts: Subparsers) -> None:
    """Add the part."""
    check = parts.add_parser("check", help="check a province against what the counter relies on")
    check.add_argument("url", metavar="URL")
    check.add_argument("--wire", metavar="NAME", help="how it is spoken to; without it the reference wire")
    check.add_argument("--code-map", metavar="NAME", help="by which lists its codes are read; without it national")
    check.add_argument("--persons", type=Path, metavar="FILE", help="the province's test persons")
    check.add_argument("--write", action="store_true", help="write too: the test persons' cards, and a test device")
    check.add_argument("--device", metavar="NAME", help="ask under this name; without it the file's, or CHECK-01")
    check.add_argument("--maintenance", metavar="URL", help="an address that answers as during maintenance")
    check.add_argument("--case", metavar="NO,NO", help="only these checks, such as Q1,O2")
    check.add_argument("--out", type=Path, metavar="FILE", help="keep the result too, as .json or .md")
    add_data_option(check)
    check.set_defaults(run=run_check)


def run_check(namespace: argparse.Namespace) -> int:
    """Check once; 1 when a check fails, 2 when there is nothing to check."""
    way = _wrong(namespace) or _way(namespace)
    if isinstance(way, Refusal):
        print_refusal(way)
        return 2
    found = _found(namespace, way)
    if isinstance(found, Refusal):
        print_refusal(found)
        return 2
    report = _report(namespace, found, way)
    if namespace.out is not None:
        try:
            namespace.out.write_text(_written(report, found, namespace.out.suffix), "utf-8")
        except OSError as error:
            print_refusal(Refusal.of("INPUT-WRONG", detail=f"--out {error.strerror}"))
            return 2
    if namespace.json:
        print_json(report)
    else:
        word = texts.load()
        print_table(_head(), _rows(found))
        print(word("verbs.province.check.sum", **_counts(found)))
    from app.province.check.finding import Verdict

    return 1 if any(finding.verdict is Verdict.FAIL for finding in found) else 0


def _wrong(namespace: argparse.Namespace) -> Refusal | None:
    from app.province.check.families import numbers
    from app.province.code_map import names as code_maps
    from app.province.wire_names import names as wires
    from app.services.setting_checks import fits_province

    word = texts.load()
    for url in (namespace.url, namespace.maintenance):
        if url is not None and not fits_province(url, False):
            return Refusal.of("INPUT-WRONG", detail=f"{url} {word('settings.expected.province_url')}")
    for option, value, known in (
        ("wire", namespace.wire, wires),
        ("code_map", namespace.code_map, code_maps),
    ):
        if value is not None and value not in known():
            return Refusal.of("INPUT-WRONG", detail=f"{value} {word(f'settings.expected.{option}')}")
    if namespace.write and namespace.persons is None:
        return Refusal("CHECK-NO-PERSONS")
    if strange := set(_wanted(namespace) or ()) - set(numbers()):
        return Refusal.of("INPUT-WRONG", detail=f"--case {', '.join(sorted(strange))}")
    if namespace.out is not None and namespace.out.suffix not in (_AS_JSON, _AS_MARKDOWN):
        return Refusal.of("INPUT-WRONG", detail=f"--out {_AS_JSON}, {_AS_MARKDOWN}")
    return None


def _wanted(namespace: argparse.Namespace) -> tuple[str, ...] | None:
    if namespace.case is None:
        return None
    return tuple(number.strip().upper() for number in namespace.case.split(","))


def _found(namespace: argparse.Namespace, way: _Way) -> Sequence[Finding] | Refusal:
    from app.domain.clock import SystemClock
    from app.province.check.bench import Bench
    from app.province.check.families import run
    from app.province.check.persons import PersonsWrong, TestPersons, read_persons
    from app.province.http_line import Exchange
    from app.province.wires import open_wire

    try:
        persons = TestPersons() if namespace.persons is None else read_persons(namespace.persons)
    except PersonsWrong as wrong:
        return Refusal.of("CHECK-PERSONS-WRONG", detail=wrong)
    endpoint = _endpoint(namespace, way, namespace.device or persons.device)
    if isinstance(endpoint, Refusal):
        return endpoint
    exchanges: list[Exchange] = []
    with ExitStack() as stack:

        def opened(url: str) -> ProvinceClient:
            asked = replace(endpoint, base_url=url, watch=exchanges.append)
            return stack.enter_context(closing(open_wire(asked, way.wire)))

        client = opened(namespace.url)
        # The time is told to anybody; whether this machine is let in shows with a question.
        for answer in (client.clock(), client.operation_status(_NO_OPERATION)):
            if isinstance(answer, Refusal) and answer.code.startswith(_SHUT):
                return answer
        resting = None if namespace.maintenance is None else opened(namespace.maintenance)
        bench = Bench(client, replace(persons, device=endpoint.device), SystemClock(), exchanges, resting)
        return tuple(run(bench, namespace.write, _wanted(namespace)))


def _way(namespace: argparse.Namespace) -> _Way | Refusal:
    """Return how the province is spoken to: as the machine of --data does, where no option says otherwise."""
    from app.province.code_map import NATIONAL
    from app.province.wire_names import REFERENCE

    if namespace.data is None:
        return _Way(None, namespace.wire or REFERENCE, namespace.code_map or NATIONAL)
    from app.services.settings import load

    machine = load(Path(namespace.data), bool(namespace.training), None)
    if isinstance(machine, Refusal):
        return machine
    return _Way(machine, namespace.wire or machine.wire, namespace.code_map or machine.code_map)


def _endpoint(namespace: argparse.Namespace, way: _Way, device: str) -> Endpoint | Refusal:
    """Return who asks: the machine, with its certificate, or nobody in particular."""
    from app.province.endpoint import Endpoint
    from app.province.training_address import is_loopback
    from app.province.wire_names import REFERENCE

    machine = way.machine
    if machine is None:
        return Endpoint(namespace.url, device, is_loopback(namespace.url), way.code_map)
    from app.services.device_line import guard_for

    if namespace.write and machine.device != device:
        # Operations and an enrolment under its name would have the province take a machine at work for another one.
        return Refusal.of("CHECK-OTHER-DEVICE", device=device)
    guard = guard_for(machine, namespace.url) if way.wire == REFERENCE else None
    if isinstance(guard, Refusal):
        return guard
    return replace(machine.endpoint(namespace.url, guard), code_map=way.code_map)


def _counts(found: Sequence[Finding]) -> Mapping[str, int]:
    from app.province.check.finding import Verdict

    counts = Counter(finding.verdict for finding in found)
    return {verdict.value: counts[verdict] for verdict in Verdict}


def _head() -> list[str]:
    word = texts.load()
    return [word(f"verbs.province.check.{column}") for column in ("number", "title", "result", "seen", "next")]


def _rows(found: Sequence[Finding]) -> list[tuple[str, ...]]:
    return [tuple(_row(finding).values()) for finding in found]


def _row(finding: Finding) -> Mapping[str, str]:
    """Say one finding in words; what to do next stands only where something is to be done."""
    from app.province.check.finding import Verdict

    word = texts.load()
    number = finding.number.lower()
    seen = word("verbs.card.separator").join(finding.seen)
    failed = finding.verdict is Verdict.FAIL
    return {
        "check": finding.number,
        "title": word(f"verbs.province.check.case.{number}"),
        "result": word(f"verbs.province.check.verdict.{finding.verdict.value}"),
        "seen": seen if finding.reason is None else word(f"verbs.province.check.reason.{finding.reason.value}"),
        "next": word(f"verbs.province.check.do.{number}") if failed else "",
    }


def _shown(url: str) -> str:
    """Return an address without what may be a secret in it."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _report(namespace: argparse.Namespace, found: Sequence[Finding], way: _Way) -> Mapping[str, object]:
    from app.domain.clock import SystemClock
    from app.verbs.entry import program_version

    return {
        "url": _shown(namespace.url),
        "wire": way.wire,
        "code_map": way.code_map,
        "writing": namespace.write,
        "program": program_version(),
        "at": SystemClock().now().isoformat(timespec="seconds"),
        **_counts(found),
        "checks": [
            {**_row(finding), "verdict": finding.verdict.value, "reason": finding.reason, "evidence": finding.seen}
            for finding in found
        ],
    }


def _written(report: Mapping[str, object], found: Sequence[Finding], suffix: str) -> str:
    if suffix == _AS_JSON:
        return json.dumps(report, ensure_ascii=False, indent=2) + "\n"
    facts = [f"- {name}: `{value}`" for name, value in report.items() if name != "checks"]
    lines = [_head(), ["---"] * len(_head()), *_rows(found)]
    table = ["| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines]
    title = texts.load()("verbs.province.check.report")
    return "\n".join((f"# {title}", "", *facts, "", *table)) + "\n"
