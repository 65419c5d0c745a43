from __future__ import annotations

import pytest

from hardware.card.region_rules import REGION_RULES, RegionRulesError, load_region_rules, read_region_rules
from hardware.crypto.card_cipher import USUAL_FACTORS

OWN = """
[region.3501]
[region.3501.factors]
city_tail = "7A7A"
[region.350100.psam.keys]
IRK = 9
RKSSSE = 0x0A
"""


def test_most_regions_follow_the_default():
    rule = load_region_rules().of("639900")
    assert rule == load_region_rules().default
    assert (rule.algorithm, rule.factors) == ("01", USUAL_FACTORS)
    assert (rule.psam.keys, rule.psam.levels) == ({"IRK": 8}, (3, 2, 1))


def test_cards_of_beijing_without_algorithm_mean_ssf33():
    assert load_region_rules().of("110000").algorithm == "02"


def test_the_longest_code_wins_and_takes_the_rest_from_the_default(tmp_path):
    path = tmp_path / "region_rules.toml"
    path.write_text(REGION_RULES.read_text("utf-8") + OWN, "utf-8")
    rules = read_region_rules(path)
    assert rules.of("350102").factors.city_tail == b"zz"
    assert rules.of("350102").factors.province_tail == USUAL_FACTORS.province_tail
    assert rules.of("350100").factors == USUAL_FACTORS
    assert rules.of("350100").psam.keys == {"IRK": 9, "RKSSSE": 10}


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ('algorithm = "01"', "algorithm = 1", "default: algorithm"),
        ('"7378"', '"73"', "default: city_tail"),
        ('"303030307368"', '"x"', "default: province_tail"),
        ("history_from = 5", "history_from = 6", "default: history_from"),
        ("[3, 2, 1]", "[4]", "default: levels"),
        ("IRK = 0x08", "IRK = 0x108", "default: key id"),
        ("[default.psam]", "[default.sam]", "default is not a table"),
        ("[region.11]", "[region.11", "region_rules.toml"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(tmp_path, before, after, told):
    path = tmp_path / "region_rules.toml"
    path.write_text(REGION_RULES.read_text("utf-8").replace(before, after, 1), "utf-8")
    with pytest.raises(RegionRulesError, match=told):
        read_region_rules(path)
