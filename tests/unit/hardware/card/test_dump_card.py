from __future__ import annotations

import pytest

from hardware.card.authentication import CardFacts
from hardware.card.dump_card import dump_card
from hardware.card.element_value import decode_file
from hardware.card.elements import Generation
from hardware.card.file_map_table import load_file_map
from hardware.card.pin import pin_tries
from hardware.card.read_card import recognize
from hardware.card.read_file import By, Closed, FileContents
from hardware.ports import CardFaultKind, CardGone, Pin
from hardware.virtual.training_card import training_card
from tests.unit.hardware.direct_channel import channel_to

FILES = load_file_map()
GENERATIONS = ["gen1", "gen2", "gen3", "gen3-3des"]


def dump(name, *, keys=False, pin=None, by=By.NUMBER):
    channel = channel_to(name)
    facts = recognize(channel)
    assert isinstance(facts, CardFacts)
    known = training_card(channel, facts)
    assert known is not None
    given = known.pin if pin == "right" else pin
    found = dump_card(channel, FILES, facts, known.keys if keys else None, given, by)
    return channel, {dump.file.name: dump.outcome for dump in found}


def read(outcomes):
    return {name for name, outcome in outcomes.items() if isinstance(outcome, FileContents)}


@pytest.mark.parametrize("name", GENERATIONS)
def test_without_keys_only_what_is_free_is_read(name):
    _, outcomes = dump(name)
    generation = Generation(int(name[3]))
    assert {file.name for file in FILES.files if file.since.value <= generation.value} == set(outcomes)
    free = {"SSSEEF05"} | ({"SSSEEF06"} if generation is not Generation.THIRD else set())
    assert {file for file in read(outcomes) if FILES.file(file).title != "预留"} == free
    closed = [outcome for outcome in outcomes.values() if isinstance(outcome, Closed)]
    assert {outcome.status for outcome in closed} <= {0x6982, 0x6A82}


@pytest.mark.parametrize("name", GENERATIONS)
@pytest.mark.parametrize("by", By)
def test_with_keys_and_password_all_that_the_card_has_is_read(name, by):
    _, outcomes = dump(name, keys=True, pin="right", by=by)
    closed = [outcome for outcome in outcomes.values() if not isinstance(outcome, FileContents)]
    assert all(isinstance(outcome, Closed) and outcome.status == 0x6A82 for outcome in closed)
    assert {"SSSEEF06", "DF01EF06", "DF03EF07", "DF04EF05", "DF04EF06", "DF04EF08"} <= read(outcomes)


def test_what_was_dumped_is_what_the_profile_wrote():
    _, outcomes = dump("gen3", keys=True, pin="right")
    address = decode_file(FILES.file("DF01EF06"), outcomes["DF01EF06"].elements, Generation.THIRD)
    assert address[0x23, 1] == "福州市仓山区训练路3号"
    assert address[0x24, 1] == "350104"


def test_the_password_alone_opens_what_asks_for_it_alone():
    _, outcomes = dump("gen2", pin="right")
    assert "DF01EF06" in read(outcomes)
    assert isinstance(outcomes["DF04EF06"], Closed)


def test_a_wrong_password_costs_one_try():
    channel, outcomes = dump("gen2", pin=Pin("00000000"))
    assert "DF01EF06" not in read(outcomes)
    assert sum(1 for sent in channel.sent if sent[1] == 0x20 and len(sent) > 5) == 1
    facts = recognize(channel)
    assert isinstance(facts, CardFacts)
    assert pin_tries(channel) == 2


def test_a_key_is_shown_once_a_directory():
    channel, _ = dump("gen2", keys=True, pin="right")
    directories: list[list[int]] = []
    for sent in channel.sent:
        if sent[1] == 0xA4 and sent[2] == 0x04:
            directories.append([])
        if sent[1] == 0x82:
            directories[-1].append(sent[3])
    assert [0x91] in directories
    assert [0x92, 0x91] in directories
    assert all(len(set(shown)) == len(shown) for shown in directories)


def test_a_card_that_leaves_ends_the_dump():
    channel = channel_to("gen2")
    facts = recognize(channel)
    assert isinstance(facts, CardFacts)
    channel.card.pull_after(5)
    with pytest.raises(CardGone) as raised:
        dump_card(channel, FILES, facts)
    assert raised.value.fault.kind is CardFaultKind.PULLED
