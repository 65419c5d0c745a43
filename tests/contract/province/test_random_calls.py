"""The whole contract asked at random by schemathesis, in sequences too: no 500, and no answer that it does not name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote, urlsplit

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.generation.case import Case
from schemathesis.generation.stateful import run_state_machine_as_test
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp

from app.domain.card_service import CardService
from app.domain.clock import SystemClock
from app.domain.digest import payload_sm3
from app.domain.operation import canonical_json
from app.province.code_map import load as load_code_maps
from app.training.application import make_application, make_desks
from app.training.contract import contract_text
from app.training.seeding import seed_store
from app.training.store import open_store
from tests.contract.province.asgi_caller import AsgiCaller, caller
from tests.contract.province.recombined import Recombined
from tests.memory_folder import memory_folder

DRAWN_EACH = 5
"""Requests that schemathesis draws for each operation: hypothesis takes some twenty milliseconds for one."""
IN_SEQUENCE = 60
CALLS = 3_000
MANY_CALLS = 20_000
STEPS = 20
_CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
_HERE = "http://127.0.0.1"


@dataclass
class Asked:
    """Cases sent to the application, and how often each operation answered what."""

    line: AsgiCaller
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)

    def answer(self, case: Case) -> Response:
        """Send one case as bytes and return what came back, checked against the contract."""
        parts = case.as_transport_kwargs(base_url=_HERE)
        names = ("method", "url", "headers", "params", "json", "data", "files", "cookies")
        request = requests.Request(**{name: parts[name] for name in names if name in parts}).prepare()
        address = urlsplit(request.url or "")
        body = request.body.encode() if isinstance(request.body, str) else request.body or b""
        told = self.line.call(
            request.method or "GET", unquote(address.path), address.query, body, dict(request.headers)
        )
        self.answers[case.operation.label, told.status] += 1
        headers = {name: [value] for name, value in told.headers.items()}
        response = Response(told.status, headers, told.body, request, 0.0, verify=False)
        case.validate_response(response, checks=list(_CHECKS))
        return response

    @property
    def calls(self) -> int:
        return sum(self.answers.values())


def _quietly(examples: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        deadline=None,
        database=None,
        print_blob=False,
    )


@pytest.fixture(scope="module")
def application() -> Iterator[ASGIApp]:
    maps = load_code_maps()
    with memory_folder() as folder:
        engine = open_store(folder)
        seed_store(engine, maps, seed=7, holders=60)
        desks = make_desks(engine, maps, SystemClock())
        desks.make_keys()
        desks.line.open()
        yield make_application(desks, lambda _client: None)
        engine.dispose()


@pytest.fixture
def asked(application: ASGIApp) -> Iterator[Asked]:
    with caller(application) as line:
        yield Asked(line)


@pytest.fixture(scope="module")
def contract() -> schemathesis.schemas.BaseSchema:
    return schemathesis.openapi.from_dict(json.loads(contract_text()))


def draw_and_ask(asked: Asked, contract: schemathesis.schemas.BaseSchema, each: int) -> list[Case]:
    """Have schemathesis draw requests for each operation, fitting its shape and not, and ask them all."""
    drawn: list[Case] = []

    def check(case: Case) -> None:
        drawn.append(case)
        asked.answer(case)

    for found in contract.get_all_operations():
        seed(7)(_quietly(each)(given(case=found.ok().as_strategy())(check)))()
    return drawn


def ask_in_sequences(asked: Asked, contract: schemathesis.schemas.BaseSchema, calls: int) -> None:
    """Ask in sequences in which a later call takes what an earlier one answered, as schemathesis links them."""

    class Sequence(contract.as_state_machine()):  # type: ignore[misc]
        def call(self, case: Case, **_: object) -> Response:
            return asked.answer(case)

        def validate_response(self, response: Response, case: Case, **_: object) -> None:
            """Nothing more: `answer` has checked it."""

    run_state_machine_as_test(Sequence, settings=_quietly(max(1, calls // STEPS)))


def ask_recombined(asked: Asked, drawn: list[Case], holders: object, calls: int) -> None:
    """Ask requests made of those that were drawn, of holders on file, and of what was answered meanwhile."""
    made = Recombined(7, drawn)
    payload = canonical_json({"card_id": None, "citizen_number": None, "check_id": None})
    day = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    for service in CardService:
        made.learn([holders, {"service": service.value, "kind": service.value, "schema_ver": 1}])
        made.learn({"payload": payload, "payload_sm3": payload_sm3(payload), "day": day, "slot": "09:00"})
    while asked.calls < calls:
        response = asked.answer(made.case())
        if response.status_code < 300:
            made.learn(json.loads(response.content))


def holders_on_file(asked: Asked) -> object:
    """Return cards and numbers of fictional people."""
    return json.loads(asked.line.call("GET", "/training/holders", "limit=60").body)


def no_defect(asked: Asked) -> bool:
    """Tell whether nothing ended in a 5xx; 503 would be documented, but nothing here is busy."""
    return not [key for key in asked.answers if key[1] >= 500]


@pytest.mark.timeout(600)
def test_every_operation_answers_as_the_contract_says(asked: Asked, contract: schemathesis.schemas.BaseSchema) -> None:
    drawn = draw_and_ask(asked, contract, DRAWN_EACH)
    ask_recombined(asked, drawn, holders_on_file(asked), CALLS)
    labels = {found.ok().label for found in contract.get_all_operations()}
    assert {label for label, _ in asked.answers} >= labels
    done = {label for label, status in asked.answers if status == 200}
    assert len(done) > len(labels) // 2, sorted(labels - done)
    assert no_defect(asked)


def test_sequences_of_calls_answer_as_the_contract_says(
    asked: Asked, contract: schemathesis.schemas.BaseSchema
) -> None:
    ask_in_sequences(asked, contract, IN_SEQUENCE)
    assert asked.calls
    assert no_defect(asked)


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_twenty_thousand_calls_answer_as_the_contract_says(
    asked: Asked, contract: schemathesis.schemas.BaseSchema
) -> None:
    drawn = draw_and_ask(asked, contract, 5 * DRAWN_EACH)
    ask_in_sequences(asked, contract, 10 * IN_SEQUENCE)
    ask_recombined(asked, drawn, holders_on_file(asked), MANY_CALLS)
    assert asked.calls >= MANY_CALLS
    assert no_defect(asked)
