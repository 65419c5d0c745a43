from __future__ import annotations

import pytest

from app.domain import citizen_number
from hardware.card.elements import generation_of
from hardware.virtual.card_os import VirtualCard
from hardware.virtual.profile_names import profile_names
from hardware.virtual.profiles import ProfileError, holder_profiles, load_profile

WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(body: str) -> str:
    rest = 11 - sum(weight * int(char, 36) for weight, char in zip(WEIGHTS, body, strict=True)) % 11
    return {10: "X", 11: "0"}.get(rest, str(rest))


def test_the_promised_profiles_are_there():
    wanted = {"gen1", "gen2", "gen3", "gen3-lost", "gen3-sealed", "gen2-dead", "bank-only"}
    assert wanted | {"mute-ef06", "bad-tlv", "bad-gbk", "rare-name", "cloned", "gen1-ee", "gen3-3des"} <= set(
        profile_names()
    )


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_becomes_a_card(name):
    profile = load_profile(name)
    assert VirtualCard(profile).atr[:4].hex().upper() == "3B6D0000"
    assert len(VirtualCard(profile).atr) == 17
    assert (profile.holder is None) == (name == "bank-only")


def test_the_people_are_consistent_and_distinct():
    holders = [profile.holder for profile in holder_profiles()]
    for holder in holders:
        assert citizen_number.is_valid(holder.citizen_number), holder.name
        assert citizen_number.birth_date(holder.citizen_number) == holder.birth_date
        assert int(holder.citizen_number[16]) % 2 == int(holder.sex) % 2
        assert holder.card_number[8] == check_character(holder.card_number[:8])
        assert holder.card_id.startswith(holder.region + "D156000005")
        assert generation_of(holder.version) is not None
        assert holder.issued < holder.expires
    for key in ("card_id", "card_number", "citizen_number"):
        assert len({getattr(holder, key) for holder in holders}) == len(holders)


def test_the_rare_name_needs_both_records_and_four_bytes():
    encoded = load_profile("rare-name").holder.name.encode("gb18030")
    assert len(encoded) > 30
    with pytest.raises(UnicodeDecodeError):
        encoded[:30].decode("gb18030")


def test_a_profile_is_found_by_path(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text('application = "bank"\n', "utf-8")
    assert load_profile(str(own)).name == "own"


@pytest.mark.parametrize(
    "text",
    [
        "version = ",
        'version = "2.00"',
        "faults = 3",
        'faults = ["unheard"]',
        "[province]\nsocial = 1",
        "version = 2\n[province]",
    ],
)
def test_a_table_that_is_wrong_names_itself(tmp_path, text):
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text, "utf-8")
    with pytest.raises(ProfileError, match="wrong"):
        load_profile(str(wrong))


def test_a_profile_that_is_not_there_says_so():
    with pytest.raises(ProfileError, match="nobody"):
        load_profile("nobody")


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (('version = "2.00"', 'version = "7.00"'), "version"),
        (('name = "陈月娥"', f'name = "{"长" * 40}"'), "element 4E"),
        (("issued = 2016-03-15", 'issued = "2016"'), "issued"),
    ],
)
def test_a_holder_that_fits_no_card_is_refused(tmp_path, change, problem):
    import resources

    text = resources.path("cards", "gen2.toml").read_text("utf-8").replace(*change)
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(text, "utf-8")
    with pytest.raises(ProfileError, match=problem):
        VirtualCard(load_profile(str(wrong)))


@pytest.mark.parametrize(
    ("table", "problem"),
    [
        ('[chip]\npin = "12"', "pin"),
        ("[chip]\npin = 123456", "pin"),
        ("[chip]\npin_tries = 16", "pin_tries"),
        ("[chip]\nkey_tries = 0", "key_tries"),
        ('[chip]\ntorn_write = "half"', "torn_write"),
        ('[chip]\nbank_side = "yes"', "bank_side"),
        ('[chip]\nswitched_on = "SSSEEF08"', "switched_on"),
        ('[chip]\nunheard = "of"', "unheard"),
        ("[elements]\nDF01EF06 = 3", "DF01EF06"),
        ('[elements.DF01EF06]\nZZ = "1"', "DF01EF06"),
        ('[elements.DF09EF05]\n01 = "1"', "DF09EF05"),
        ('[elements.DF01EF06]\n99 = "1"', "99"),
        ('[elements.DF01EF06]\n28 = "hex:0"', "28"),
        ('[elements.DF01EF06]\n28 = "0123456789012345"', "28"),
    ],
)
def test_a_chip_that_cannot_be_made_is_refused(tmp_path, table, problem):
    import resources

    text = resources.path("cards", "gen2-dead.toml").read_text("utf-8")
    wrong = tmp_path / "wrong.toml"
    wrong.write_text(f"{text}\n{table}\n", "utf-8")
    with pytest.raises(ProfileError, match=problem):
        VirtualCard(load_profile(str(wrong)))


def test_a_password_is_not_shown_by_its_profile():
    assert load_profile("gen2").chip.pin not in repr(load_profile("gen2"))
