from __future__ import annotations

from dataclasses import fields
from datetime import date

import pytest

from hardware.card.authentication import CardFacts, HsmQuestion, HsmReply
from hardware.card.elements import PROTECTED, Generation
from hardware.card.read_card import identity_apdus, read_card, recognize
from hardware.card.social_card import SocialCard
from hardware.ports import CardFault, CardFaultKind
from hardware.virtual.hsm import VirtualHsm
from hardware.virtual.profiles import holder_profiles, load_profile
from tests.unit.hardware.direct_channel import DirectChannel, channel_to

SOUND = [profile.name for profile in holder_profiles() if not profile.traits and profile.holder is not None]


class Away:
    def answer(self, question: HsmQuestion) -> HsmReply | None:
        return None


def read(channel: DirectChannel, authenticator=None) -> SocialCard:
    card = read_card(channel, authenticator)
    assert isinstance(card, SocialCard), card
    return card


def fault(channel: DirectChannel, authenticator=None) -> CardFault:
    outcome = read_card(channel, authenticator)
    assert isinstance(outcome, CardFault), outcome
    return outcome


@pytest.mark.parametrize("name", SOUND)
def test_an_authenticated_card_says_what_its_profile_says(name):
    card = read(channel_to(name), VirtualHsm())
    holder = load_profile(name).holder
    for field in fields(SocialCard):
        if hasattr(holder, field.name):
            assert getattr(card, field.name) == getattr(holder, field.name), field.name
    assert card.authenticated
    assert (card.locked, card.undecodable) == ((), ())


@pytest.mark.parametrize("name", ["gen1", "gen2"])
@pytest.mark.parametrize("authenticator", [None, Away()])
def test_older_cards_are_read_without_authentication(name, authenticator):
    card = read(channel_to(name), authenticator)
    assert card.name is not None
    assert not card.authenticated
    assert card.locked == ()


@pytest.mark.parametrize("authenticator", [None, Away()])
def test_a_3_0_card_keeps_ef06_locked(authenticator):
    card = read(channel_to("gen3"), authenticator)
    assert card.locked == PROTECTED
    assert [getattr(card, name) for name in PROTECTED] == [None] * len(PROTECTED)
    assert card.card_number == "A30000303"
    assert card.issued == date(2022, 9, 1)
    assert card.region == "350100"


@pytest.mark.parametrize(
    ("name", "generation"), [("gen1", Generation.FIRST), ("gen2", Generation.SECOND), ("gen3", Generation.THIRD)]
)
def test_only_the_least_commands_are_sent(name, generation):
    channel = channel_to(name)
    read(channel)
    assert [apdu for apdu in channel.sent if apdu[1] != 0xC0] == list(identity_apdus(generation))


def test_a_1_0_card_is_not_asked_for_the_name_extension():
    channel = channel_to("gen1")
    read(channel)
    assert len(channel.sent) == 13
    assert bytes.fromhex("00B2033416") not in channel.sent


@pytest.mark.parametrize(
    ("name", "kind", "detail"),
    [
        ("bank-only", CardFaultKind.FOREIGN, "6A82"),
        ("bad-tlv", CardFaultKind.MALFORMED, "EF05 tag 07"),
        ("mute-ef06", CardFaultKind.MUTE, ""),
        ("cloned", CardFaultKind.NOT_GENUINE, "0088"),
    ],
)
def test_what_a_bad_card_ends_in(name, kind, detail):
    assert fault(channel_to(name), VirtualHsm()) == CardFault(kind, detail)


def test_text_that_does_not_decode_leaves_only_its_element_out():
    card = read(channel_to("bad-gbk"))
    assert (card.name, card.undecodable) == (None, ("name",))
    assert card.citizen_number is not None


@pytest.mark.parametrize("commands", range(14))
def test_a_card_pulled_at_any_command_is_told_as_pulled(commands):
    assert fault(channel_to("gen2", pull_after=commands)).kind is CardFaultKind.PULLED


def changed(name: str, apdu: str, answer: str) -> DirectChannel:
    channel = channel_to(name)
    channel.change = lambda sent, given: bytes.fromhex(answer) if sent == bytes.fromhex(apdu) else given
    return channel


@pytest.mark.parametrize(
    ("apdu", "answer", "kind"),
    [
        ("00B2032C06", "0304342E30309000", CardFaultKind.MALFORMED),
        ("00B2032C06", "6985", CardFaultKind.REFUSED),
        ("00B2012C12", "0110" + "FF" * 16 + "9000", CardFaultKind.MALFORMED),
        ("00B2012C12", "0102AABB9000", CardFaultKind.MALFORMED),
        ("00B2012C12", "6A83", CardFaultKind.MALFORMED),
        ("00B2052C06", "4404201606069000", CardFaultKind.MALFORMED),
        ("00B2013414", "6F00", CardFaultKind.REFUSED),
        ("00C000001E", "6F1FFF9000", CardFaultKind.MALFORMED),
    ],
)
def test_nonsense_from_the_card_is_a_fault(apdu, answer, kind):
    assert fault(changed("gen2", apdu, answer)).kind is kind


def without_record(name: str, sfi: int, number: int) -> DirectChannel:
    """A card whose file lacks one record: those behind it have moved up."""
    channel = channel_to(name)
    inside = channel.transmit

    def moved_up(apdu: bytes) -> tuple[bytes, int]:
        if apdu[:2] == b"\x00\xb2" and apdu[3] == sfi << 3 | 4 and apdu[2] >= number:
            apdu = bytes((*apdu[:2], apdu[2] + 1, *apdu[3:]))
        return inside(apdu)

    channel.transmit = moved_up  # type: ignore[method-assign]
    return channel


