"""The order of a touch pad's keys: anew at each entry, from the system's random numbers."""

from __future__ import annotations

import secrets


def shuffled_keys() -> tuple[int, ...]:
    """Return the ten digits in an order that nobody can foresee."""
    order = list(range(10))
    secrets.SystemRandom().shuffle(order)
    return tuple(order)
