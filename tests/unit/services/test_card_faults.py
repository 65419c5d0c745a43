from __future__ import annotations

import pytest

from app.catalogue import sentences
from app.services.card_faults import CODES, HELD_BY, refusal_of
from hardware.ports import CardFault, CardFaultKind


@pytest.mark.parametrize("kind", CardFaultKind)
@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_every_fault_has_a_sentence_and_a_remedy(kind, language):
    sentence = sentences.load(language).of(refusal_of(CardFault(kind, "6A82")))
    assert sentence.code == (HELD_BY if kind is CardFaultKind.BUSY else CODES[kind])
    assert sentence.text
    assert sentence.remedy
    assert sentence.code in sentences.load(language).entries


def test_a_fault_without_detail_shows_a_dash():
    assert "—" in sentences.load().of(refusal_of(CardFault(CardFaultKind.MUTE))).text


def test_a_busy_card_names_the_program_that_holds_it_where_the_system_tells():
    assert "ebank" in sentences.load().of(refusal_of(CardFault(CardFaultKind.BUSY, "ebank"))).text
    assert refusal_of(CardFault(CardFaultKind.BUSY)).code == "CARD-BUSY"