@pytest.mark.parametrize("number", range(3, 8))
def test_a_card_without_an_optional_record_of_ef06_says_everything_else(number):
    whole = read(channel_to("gen2"))
    lacking = read(without_record("gen2", 6, number))
    names = ("name", "sex", "nation", "birthplace", "birth_date", "citizen_number")
    told = {name: (getattr(whole, name), getattr(lacking, name)) for name in names}
    gone = [name for name, (full, found) in told.items() if full != found]
    assert gone == {3: [], 4: ["sex"], 5: ["nation"], 6: ["birthplace"], 7: ["birth_date"]}[number]
    assert lacking.undecodable == ()


@pytest.mark.parametrize("version", ["FFFFFFFF", "20202020", "01000000"])
def test_a_version_that_does_not_fit_the_records_spoils_no_identity(version):
    found = read(changed("gen2", "00B2032C06", f"0304{version}9000"))
    whole = read(channel_to("gen2"))
    assert (found.citizen_number, found.name, found.birth_date) == (
        whole.citizen_number,
        whole.name,
        whole.birth_date,
    )


def test_an_old_card_that_calls_itself_newer_is_read():
    found, whole = read(changed("gen1", "00B2032C06", "0304322E30319000")), read(channel_to("gen1"))
    assert (found.name, found.citizen_number, found.birth_date) == (whole.name, whole.citizen_number, whole.birth_date)


@pytest.mark.parametrize(
    ("apdu", "answer", "locked", "undecodable"),
    [
        ("00B2033416", "6A82", (), ()),
        ("00B2063405", "6A82", (), ()),
        ("00B2053403", "6982", ("nation",), ()),
        ("00B2053403", "0B02AA9000", (), ("nation",)),
    ],
)
def test_what_an_identity_does_not_need_spoils_nothing(apdu, answer, locked, undecodable):
    channel = changed("gen2", apdu, answer)
    found = read(channel)
    assert bytes.fromhex(apdu) in channel.sent
    assert (found.name, found.citizen_number) == ("陈月娥", read(channel_to("gen2")).citizen_number)
    assert (found.locked, found.undecodable) == (locked, undecodable)


def test_another_application_that_answers_to_our_name_is_foreign():
    channel = changed("gen3", "00C000001E", "6F0984074D4F434B4150509000")
    assert fault(channel, VirtualHsm()).kind is CardFaultKind.FOREIGN


@pytest.mark.parametrize("fill", ["FF", "00", "FFFFFF"])
def test_fill_behind_an_fci_means_nothing(fill):
    channel = channel_to("gen2")

    def filled(sent: bytes, given: bytes) -> bytes:
        return given[:-2] + bytes.fromhex(fill) + given[-2:] if sent[:2] == b"\x00\xc0" else given

    channel.change = filled
    assert read(channel).name == "陈月娥"


@pytest.mark.parametrize("answer", ["6982", "6F00", "0902AA9000"])
def test_a_name_whose_extension_the_card_keeps_is_not_told_in_part(answer):
    found = read(changed("gen2", "00B2033416", answer))
    assert (found.name, found.undecodable, found.locked) == (None, ("name",), ())
    assert found.citizen_number is not None


def test_a_record_that_is_not_there_is_not_written():
    assert read(changed("gen2", "00B2033416", "6A83")).name == "陈月娥"
    assert read(changed("gen2", "00B2062C06", "6A83")).expires is None


def test_a_date_that_is_none_is_undecodable():
    card = read(changed("gen2", "00B2052C06", "0504201613019000"))
    assert (card.issued, card.undecodable) == (None, ("issued",))


def test_an_older_card_that_locks_ef06_is_told_as_locked():
    assert read(changed("gen2", "00B2013414", "6982")).locked == PROTECTED


def test_a_blank_version_is_read_as_1_0():
    assert read(changed("gen1", "00B2032C06", "0304FFFFFFFF9000")).version == ""


def test_an_fci_without_algorithm_means_3des():
    assert read(changed("gen2", "00C000001E", "6F11840F7378312E73682EC9E7BBE1B1A3D5CF9000")).algorithm == "01"


def test_a_region_may_mean_another_algorithm_where_the_fci_names_none():
    told = {
        "00C000001E": "6F11840F7378312E73682EC9E7BBE1B1A3D5CF9000",
        "00B2012C12": "0110110000D15600000500000200FFFFFFFF9000",
    }
    channel = channel_to("gen2")
    channel.change = lambda sent, given: bytes.fromhex(told.get(sent.hex().upper(), given.hex()))
    assert read(channel).algorithm == "02"


def test_to_recognize_a_card_takes_select_version_and_id():
    channel = channel_to("gen2")
    facts = recognize(channel)
    assert isinstance(facts, CardFacts)
    assert [apdu.hex().upper() for apdu in channel.sent[2:]] == ["00B2032C06", "00B2012C12"]
    assert (facts.region, facts.generation) == (facts.card_id[:6], Generation.SECOND)


def test_what_is_no_card_of_ours_is_not_recognized():
    assert recognize(channel_to("bank-only")) == CardFault(CardFaultKind.FOREIGN, "6A82")
