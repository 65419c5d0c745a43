"""The decoder chain beside its own first part, pyzbar and OpenCV's detector, on the same frames."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import cv2

from hardware.scanners.contrast import Gray
from hardware.scanners.decoder_chain import decode, decode_plain, second_opinion
from tests.bench.camera_frames import CameraFrame, Hardness
from tests.bench.report import table

CHAIN, PLAIN = "chain", "zxing-cpp"
ROUNDS = 3


@dataclass(frozen=True)
class Result:
    """What one decoder made of the frames; seconds of its quickest round by frame."""

    read: frozenset[int]
    wrong: int
    seconds: tuple[float, ...]


@dataclass(frozen=True)
class Race:
    """Every decoder's result."""

    frames: Sequence[CameraFrame]
    results: Mapping[str, Result]

    def read_in(self, name: str, hardness: Hardness) -> int:
        """Count the frames of a class that a decoder has read."""
        return sum(1 for number in self.results[name].read if self.frames[number].hardness is hardness)

    def share(self, name: str) -> float:
        """Return a decoder's rate over all."""
        return len(self.results[name].read) / len(self.frames)

    @property
    def ratio(self) -> float:
        """Return the chain's time by zxing-cpp's, over the frames that zxing-cpp reads."""
        own = self.results[PLAIN]
        chain = self.results[CHAIN].seconds
        return sum(chain[number] for number in own.read) / sum(own.seconds[number] for number in own.read)

    def table(self) -> str:
        """Return rates by class, wrong texts and times as a Markdown table."""
        head = ["decoder", *(hardness.name.lower() for hardness in Hardness), "rate", "wrong", "p50 ms", "p95 ms"]
        rows = []
        for name, result in self.results.items():
            times = sorted(result.seconds)
            rows.append(
                [
                    name,
                    *(str(self.read_in(name, hardness)) for hardness in Hardness),
                    f"{self.share(name):.3f}",
                    str(result.wrong),
                    f"{times[len(times) // 2] * 1000:.1f}",
                    f"{times[len(times) * 95 // 100] * 1000:.1f}",
                ]
            )
        return table(head, rows)


def race(frames: Sequence[CameraFrame], *, with_others: bool) -> Race:
    """Read all frames: the chain and zxing-cpp by turns, each frame's quickest of three; the others once."""
    second = second_opinion()
    chain = _times([lambda image: [code.text for code in decode(image, second).codes], _plain], frames, ROUNDS)
    results = dict(zip((CHAIN, PLAIN), chain, strict=True))
    if with_others:
        if second is not None:
            results["pyzbar"] = _times([lambda image: [code.text for code in second(image)]], frames, 1)[0]
        results["OpenCV"] = _times([_opencv], frames, 1)[0]
    return Race(frames, results)


def _plain(image: Gray) -> list[str]:
    return [code.text for code in decode_plain(image)]


def _opencv(image: Gray) -> list[str]:
    text, _, _ = cv2.QRCodeDetector().detectAndDecode(image)
    return [text] if text else []


def _times(decoders: Sequence[Callable[[Gray], list[str]]], frames: Sequence[CameraFrame], rounds: int) -> list[Result]:
    read: list[set[int]] = [set() for _ in decoders]
    wrong = [0] * len(decoders)
    seconds = [[float("inf")] * len(frames) for _ in decoders]
    for number, frame in enumerate(frames):
        for _ in range(rounds):
            for which, decoder in enumerate(decoders):
                begun = time.perf_counter()
                texts = decoder(frame.image)
                seconds[which][number] = min(seconds[which][number], time.perf_counter() - begun)
                if frame.text in texts:
                    read[which].add(number)
                wrong[which] += sum(1 for text in texts if text != frame.text)
    return [
        Result(frozenset(found), failed // rounds, tuple(took))
        for found, failed, took in zip(read, wrong, seconds, strict=True)
    ]
