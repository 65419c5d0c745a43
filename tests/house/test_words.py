"""Everything that people see comes from tables: complete in both languages, and none is missing."""

from __future__ import annotations

import ast
import re

import pytest

import resources
from app.catalogue import sentences, texts
from app.catalogue.tables import read_folder, table
from tests.house.sources import modules

CJK = re.compile(r"[\u3400-\u9fff]")
# Where Chinese stands in code for a reason that is not a word for people.
NOT_WORDS = {
    "hardware/card/elements.py": "the application's name on the chip is GBK text",
    "hardware/virtual": "the virtual card holds the same name",
    "app/training": "fictional people, and what the fictional province itself answers",
    "ui/sample_values.py": "fictional people for pictures and lint",
    "ui/screens.py": "fictional people for pictures and lint",
    "ui/a11y/rules_names.py": "the role words that a name must not repeat (R02)",
    "ui/tour/visit_script.py": "what the tour expects to read on paper",
}


def test_both_languages_have_the_same_keys() -> None:
    assert texts.load("zh_CN").entries.keys() == texts.load("en").entries.keys()


def test_placeholders_agree_between_the_languages() -> None:
    chinese, english = texts.load("zh_CN").entries, texts.load("en").entries
    fields = re.compile(r"\{(\w+)")
    assert not [key for key in chinese if set(fields.findall(chinese[key])) != set(fields.findall(english[key]))]


def test_every_sentence_is_said_in_both_languages() -> None:
    for code, row in read_folder("catalogue", "sentences").items():
        cells = table(row, code)
        assert set(cells) >= {"zh", "remedy", "en", "en_remedy"}, code
        assert cells["zh"], code
        assert cells["en"], code


def _refusal_codes() -> dict[str, str]:
    found: dict[str, str] = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Refusal", "Refusal.of") and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found[first.value] = str(path)
    return found


def test_every_refusal_has_its_sentence() -> None:
    known = sentences.load().entries
    found = _refusal_codes()
    assert len(found) > 40
    assert not {code: path for code, path in found.items() if code not in known}


def _docstrings(tree: ast.Module) -> set[int]:
    return {
        id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }


def test_no_word_for_people_stands_in_code() -> None:
    found = [
        (str(path), node.lineno, node.value)
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CJK.search(node.value)
        if id(node) not in _docstrings(tree) and not str(path).startswith(tuple(NOT_WORDS))
    ]
    assert not found


@pytest.mark.parametrize("words", ["银行密码", "PIN"])
def test_the_words_people_see_are_ours(words: str) -> None:
    assert not [key for key, text in texts.load().entries.items() if words in text]


def test_the_text_table_is_where_it_is_said_to_be() -> None:
    assert list(resources.path("i18n", "zh_CN").glob("*.toml"))
