"""How long the GUI loop was away between two ticks of a timer."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QElapsedTimer, QEventLoop, Qt, QTimer

TICK_MS = 5


@dataclass(frozen=True)
class Gaps:
    """Milliseconds between ticks that were due every TICK_MS, sorted."""

    times: tuple[float, ...]

    def part(self, share: float) -> float:
        """Return the gap that a share of all gaps does not exceed."""
        return self.times[min(int(len(self.times) * share), len(self.times) - 1)]

    def figure(self) -> str:
        """Return the three figures as the Speed table prints them."""
        return f"p50 {self.part(0.5):.1f}, p99 {self.part(0.99):.1f}, max {self.times[-1]:.0f} ms of {len(self.times)}"


def gaps_during(seconds: float) -> Gaps:
    """Let the GUI loop run for a time and return the gaps between the ticks of a precise timer in it."""
    loop = QEventLoop()
    found: list[float] = []
    watch = QElapsedTimer()

    def tick() -> None:
        found.append(watch.nsecsElapsed() / 1e6)
        watch.restart()

    timer = QTimer(interval=TICK_MS, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    watch.start()
    timer.start()
    loop.exec()
    timer.stop()
    return Gaps(tuple(sorted(found)))
