"""`yikatong card plug`: a virtual card in the real reader, and with `CARD+PSAM` a PSAM in the slot beside it."""

from __future__ import annotations

import argparse
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from app.catalogue import texts
from app.domain.refusal import Refusal
from app.verbs.entry import Subparsers
from app.verbs.number_option import port, seconds
from app.verbs.printing import print_refusal

if TYPE_CHECKING:
    from hardware.virtual.profiles import CardProfile
    from hardware.virtual.psam_profiles import PsamProfile
    from hardware.virtual.vpcd_card import PlugEnd


_LOOK_S = 0.1


def add_parser(actions: Subparsers) -> None:
    """Add the action."""
    plug = actions.add_parser("plug", help="put a virtual card into vpcd until Ctrl+C")
    plug.add_argument("profile", metavar="PROFILE[+PSAM]")
    plug.add_argument("--port", type=port, default=35963, metavar="N")
    plug.add_argument("--seconds", type=seconds, metavar="S", help="take it out again after so many seconds")
    plug.add_argument("--json", action="store_true", help='print {"profile", "port"} when it is in')
    plug.set_defaults(run=run_plug)


def run_plug(namespace: argparse.Namespace) -> int:
    """Keep the chips in the reader until SIGINT, SIGTERM or the time given, counted from when all are in."""
    from hardware.virtual.vpcd_card import PlugEnd

    profiles = _profiles(namespace.profile)
    if isinstance(profiles, Refusal):
        print_refusal(profiles)
        return 2
    stop = threading.Event()
    timer = threading.Timer(namespace.seconds, stop.set) if namespace.seconds is not None else None
    missing = set(range(len(profiles)))
    gate = threading.Lock()

    def plugged(slot: int) -> None:
        with gate:
            if slot not in missing:
                return
            missing.discard(slot)
            if missing:
                return
        _say(namespace.profile, namespace.port, as_json=namespace.json)
        if timer is not None:
            timer.start()

    with _stopped_by_signals(stop):
        ends = _served(profiles, namespace.port, stop, plugged)
    if timer is not None and not missing:
        timer.cancel()
        timer.join()
    for slot, end in enumerate(ends):
        if end in (PlugEnd.NOBODY_LISTENS, PlugEnd.OCCUPIED):
            code = "CARD-PLUG-NOBODY" if end is PlugEnd.NOBODY_LISTENS else "CARD-PLUG-OCCUPIED"
            print_refusal(Refusal.of(code, port=namespace.port + slot))
            return 2
    return 0


def _profiles(named: str) -> tuple[CardProfile | PsamProfile, ...] | Refusal:
    """Return a profile a slot of vpcd, the card's first."""
    from hardware.virtual.profile_names import PLUS, profile_names, psam_names
    from hardware.virtual.profiles import ProfileError, load_profile
    from hardware.virtual.psam_profiles import load_psam

    # A file may have any name.
    card, plus, psam = (named, "", "") if _is_file(named) else named.partition(PLUS)
    try:
        profile = load_profile(card)
    except ProfileError:
        return Refusal.of("CARD-PROFILE-UNKNOWN", profile=card, names=", ".join(profile_names()))
    if not plus:
        return (profile,)
    try:
        return (profile, load_psam(psam))
    except ProfileError:
        return Refusal.of("CARD-PSAM-UNKNOWN", profile=psam, names=", ".join(psam_names()))


def _is_file(named: str) -> bool:
    try:
        return Path(named).is_file()
    except OSError:
        # A name that no file can have.
        return False


def _served(
    profiles: tuple[CardProfile | PsamProfile, ...], first: int, stop: threading.Event, plugged: Callable[[int], None]
) -> list[PlugEnd]:
    """Serve each chip on a thread of its own, until one of them ends; vpcd gives each slot a port."""
    from hardware.virtual.vpcd_card import run_vpcd_card

    def serve(slot: int) -> PlugEnd:
        try:
            return run_vpcd_card(
                profiles[slot], "127.0.0.1", first + slot, stop, insist=False, on_plugged=lambda: plugged(slot)
            )
        finally:
            stop.set()

    with ThreadPoolExecutor(len(profiles), "virtual-chip") as pool:
        chips: list[Future[PlugEnd]] = [pool.submit(serve, slot) for slot in range(len(profiles))]
        # Not by waiting for `stop`: a signal's handler that sets it would wait for this very thread.
        while not stop.is_set():
            time.sleep(_LOOK_S)
        return [chip.result() for chip in chips]


@contextmanager
def _stopped_by_signals(stop: threading.Event) -> Iterator[None]:
    before = [(number, signal.signal(number, lambda *_: stop.set())) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _say(profile: str, first: int, *, as_json: bool) -> None:
    told = json.dumps({"profile": profile, "port": first})
    # Flushed at once: whoever started this waits for the line.
    print(told if as_json else texts.load()("verbs.card.plugged", profile=profile, port=first), flush=True)
