"""The rules that every screen passes: names, roles, places, focus, contrast and keys (R01 to R13, R16, R18).

The ids are those of the project's list of rules, adapted from Axe.Windows; R16 is here in its clerk form, that no
words are clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from ui.a11y import rules_focus, rules_looks, rules_names
from ui.a11y.finding import Finding
from ui.a11y.tree import Node, read_tree


@dataclass(frozen=True)
class Rule:
    """One rule, or two that are judged in one go: ids, and what finds breaches."""

    ids: str
    check: Callable[[QWidget, Node], Iterator[Finding]]


RULES: tuple[Rule, ...] = (
    Rule("R01", rules_names.focusable_has_name),
    Rule("R02", rules_names.name_is_plain),
    Rule("R03", rules_names.description_adds),
    Rule("R04", rules_names.siblings_differ),
    Rule("R05", rules_looks.has_a_place),
    Rule("R06", rules_names.acts_as_its_role),
    Rule("R07", rules_names.has_a_role),
    Rule("R08", rules_focus.interactive_is_focusable),
    Rule("R09", rules_names.progress_has_range),
    Rule("R10", rules_names.child_is_not_its_parent),
    Rule("R11 R12", rules_focus.tab_goes_round),
    Rule("R13", rules_looks.text_stands_out),
    Rule("R16", rules_looks.words_are_whole),
    Rule("R18", rules_focus.keys_agree),
)


def lint(window: QWidget) -> list[Finding]:
    """Judge a shown window by every rule; the focus is put back where it was."""
    tree = read_tree(window)
    return [finding for rule in RULES for finding in rule.check(window, tree)]
