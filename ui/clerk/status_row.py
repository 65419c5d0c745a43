"""The row above the keys: a light for each device, and what waits."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame

from app.catalogue.texts import Texts
from ui.theme.tokens import GRID, Tone, Type
from ui.widgets.device_light import DeviceLight, DeviceView
from ui.widgets.flow import FlowLayout
from ui.widgets.status_chip import StatusChip


class StatusRow(QFrame):
    """Device lights at the left, the synchronisation at the right."""

    def __init__(self, texts: Texts) -> None:
        super().__init__()
        self._texts = texts
        self.setProperty("surface", "lights")
        self._lights: list[DeviceLight] = []
        self._sync = StatusChip("", Tone.OK, Type.SMALL, ground=False)
        self._copy = StatusChip("", Tone.OK, Type.SMALL, ground=False)
        self._copy.hide()
        self._layout = FlowLayout(self, gap=18, line_gap=2)
        self._layout.setContentsMargins(2 * GRID, 4, 2 * GRID, 4)
        self._arrange()

    def set_devices(self, devices: tuple[DeviceView, ...]) -> None:
        """Show these devices."""
        if len(devices) != len(self._lights):
            for light in self._lights:
                light.hide()
                light.deleteLater()
            self._lights = [DeviceLight(device) for device in devices]
            self._arrange()
        for light, device in zip(self._lights, devices, strict=True):
            light.set_device(device)

    def set_outbox(self, pending: int, tasks: int) -> None:
        """Say what waits: a task for a person first, then what is to be sent."""
        if tasks:
            self._sync.set_status(self._texts("ui.window.tasks", count=tasks), Tone.ERROR)
        elif pending:
            self._sync.set_status(self._texts("ui.window.to_send", count=pending), Tone.WARN)
        else:
            self._sync.set_status(self._texts("ui.window.synced"), Tone.OK)

    def set_copy(self, text: str, tone: Tone) -> None:
        """Say how far the second place is behind."""
        self._copy.set_status(text, tone)
        self._copy.show()

    def _arrange(self) -> None:
        while self._layout.count():
            self._layout.takeAt(0)
        for light in self._lights:
            self._layout.addWidget(light)
        self._layout.right_from_here()
        self._layout.addWidget(self._copy)
        self._layout.addWidget(self._sync)
