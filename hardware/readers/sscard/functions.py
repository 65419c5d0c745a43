"""The functions of the reader interface as data: nine of the PSAM set, six groups of the HSM set (card.md 4.1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum, auto
from types import MappingProxyType

from hardware.readers.sscard.wire import Argument, Out


class Interface(IntEnum):
    """iType: where the driver looks for the card."""

    CONTACT = 1
    CONTACTLESS = 2
    CONTACT_FIRST = 3
    CONTACTLESS_FIRST = 4


class ReadRight(IntEnum):
    """iAuthType: what opens a file that PIN or read key opens."""

    PIN = 1
    READ_KEY = 2


class Parameter(Enum):
    """What a parameter carries; `pOutInfo` comes last in every function."""

    INTERFACE = auto()
    READ_RIGHT = auto()
    CARD = auto()
    FILES = auto()
    DATA = auto()
    PAYMENT = auto()
    KEY = auto()


@dataclass(frozen=True)
class Function:
    """One function: its name, its parameters before pOutInfo, and whether it waits for the holder at the keypad."""

    name: str
    parameters: tuple[Parameter, ...]
    keypad: bool = False


@dataclass(frozen=True)
class HsmGroup:
    """One operation of the HSM set: between its steps a string goes to the HSM, and the HSM's goes to the driver."""

    name: str
    steps: tuple[Function, ...]


_TYPE, _CARD, _FILES, _DATA, _KEY = (
    Parameter.INTERFACE,
    Parameter.CARD,
    Parameter.FILES,
    Parameter.DATA,
    Parameter.KEY,
)

READ_BASE = Function("iReadCardBas", (_TYPE,))
READ_FILES = Function("iReadCard", (_TYPE, Parameter.READ_RIGHT, _CARD, _FILES), keypad=True)
WRITE_FILES = Function("iWriteCard", (_TYPE, _CARD, _FILES, _DATA))
VERIFY_PIN = Function("iVerifyPIN", (_TYPE,), keypad=True)
CHANGE_PIN = Function("iChangePIN", (_TYPE,), keypad=True)
RELOAD_PIN = Function("iReloadPIN", (_TYPE, _CARD), keypad=True)
UNBLOCK_PIN = Function("iUnblockPIN", (_TYPE, _CARD), keypad=True)
DEBIT = Function("iDoDebit", (_TYPE, _CARD, Parameter.PAYMENT), keypad=True)
READ_DEBITS = Function("iReadDebitRecord", (_TYPE,), keypad=True)

PSAM_SET = (
    *(READ_BASE, READ_FILES, WRITE_FILES, VERIFY_PIN, CHANGE_PIN, RELOAD_PIN, UNBLOCK_PIN, DEBIT),
    READ_DEBITS,
)


def _group(name: str, first: tuple[Parameter, ...], *later: tuple[Parameter, ...], keypad: bool = False) -> HsmGroup:
    steps = enumerate((first, *later), 1)
    return HsmGroup(name, tuple(Function(f"{name}_HSM_Step{number}", given, keypad) for number, given in steps))


READ_BASE_HSM = _group("iReadCardBas", (_TYPE,), (_KEY,))
READ_FILES_HSM = _group("iReadCard", (_TYPE, _CARD, _FILES), (_KEY,))
WRITE_FILES_HSM = _group("iWriteCard", (_TYPE, _CARD, _FILES), (_KEY, _DATA))
RELOAD_PIN_HSM = _group("iReloadPIN", (_TYPE, _CARD), (_KEY,), (_KEY,), keypad=True)
UNBLOCK_PIN_HSM = _group("iUnblockPIN", (_TYPE, _CARD), (_KEY,), (_KEY,), keypad=True)
DEBIT_HSM = _group("iDoDebit", (_TYPE, _CARD, Parameter.PAYMENT), (_KEY,), keypad=True)

HSM_SET = (READ_BASE_HSM, READ_FILES_HSM, WRITE_FILES_HSM, RELOAD_PIN_HSM, UNBLOCK_PIN_HSM, DEBIT_HSM)

HSM_OF: Mapping[Function, HsmGroup] = MappingProxyType(
    {function: group for function in PSAM_SET for group in HSM_SET if group.name == function.name}
)
"""Which group does by HSM what a function does by PSAM; the PIN's check and change, and debit records, need neither."""

Values = Mapping[Parameter, int | str]
"""What is given for parameters; those that a function has not are left out of its call."""


def arguments(function: Function, values: Values) -> tuple[Argument, ...]:
    """Return a call's arguments in the order of the prototype; raises KeyError for one that is not given."""
    return (*(values[parameter] for parameter in function.parameters), Out.TEXT)
