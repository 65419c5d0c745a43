"""A box's national driver as a card check asks it: one call a question, and whatever it comes to is told."""

from __future__ import annotations

from hardware.card_check.ports import DriverAnswer, NoAnswer
from hardware.readers.box import BoxFault, ReaderBox
from hardware.readers.combined_box import CombinedBox
from hardware.readers.sscard.base_fields import MalformedReading
from hardware.readers.sscard.card_driver import DriverFacts, DriverRefusal
from hardware.readers.sscard.driver_host import NoFunction
from hardware.readers.sscard.functions import READ_BASE, READ_FILES, Function, Interface, Parameter, ReadRight, Values


class CheckedDriver:
    """A NationalDriver over a box, which is opened again after a call that lost it."""

    def __init__(self, box: ReaderBox[CombinedBox], facts: DriverFacts, interface: Interface) -> None:
        self._box = box
        self._facts = facts
        self._interface = interface

    def read_base(self) -> DriverAnswer | NoAnswer:
        """Call iReadCardBas."""
        return self._run(READ_BASE, {Parameter.INTERFACE: self._interface})

    def read_card(self, card_info: str, file_address: str) -> DriverAnswer | NoAnswer:
        """Call iReadCard by the read key, so that no keypad waits for the holder."""
        values: Values = {
            Parameter.INTERFACE: self._interface,
            Parameter.READ_RIGHT: ReadRight.READ_KEY,
            Parameter.CARD: card_info,
            Parameter.FILES: file_address,
        }
        return self._run(READ_FILES, values)

    def _run(self, function: Function, values: Values) -> DriverAnswer | NoAnswer:
        # Without a limit: the box gives up on a call that hangs.
        answer = self._box.use(lambda opened: opened.card.run(function, values)).result()
        match answer:
            case str():
                return DriverAnswer(0, answer)
            case DriverRefusal(_, number, text):
                return DriverAnswer(number, text, number in self._facts.needs_hsm)
            case NoFunction(name):
                return NoAnswer(f"no {name}")
            case MalformedReading(part):
                return NoAnswer(f"{function.name}: {part}")
            case BoxFault(kind, _):
                return NoAnswer(f"{function.name}: {kind}")
