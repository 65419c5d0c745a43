"""The sentence and remedy for every code: `resources/catalogue/sentences/*.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property

from app.catalogue.tables import read_folder, string, table
from app.domain.refusal import Refusal


@dataclass(frozen=True)
class Sentence:
    """One sentence in plain words, what to do next, and the code."""

    code: str
    text: str
    remedy: str

    @property
    def line(self) -> str:
        """Return all three as one line, as a verb prints it."""
        return f"{self.code} {self.text}{self.remedy}"


@dataclass(frozen=True)
class Sentences:
    """All sentences of one language, read when the first one is asked for."""

    language: str

    @cached_property
    def entries(self) -> Mapping[str, tuple[str, str]]:
        """Return sentence and remedy by code."""
        text_key, remedy_key = ("zh", "remedy") if self.language == "zh_CN" else ("en", "en_remedy")
        entries: dict[str, tuple[str, str]] = {}
        for code, value in read_folder("catalogue", "sentences").items():
            row = table(value, code)
            entries[code] = (string(row.get(text_key), code), string(row.get(remedy_key), code))
        return entries

    def of(self, refusal: Refusal) -> Sentence:
        """Return the sentence of a refusal with its facts filled in; an unknown code is shown as such."""
        text, remedy = self.entries.get(refusal.code, self.entries["UNKNOWN"])
        facts = {"code": refusal.code, **dict(refusal.facts)}
        return Sentence(refusal.code, text.format_map(_Facts(facts)), remedy.format_map(_Facts(facts)))

    def code(self, code: str) -> Sentence:
        """Return the sentence of a bare code."""
        return self.of(Refusal(code))


class _Facts(dict[str, str]):
    """Facts of a refusal; one that is not given reads as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


@cache
def load(language: str = "zh_CN") -> Sentences:
    """Return the sentences of a language (zh_CN or en), the same for all who ask."""
    return Sentences(language)
