"""Keeps in touch with the province: notices within seconds that it went, and that it came back."""

from __future__ import annotations

import threading
from collections.abc import Callable

from app.province.circuit import Circuit

HEARTBEAT_S = 2.0
_CLOSEST_S = 0.05
_FIRST_S = 8.0


class Contact:
    """One thread: a heartbeat while the province answers, the circuit's probes while it does not."""

    def __init__(
        self, circuit: Circuit, heartbeat_s: float = HEARTBEAT_S, beat: Callable[[], None] = lambda: None
    ) -> None:
        """Prepare; `beat` is called on the thread each time round."""
        self._circuit = circuit
        self._beat = beat
        self._heartbeat_s = heartbeat_s
        self._stopping = threading.Event()
        self._asked = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="contact", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; waits for a call under way. May be called before `start`, which then does nothing lasting."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(15)

    def wait_asked(self) -> None:
        """Wait until the province was asked once, for it or against it; never longer than a request may take."""
        self._asked.wait(_FIRST_S)

    def _keep(self) -> None:
        pause = 0.0
        while not self._stopping.wait(pause):
            if self._circuit.online:
                self._circuit.clock()
            else:
                self._circuit.probe()
            self._asked.set()
            self._beat()
            next_probe = self._circuit.next_probe_in()
            pause = self._heartbeat_s if next_probe is None else max(next_probe, _CLOSEST_S)
