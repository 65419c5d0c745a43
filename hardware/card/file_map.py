"""Every elementary file of SSSE as values: structure, elements, rights (card.md 1.3 to 1.8); data: file_map.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from hardware.card.elements import Generation

SSSE = "SSSE"


class Structure(StrEnum):
    """How a file is built (ISO 7816-4 5.3)."""

    RECORD = "record"
    """Linear variable: each record is tag, length, value."""
    TRANSPARENT = "transparent"
    CYCLIC = "cyclic"
    """Records of one length without tags; number 1 is the newest."""


class FileClass(StrEnum):
    """Whether a file is used: 启用, 预设, 预留."""

    IN_USE = "in_use"
    DEFINED = "defined"
    RESERVED = "reserved"


class Access(StrEnum):
    """What opens a file. A key is shown by EXTERNAL AUTHENTICATE, a PIN by VERIFY."""

    FREE = "free"
    KEY = "key"
    PIN = "pin"
    PIN_OR_KEY = "pin_or_key"
    PIN_AND_KEY = "pin_and_key"
    NEVER = "never"

    @property
    def needs_key(self) -> bool:
        """Tell whether a key plays a part."""
        return self in (Access.KEY, Access.PIN_OR_KEY, Access.PIN_AND_KEY)


@dataclass(frozen=True)
class Right:
    """What opens a file, and the name of the key, such as `RK1DF01`; None where no key plays a part."""

    access: Access
    key: str | None = None


class Kind(StrEnum):
    """How a value is written (card.md 1.2)."""

    CN = "cn"
    """BCD, left aligned, filled with F."""
    AN = "an"
    """GBK text, left aligned, filled with 00 or 20."""
    B = "b"
    NESTED = "b-tlv"
    """Records of tag, length and value within the value."""


class Meaning(StrEnum):
    """What a value is to be read as."""

    DIGITS = "digits"
    HEX = "hex"
    """cn whose digits may be hexadecimal, or bytes without a meaning of their own."""
    DATE = "date"
    """cn 04: YYYYMMDD."""
    TEXT = "text"
    NUMBER = "number"
    """b, big endian without sign."""
    PARTS = "parts"
    """The parts of a nested value."""


@dataclass(frozen=True)
class Part:
    """One value within a nested element or a cyclic record; `tag` None in the latter. `length` in bytes."""

    tag: int | None
    name: str
    kind: Kind
    length: int
    meaning: Meaning


@dataclass(frozen=True)
class DataElement:
    """One element of a record file; `length` in bytes without tag and length."""

    tag: int
    name: str
    kind: Kind
    length: int
    meaning: Meaning
    times: int = 1
    """How many records bear the tag."""
    since: Generation = Generation.FIRST
    parts: tuple[Part, ...] = ()
    continued_by: int | None = None
    """The tag whose text goes on where this one ends."""
    remeant: bool = False
    """Whether 1.0 gave the tag another meaning, so that nibbles E mark the one of 2.0 (card.md 1.9)."""
    judged_by: int | None = None
    """The remeant tag of the same file whose meaning decides this one's."""


@dataclass(frozen=True)
class CardFile:
    """One elementary file; `name` as drivers write it, such as `SSSEEF05`, and `sfi` also its file id 00xx."""

    name: str
    title: str
    sfi: int
    structure: Structure
    file_class: FileClass
    since: Generation
    read: Mapping[Generation, Right]
    write: Right
    elements: tuple[DataElement, ...] = ()
    """Of a record file, in the order of its records."""
    record: tuple[Part, ...] = ()
    """Of a cyclic file, the parts of each record."""
    least_records: int = 0
    """How many records a cyclic file keeps at least."""
    length: int = 0
    """Bytes of a transparent file."""

    @property
    def directory(self) -> str:
        """Return the directory's name, `SSSE` or `DFxx`."""
        return self.name[:-4]

    @property
    def file_id(self) -> bytes:
        """Return the two bytes by which SELECT finds the file in its directory."""
        return bytes([0x00, self.sfi])

    @property
    def record_length(self) -> int:
        """Return the bytes of one cyclic record."""
        return sum(part.length for part in self.record)

    def elements_of(self, generation: Generation) -> tuple[DataElement, ...]:
        """Return the elements that a generation has."""
        return tuple(element for element in self.elements if element.since.value <= generation.value)

    def element(self, tag: int) -> DataElement | None:
        """Return the element of a tag."""
        return next((element for element in self.elements if element.tag == tag), None)

    def record_number(self, tag: int, generation: Generation, occurrence: int = 1) -> int | None:
        """Return where a generation keeps a tag's n-th record, counted from 1; None where it has none."""
        number = 0
        for element in self.elements_of(generation):
            if element.tag == tag:
                return number + occurrence if 1 <= occurrence <= element.times else None
            number += element.times
        return None


@dataclass(frozen=True)
class Directory:
    """SSSE or a DF below it; `aid` is the name by which SELECT finds it."""

    name: str
    aid: bytes
    title: str
    files: tuple[CardFile, ...]


@dataclass(frozen=True)
class FileMap:
    """All directories, SSSE first."""

    directories: tuple[Directory, ...]

    @property
    def files(self) -> tuple[CardFile, ...]:
        """Return every file, in the order of the table."""
        return tuple(file for directory in self.directories for file in directory.files)

    def directory(self, name: str) -> Directory:
        """Return a directory by name; raises KeyError."""
        return {directory.name: directory for directory in self.directories}[name]

    def file(self, name: str) -> CardFile:
        """Return a file by the name drivers write; raises KeyError."""
        return {file.name: file for file in self.files}[name]


@dataclass(frozen=True)
class KeyIds:
    """Key ids by the key's name without its directory: `RK` of SSSE, `RK1` of a DF."""

    ssse: Mapping[str, int]
    directory: Mapping[str, int]

    def of(self, key: str) -> int:
        """Return the P2 of a key such as `RKSSSE` or `RK1DF01`; raises KeyError."""
        if key.endswith(SSSE):
            return self.ssse[key.removesuffix(SSSE)]
        return self.directory[key[:-4]] if key[-4:-2] == "DF" else self.ssse[key]
