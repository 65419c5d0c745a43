"""This device's line: its keys and certificate, asked for where training may, and renewed in time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import closing

from app.domain.clock import Clock, SystemClock
from app.domain.line import LineSecrets, Signing
from app.domain.refusal import Refusal
from app.journal.keys import KeyStoreAway, machine_key_store
from app.journal.line_counter import LineCounter
from app.journal.line_keys import LineKeys
from app.province import line_enrolment, line_tls
from app.province.http_line import HttpLine, LineCodes
from app.province.line_enrolment import Asking, Issued
from app.province.line_guard import LineGuard
from app.province.wire_names import REFERENCE
from app.services.province_address import Address, address_of
from app.services.settings import Settings

NOT_ENROLLED = Refusal("LINE-NOT-ENROLLED")
_EVERY_S = 3600.0
_CODES = LineCodes(away="PROVINCE-AWAY", busy="PROVINCE-BUSY", refused="PROVINCE-REFUSED", nonsense="PROVINCE-NONSENSE")


def _ignore(_refusal: Refusal) -> None:
    """Stand for nobody who is to be told."""


class DeviceLine:
    """Implements `line_guard.Keys` for one device; safe to call from several threads.

    Raises OSError (ssl.SSLError among them) for an authority's file that cannot be used.
    """

    def __init__(self, settings: Settings, address: Address, keys: LineKeys, clock: Clock) -> None:
        self.trust = line_tls.trust_for(address.url, address.authority)
        self._settings = settings
        self._address = address
        self._keys = keys
        self._clock = clock
        self._lock = threading.Lock()
        self._found: LineSecrets | None = None
        self._unsigned = False
        self._next_renewal = clock.monotonic()

    def secrets(self) -> LineSecrets | Refusal | None:
        """Return the keys; in training they are asked for, and None says that this province has no such line."""
        with self._lock:
            if self._found is None and not self._unsigned:
                try:
                    found = self._loaded() or self._enrolled_by_itself()
                except KeyStoreAway as away:
                    return away.refusal
                except OSError:
                    return NOT_ENROLLED
                if isinstance(found, Refusal):
                    return found
                self._found, self._unsigned = found, found is None
            return self._found

    def forget(self) -> None:
        """Ask anew, in training; real keys are given up by a person only, for anybody could tell us to."""
        if self._settings.training:
            with self._lock:
                self._keys.forget()
                self._found = None

    def renew_if_due(self, guard: LineGuard) -> None:
        """Ask for the next certificate when the time has come, at most once an hour; blocks as a call does."""
        found = self._found
        now = self._clock.monotonic()
        if found is None or self._clock.now() < found.renew_at or now < self._next_renewal:
            return
        self._next_renewal = now + _EVERY_S
        settings = self._settings
        with closing(HttpLine(self._address.url, settings.device, settings.training, _CODES, guard=guard)) as line:
            issued = line_enrolment.renew(line, found, self._phrase())
        if isinstance(issued, Issued):
            with self._lock:
                self._found = self._kept(issued)

    def enrol(self, code: str) -> LineSecrets | Refusal:
        """Have this device enrolled with a code; refusals as of `line_enrolment.enrol`."""
        issued = line_enrolment.enrol(self._asking(self._address.url), code, Signing(self._settings.line_signing))
        return issued if isinstance(issued, Refusal) else self._kept(issued)

    def _loaded(self) -> LineSecrets | None:
        found = self._keys.load()
        if found is None or found.device != self._settings.device:
            return None
        if self._settings.training and self._clock.now() >= found.expires_at:
            return None
        self._show()
        return found

    def _enrolled_by_itself(self) -> LineSecrets | Refusal | None:
        if not self._settings.training or self._address.control_url is None or self._keys.phrase() is None:
            return NOT_ENROLLED
        code = line_enrolment.training_code(self._asking(self._address.control_url))
        return self.enrol(code) if isinstance(code, str) else code

    def _kept(self, issued: Issued) -> LineSecrets:
        self._keys.keep(issued.secrets, issued.certificate)
        self._show()
        return issued.secrets

    def _show(self) -> None:
        line_tls.show_certificate(self.trust, self._keys.certificate_file, self._phrase())

    def _asking(self, url: str) -> Asking:
        # Its own: connections made before there is a certificate are not to be used with one.
        trust = line_tls.trust_for(url, self._address.authority)
        return Asking(url, self._settings.device, self._phrase(), trust)

    def _phrase(self) -> str:
        return self._keys.phrase() or ""


def open_device_line(settings: Settings, address: Address, clock: Clock) -> DeviceLine:
    """Prepare a device's line from its data folder; no contact yet. Raises as DeviceLine does."""
    return DeviceLine(settings, address, LineKeys(settings.folder, machine_key_store(settings.folder)), clock)


def make_guard(line: DeviceLine, settings: Settings, clock: Clock, on_false: Callable[[Refusal], None]) -> LineGuard:
    """Return what signs and checks on this line."""
    return LineGuard(line, LineCounter(settings.folder), clock, on_false, line.trust)


def guard_for(
    settings: Settings, url: str, on_false: Callable[[Refusal], None] = _ignore
) -> LineGuard | Refusal | None:
    """Return what guards the line of a verb, None for a wire that has its own ways; LINE-AUTHORITY-UNUSABLE."""
    if settings.wire != REFERENCE:
        return None
    clock = SystemClock()
    try:
        return make_guard(open_device_line(settings, address_of(settings, url), clock), settings, clock, on_false)
    except OSError:
        return _authority_unusable(settings)


def why_not_ready(settings: Settings) -> Refusal | None:
    """Name what keeps a counter for real work from a guarded line: LINE-AUTHORITY-UNUSABLE, LINE-NOT-ENROLLED."""
    if settings.training:
        return None
    try:
        line_tls.trust(settings.province_ca)
    except OSError:
        return _authority_unusable(settings)
    if settings.wire != REFERENCE:
        # Certificates by enrolment belong to the reference wire; what an adapter shows its province is its own matter.
        return None
    try:
        found = LineKeys(settings.folder, machine_key_store(settings.folder)).load()
    except KeyStoreAway as away:
        return away.refusal
    except OSError:
        return NOT_ENROLLED
    return None if found is not None and found.device == settings.device else NOT_ENROLLED


def _authority_unusable(settings: Settings) -> Refusal:
    return Refusal.of("LINE-AUTHORITY-UNUSABLE", file=settings.province_ca)
