"""Makes resources/catalogue/pinyin_initials.toml from pypinyin's dictionary (MIT).

    python installer/pinyin_initials.py

The program asks for first letters only: a table of 200 KB in the place of a library that takes 0.2 s and 50 MB to load.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from pathlib import Path

from pypinyin.pinyin_dict import pinyin_dict

TABLE = Path(__file__).parent.parent / "resources" / "catalogue" / "pinyin_initials.toml"
HEAD = """# Characters by the letters that their readings begin with, the usual one first.
# Made by installer/pinyin_initials.py from pypinyin (MIT licence, mozillazg and others).

"""


def main() -> None:
    """Write the table anew."""
    by_letters: dict[str, list[str]] = defaultdict(list)
    for code, readings in sorted(pinyin_dict.items()):
        # What NFKC folds into another character never reaches the table.
        if unicodedata.normalize("NFKC", chr(code)) != chr(code):
            continue
        letters = "".join(dict.fromkeys(_letter(reading) for reading in readings.split(",")))
        if letters:
            by_letters[letters].append(chr(code))
    lines = [f"{letters} = '{''.join(characters)}'\n" for letters, characters in sorted(by_letters.items())]
    TABLE.write_text(HEAD + "".join(lines), encoding="utf-8")


def _letter(reading: str) -> str:
    first = unicodedata.normalize("NFKD", reading.strip())[:1].casefold()
    return first if first.isascii() and first.isalpha() else ""


if __name__ == "__main__":
    main()
