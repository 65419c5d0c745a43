"""The screens behind the sign-in: each is loaded and made when it is first needed, or in a quiet moment before."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer

from app.catalogue.sentences import Sentences
from app.catalogue.texts import Texts
from app.services.scanning import Scanning
from ui.bridge import Bridge
from ui.key_table import KeyRow
from ui.theme.tokens import Tone
from ui.tone_table import ToneTable

if TYPE_CHECKING:
    from ui.clerk.flow import ClerkFlow
    from ui.clerk.key_help import KeyHelp
    from ui.clerk.lock import LockScreen
    from ui.clerk.palette import PalettePanel
    from ui.clerk.profile import ProfileScreen
    from ui.clerk.scan_run import ScanRun
    from ui.clerk.service_run import ServiceRun
    from ui.clerk.sync_desk import SyncDesk
    from ui.clerk.workbench import WorkbenchScreen

IN_TURN = ("workbench", "service", "profile", "palette", "lock", "sync", "key_help", "scan")


class LateScreens:
    """Makes each screen once and connects it to the flow; what all of them are told, a later one is told too."""

    def __init__(
        self,
        flow: ClerkFlow,
        bridge: Bridge,
        texts: Texts,
        sentences: Sentences,
        keys: tuple[KeyRow, ...],
        tones: ToneTable,
        scanning: Scanning,
    ) -> None:
        self._flow = flow
        self._bridge = bridge
        self._texts = texts
        self._sentences = sentences
        self._keys = keys
        self._tones = tones
        self._scanning = scanning
        self._offline = False
        self._copy: tuple[str, Tone] | None = None
        self._tell_offline: list[Callable[[bool], None]] = []
        self._tell_revealed: list[Callable[[bool], None]] = []

    def make_in_turn(self, names: tuple[str, ...] = IN_TURN) -> None:
        """Make what is not there yet, one screen a turn of the loop, for as long as the counter is open."""
        if names and self._flow.opened:
            getattr(self, names[0])
            QTimer.singleShot(0, self._flow, lambda: self.make_in_turn(names[1:]))

    def set_offline(self, offline: bool) -> None:
        """Tell every screen whether the province is away."""
        self._offline = offline
        for tell in self._tell_offline:
            tell(offline)

    def set_copy(self, text: str, tone: Tone) -> None:
        """Tell the sync centre how far the second place is behind."""
        self._copy = (text, tone)
        if "sync" in vars(self):
            self.sync.screen.set_copy(text, tone)

    def set_revealed(self, revealed: bool) -> None:
        """Show or mask the numbers on every screen."""
        for tell in self._tell_revealed:
            tell(revealed)

    @cached_property
    def workbench(self) -> WorkbenchScreen:
        """Return the place between people."""
        from ui.clerk.workbench import WorkbenchScreen

        made = WorkbenchScreen(self._texts, self._sentences)
        made.acted.connect(self._flow.act)
        return made

    @cached_property
    def profile(self) -> ProfileScreen:
        """Return the holder's profile."""
        from ui.clerk.profile import ProfileScreen

        made = ProfileScreen(self._texts, self._sentences, self._tones)
        made.service_chosen.connect(self.service.open)
        made.retry_wanted.connect(self._flow.read_card)
        made.reveal_wanted.connect(self.set_revealed)
        self._tell_revealed.append(made.set_revealed)
        return made

    @cached_property
    def service(self) -> ServiceRun:
        """Return the form, the review and the receipt."""
        from ui.clerk.service_run import ServiceRun

        made = ServiceRun(self._flow, self._bridge, self._texts, self._sentences, self._tones)
        self._tell_revealed += (made.form.set_revealed, made.review.set_revealed, made.receipt.set_revealed)
        return made

    @cached_property
    def palette(self) -> PalettePanel:
        """Return the list of services by name or code."""
        from ui.clerk.palette import PalettePanel

        made = PalettePanel(self._texts, self._sentences)
        made.chosen.connect(self.service.open)
        made.closed.connect(self._flow.window.hide_side)
        return made

    @cached_property
    def lock(self) -> LockScreen:
        """Return the locked window."""
        from ui.clerk.lock import LockScreen

        made = LockScreen(self._texts, self._sentences)
        made.submitted.connect(self._flow.unlock)
        return made

    @cached_property
    def sync(self) -> SyncDesk:
        """Return the sync centre at work."""
        from ui.clerk.sync_desk import SyncDesk

        made = SyncDesk(self._flow, self._bridge, self._texts, self._sentences, self._tones)
        self._keep_told(made.screen.set_offline)
        self._tell_revealed.append(made.settle.set_revealed)
        if self._copy is not None:
            made.screen.set_copy(*self._copy)
        return made

    @cached_property
    def scan(self) -> ScanRun:
        """Return the camera's look for a code."""
        from ui.clerk.scan_run import ScanRun

        return ScanRun(self._flow, self._scanning, self._texts, self._sentences)

    @cached_property
    def key_help(self) -> KeyHelp:
        """Return the list of keys."""
        from ui.clerk.key_help import KeyHelp

        made = KeyHelp(self._texts, self._keys)
        made.closed.connect(self._flow.window.hide_side)
        return made

    def _keep_told(self, set_offline: Callable[[bool], None]) -> None:
        set_offline(self._offline)
        self._tell_offline.append(set_offline)
