"""Whether something is for training or for real work; the two never share a folder or a hall."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """What a journal and a hall were made for."""

    TRAINING = "training"
    REAL = "real"

    @classmethod
    def of(cls, training: bool) -> Mode:
        """Return the mode of a program that runs in training, or does not."""
        return cls.TRAINING if training else cls.REAL
