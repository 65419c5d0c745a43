"""What the counter that holds a folder answers to verbs; what changes something is a command of the verb's account."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from app.domain.refusal import Refusal
from app.services.control import Answer, refusing

if TYPE_CHECKING:
    from app.services.counter import Counter
    from app.services.operator_door import OperatorDoor

Detail = Mapping[str, str]


class VerbAnswers:
    """The actions of one counter; each runs on the control thread and may block."""

    def __init__(self, counter: Counter) -> None:
        self._counter = counter

    def actions(self) -> Mapping[str, Callable[[Detail], Answer]]:
        """Return them by the name that `ask` gives."""
        return {
            "drain": self.drain,
            "outbox": self.outbox,
            "province": lambda _detail: {"url": self._counter.province_url},
            "retry": self.retry,
            "note": self.note,
        }

    def outbox(self, _detail: Detail) -> Answer:
        """Tell what waits."""
        summary = self._counter.summary()
        return {"pending": summary.pending, "tasks": summary.tasks, "oldest_age_s": summary.oldest_age_s}

    def drain(self, detail: Detail) -> Answer:
        """Try everything again at once."""
        refusal = self._door().retry_all(detail.get("account", ""))
        if refusal is not None:
            return refusing(refusal)
        self._counter.send_now()
        return self.outbox(detail)

    def retry(self, detail: Detail) -> Answer:
        """Make one operation due."""
        number = detail.get("op_id", "")
        refusal = self._door().retry(number, detail.get("account", ""))
        if refusal is not None:
            return refusing(refusal)
        self._counter.line.sender.wake()
        return {"op_id": number, "due": True}

    def note(self, detail: Detail) -> Answer:
        """Write down what a verb did beside the counter."""
        row = {key: value for key, value in detail.items() if key not in ("account", "command")}
        refusal: Refusal | None = self._door().note(detail.get("command", ""), detail.get("account", ""), row)
        return {"noted": True} if refusal is None else refusing(refusal)

    def _door(self) -> OperatorDoor:
        # Nobody at the window waits for what these load.
        from app.catalogue import services
        from app.services.operator_door import OperatorDoor

        return OperatorDoor(self._counter.journal, services.load())
