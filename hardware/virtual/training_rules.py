"""The region rules of training: as they come with the program, with the key ids of the training province's PSAMs."""

from __future__ import annotations

from dataclasses import replace

from hardware.card.region_rules import PsamRule, RegionRules, load_region_rules
from hardware.virtual.psam_profiles import load_psam

_PSAM = "training"


def training_region_rules() -> RegionRules:
    """Return the rules by which a training card is authenticated by any training PSAM."""
    usual = load_region_rules().default
    return RegionRules(replace(usual, psam=PsamRule(load_psam(_PSAM).keys, usual.psam.levels)), {})
