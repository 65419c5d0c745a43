"""A decoder for a running camera: looks first where the last code was, and spends at most one repair a frame."""

from __future__ import annotations

from hardware.scanners.contrast import Gray
from hardware.scanners.decoder_chain import Box, FoundCode, decode_plain, decode_repaired

_MARGIN = 0.4
"""Share of the code's sides by which a hand moves it between two frames."""
_PATIENCE = 15
"""Frames without a code, half a second, after which the place says nothing any more."""


class RegionTracker:
    """Decodes frame after frame; one a camera, used by its thread only.

    A frame without a code costs the plain try and one repair, another one each frame: the sum stays below a frame's
    time, and all repairs are tried within three frames.
    """

    def __init__(self) -> None:
        self._place: Box | None = None
        self._misses = 0

    @property
    def place(self) -> Box | None:
        """Return where it looks first, or None."""
        return self._place

    def decode(self, frame: Gray) -> tuple[FoundCode, ...]:
        """Return a frame's codes; where the last one stands still, those of its neighbourhood only."""
        found = self._in_place(frame) or decode_plain(frame) or decode_repaired(frame, self._misses)
        if found:
            self._place, self._misses = found[0].box, 0
            return found
        self._misses += 1
        if self._misses >= _PATIENCE:
            self._place = None
        return ()

    def _in_place(self, frame: Gray) -> tuple[FoundCode, ...]:
        if self._place is None:
            return ()
        height, width = frame.shape[:2]
        near = self._place.widened(_MARGIN, width, height)
        if near.right <= near.left or near.bottom <= near.top:
            return ()
        cut = frame[near.top : near.bottom, near.left : near.right]
        return tuple(FoundCode(code.text, code.box.moved(near.left, near.top)) for code in decode_plain(cut))
