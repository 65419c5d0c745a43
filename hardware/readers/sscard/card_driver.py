"""Calls of the reader interface: what goes in, what comes out, and the way from the PSAM set to the HSM set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol, TypeAlias

from hardware.readers.sscard.base_fields import BaseReading, MalformedReading, parse_base
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.functions import (
    HSM_OF,
    READ_BASE,
    READ_BASE_HSM,
    Function,
    HsmGroup,
    Interface,
    Parameter,
    Values,
    arguments,
)
from hardware.readers.sscard.return_code import NEEDS_HSM, status_word, tries_left
from hardware.readers.sscard.wire import Argument, Returned

LIBRARY = "sscard"


@dataclass(frozen=True)
class DriverFacts:
    """How one maker's library differs from the interface; a line of the catalogue."""

    wait_s: float = 30.0
    """Seconds after which a call is taken to hang."""
    keypad_s: float = 120.0
    """The same for calls that wait for the holder at the keypad."""
    positive_is_good: bool = False
    """Some HSM callers take a positive number as good too."""
    base_input: str | None = None
    """A string that some iReadCardBas want before pOutInfo."""
    needs_hsm: frozenset[int] = NEEDS_HSM
    extras: tuple[str, ...] = ()
    """A region's names for the fields behind the eleventh."""


@dataclass(frozen=True)
class DriverRefusal:
    """A negative answer, with the driver's own words, which may name the holder."""

    function: str
    number: int
    text: str = field(default="", repr=False)

    @property
    def status_word(self) -> int | None:
        """Return the card's status word, where it is one."""
        return status_word(self.number)

    @property
    def tries_left(self) -> int | None:
        """Return how many tries of the 社保密码 are left, where it says so."""
        return tries_left(self.number)


@dataclass(frozen=True)
class HsmAway:
    """The HSM could not be asked, or refused; nothing is known against the card."""

    operation: str
    step: int


@dataclass(frozen=True)
class HsmQuestion:
    """What a step of the HSM set gave out for the HSM; carried unread but by whoever computes the answer."""

    operation: str
    """The PSAM function that this stands for, such as iReloadPIN."""
    step: int
    """The step that gave it, from 1."""
    text: str = field(repr=False)


class HsmSteps(Protocol):
    """The province's HSM as the interface wants it; filled by the province's client."""

    def key(self, question: HsmQuestion) -> str | None:
        """Return the next step's pKey, such as `internal|external|` in hex; None when the HSM cannot be asked.

        Within a few seconds: the card stays powered meanwhile.
        """
        ...


class Calls(Protocol):
    """A host of libraries."""

    def call(self, library: str, function: str, given: tuple[Argument, ...], wait_s: float, /) -> Returned | NoFunction:
        """Call a function; raises BoxLost."""
        ...


NotDone: TypeAlias = DriverRefusal | NoFunction | HsmAway | MalformedReading


class CardDriver:
    """One national driver in a host; used in the work that a box is given."""

    def __init__(self, host: Calls, facts: DriverFacts | None = None, library: str = LIBRARY) -> None:
        self._host = host
        self._facts = facts or DriverFacts()
        self._library = library

    def run(self, function: Function, values: Values) -> str | DriverRefusal | NoFunction | MalformedReading:
        """Call one function and return pOutInfo; raises BoxLost, and KeyError for a parameter that is not given."""
        given = arguments(function, values)
        if function is READ_BASE and self._facts.base_input is not None:
            given = (given[0], self._facts.base_input, *given[1:])
        wait_s = self._facts.keypad_s if function.keypad else self._facts.wait_s
        answer = self._host.call(self._library, function.name, given, wait_s)
        if isinstance(answer, NoFunction):
            return answer
        (text,) = answer.out
        good = answer.number == 0 or (answer.number > 0 and self._facts.positive_is_good)
        if not good:
            return DriverRefusal(function.name, answer.number, text if isinstance(text, str) else "")
        return text if isinstance(text, str) else MalformedReading("encoding")

    def run_by_hsm(self, group: HsmGroup, values: Values, hsm: HsmSteps) -> str | NotDone:
        """Do an operation step by step, the HSM asked in between; return the last step's pOutInfo. Raises BoxLost."""
        answer = self.run(group.steps[0], values)
        for number, function in enumerate(group.steps[1:], 1):
            if not isinstance(answer, str):
                return answer
            key = hsm.key(HsmQuestion(group.name, number, answer))
            if key is None:
                return HsmAway(group.name, number)
            answer = self.run(function, {**values, Parameter.KEY: key})
        return answer

    def do(self, function: Function, values: Values, hsm: HsmSteps | None) -> str | NotDone:
        """Do an operation by PSAM, and by HSM where the PSAM says that it cannot. Raises BoxLost."""
        answer = self.run(function, values)
        group = HSM_OF.get(function)
        if not isinstance(answer, DriverRefusal) or answer.number not in self._facts.needs_hsm or group is None:
            return answer
        return HsmAway(group.name, 0) if hsm is None else self.run_by_hsm(group, values, hsm)

    def read_base(self, interface: Interface, hsm: HsmSteps | None) -> BaseReading | NotDone:
        """Read a card's base data.

        The terminal number is the PSAM's: where it is missing no PSAM has authenticated the card (card.md 4.3), and
        the HSM is asked. Without an HSM, or with one that is away, such a reading is not `authenticated`; a card of
        which the driver says nothing at all is HsmAway. Raises BoxLost.
        """
        values: Mapping[Parameter, int | str] = {Parameter.INTERFACE: interface}
        answer = self.run(READ_BASE, values)
        reading = parse_base(answer) if isinstance(answer, str) else answer
        if isinstance(reading, BaseReading) and reading.terminal is not None and not reading.closed:
            return replace(reading, authenticated=True)
        if not isinstance(reading, BaseReading) and not self._wants_hsm(reading):
            return reading
        by_hsm = HsmAway(READ_BASE_HSM.name, 0) if hsm is None else self.run_by_hsm(READ_BASE_HSM, values, hsm)
        if isinstance(by_hsm, str):
            opened = parse_base(by_hsm)
            return replace(opened, authenticated=not opened.closed) if isinstance(opened, BaseReading) else opened
        unasked = isinstance(by_hsm, HsmAway | NoFunction)
        return reading if isinstance(reading, BaseReading) and unasked else by_hsm

    def _wants_hsm(self, answer: DriverRefusal | NoFunction | MalformedReading) -> bool:
        return isinstance(answer, DriverRefusal) and answer.number in self._facts.needs_hsm
