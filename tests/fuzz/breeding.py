"""A seeded generator of inputs: sound bytes changed a little, now and then wholly random ones."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.fuzz.target import Target

_TELLING = (0x00, 0x01, 0x1F, 0x61, 0x6C, 0x7F, 0x80, 0x81, 0x82, 0x90, 0x9F, 0xEE, 0xFE, 0xFF)
"""Bytes at which something begins, ends or changes its meaning."""


def inputs(target: Target, seed: int, count: int) -> Iterator[bytes]:
    """Yield `count` inputs of at most the target's length; the same seed gives the same ones."""
    dice, corpus = random.Random(seed), target.corpus
    yield from corpus[:count]
    for _ in range(count - len(corpus)):
        if dice.random() < 0.05:
            yield dice.randbytes(dice.randrange(64))
            continue
        bred = bytearray(dice.choice(corpus))
        for _ in range(1 + int(dice.expovariate(0.7))):
            dice.choice(_CHANGES)(dice, bred)
        if dice.random() < 0.1:
            bred += dice.choice(corpus)
        yield bytes(bred[: target.most_bytes])


def _place(dice: random.Random, bred: bytearray) -> int:
    return dice.randrange(len(bred) + 1)


def _flip(dice: random.Random, bred: bytearray) -> None:
    if bred:
        bred[dice.randrange(len(bred))] ^= 1 << dice.randrange(8)


def _telling(dice: random.Random, bred: bytearray) -> None:
    if bred:
        bred[dice.randrange(len(bred))] = dice.choice(_TELLING)


def _any(dice: random.Random, bred: bytearray) -> None:
    if bred:
        bred[dice.randrange(len(bred))] = dice.randrange(256)


def _insert(dice: random.Random, bred: bytearray) -> None:
    at = _place(dice, bred)
    bred[at:at] = dice.randbytes(1 + dice.randrange(4))


def _take_out(dice: random.Random, bred: bytearray) -> None:
    at = _place(dice, bred)
    del bred[at : at + 1 + dice.randrange(4)]


def _cut(dice: random.Random, bred: bytearray) -> None:
    del bred[_place(dice, bred) :]


def _repeat(dice: random.Random, bred: bytearray) -> None:
    at = _place(dice, bred)
    bred[at:at] = bred[at : at + 1 + dice.randrange(16)]


_CHANGES: tuple[Callable[[random.Random, bytearray], None], ...] = (
    _flip,
    _telling,
    _any,
    _insert,
    _take_out,
    _cut,
    _repeat,
)
