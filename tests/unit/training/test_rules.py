"""Every reason that the training province gives has its sentence, in both languages."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import app.province
import app.training
from app.catalogue import sentences
from app.training.rules import read_payload

ROOMS = [Path(room.__file__).parent for room in (app.training, app.province)]
CODE = re.compile(r'"((?:OP|CARD|PERSON|HOLDER|PROVINCE|TRAINING|BANK)-[A-Z]+(?:-[A-Z]+)*)"')
# Codes of error replies; the client names them inside PROVINCE-REFUSED or PROVINCE-BUSY.
ON_THE_WIRE_ONLY = {
    *("TRAINING-REFUSES", "TRAINING-FAILS", "TRAINING-BUSY", "TRAINING-MAINTENANCE", "TRAINING-STATUS"),
    "TRAINING-OTHER-ORIGIN",
}


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_code_has_a_sentence(language: str) -> None:
    used = {code for room in ROOMS for file in room.rglob("*.py") for code in CODE.findall(file.read_text("utf-8"))}
    assert {"OP-STATE-MOVED", "OP-DIGEST", "PROVINCE-AWAY", "CARD-LOSS-REGISTERED"} <= used
    assert used - ON_THE_WIRE_ONLY <= set(sentences.load(language).entries)


@pytest.mark.parametrize("text", ["", "7", "null", "[" * 100_000, '{"card_id": 7}', '{"check_id": {}}'])
def test_a_payload_that_cannot_be_read_is_none(text: str) -> None:
    assert read_payload(text) is None


def test_what_a_payload_leaves_empty_is_none() -> None:
    payload = read_payload('{"card_id": "", "citizen_number": null, "more": 1}')
    assert payload is not None
    assert (payload.card_id, payload.citizen_number, payload.check_id) == (None, None, None)
