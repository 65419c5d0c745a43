"""The whole contract asked at random by schemathesis, in sequences too: no 500, and no answer that it does not name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
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

from app.domain.clock import SystemClock
from app.province.code_map import load as load_code_maps
from app.training.application import make_application, make_desks
from app.training.contract import contract_text
from app.training.seeding import seed_store
from app.training.store import open_store
from tests.contract.province.asgi_caller import AsgiCaller, caller
from tests.memory_folder import memory_folder

CALLS = 400
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

    def check(self, case: Case) -> None:
        """Send one case and check what comes back."""
        self.answer(case)

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
        yield make_application(desks, lambda _client: None)
        engine.dispose()


@pytest.fixture
def asked(application: ASGIApp) -> Iterator[Asked]:
    with caller(application) as line:
        yield Asked(line)


@pytest.fixture(scope="module")
def contract() -> schemathesis.schemas.BaseSchema:
    return schemathesis.openapi.from_dict(json.loads(contract_text()))


def ask_every_operation(asked: Asked, contract: schemathesis.schemas.BaseSchema, calls: int) -> None:
    """Ask each operation for itself, with bodies that fit its shape and bodies that do not."""
    operations = [found.ok() for found in contract.get_all_operations()]
    for operation in operations:
        few = _quietly(max(1, calls // len(operations)))
        seed(7)(few(given(case=operation.as_strategy())(asked.check)))()


def ask_in_sequences(asked: Asked, contract: schemathesis.schemas.BaseSchema, calls: int) -> None:
    """Ask in sequences in which a later call takes what an earlier one answered."""

    class Sequence(contract.as_state_machine()):  # type: ignore[misc]
        def call(self, case: Case, **_: object) -> Response:
            return asked.answer(case)

        def validate_response(self, response: Response, case: Case, **_: object) -> None:
            """Nothing more: `answer` has checked it."""

    run_state_machine_as_test(Sequence, settings=_quietly(max(1, calls // STEPS)))


def test_every_operation_answers_as_the_contract_says(asked: Asked, contract: schemathesis.schemas.BaseSchema) -> None:
    ask_every_operation(asked, contract, CALLS)
    answered = {label for label, _ in asked.answers}
    assert answered >= {found.ok().label for found in contract.get_all_operations()}


def test_sequences_of_calls_answer_as_the_contract_says(
    asked: Asked, contract: schemathesis.schemas.BaseSchema
) -> None:
    ask_in_sequences(asked, contract, CALLS // 4)
    assert asked.calls


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_twenty_thousand_calls_answer_as_the_contract_says(
    asked: Asked, contract: schemathesis.schemas.BaseSchema
) -> None:
    ask_every_operation(asked, contract, MANY_CALLS * 3 // 4)
    while asked.calls < MANY_CALLS:
        ask_in_sequences(asked, contract, MANY_CALLS // 8)
    assert not [key for key in asked.answers if key[1] >= 500 and key[1] != 503]
