"""Enrolment of devices for the line: codes, certificates, keys, and what is known of each device."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine, Row, insert, select, update

from app.domain.clock import Clock
from app.domain.digest import sm3_hex
from app.domain.line import Signing
from app.domain.refusal import Refusal
from app.province.line_text import is_sm2
from app.training import line_authority
from app.training.line_authority import Authority
from app.training.line_models import CertificateBody, CertificateReply, CodeReply, RenewalReply
from app.training.line_rules import LineRules
from app.training.line_schema import LINE_AUTHORITY, LINE_CERTIFICATES, LINE_CODES, LINE_KEYS
from app.training.schema import ALARMS
from app.training.store import stamp
from hardware.crypto import sm2

CODE_WRONG = "LINE-CODE-WRONG"
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 12
_KEY_BYTES = 32


@dataclass(frozen=True)
class DeviceKey:
    """A device's keys as the province has them."""

    key_id: str
    device: str
    signing: Signing
    public_key: bytes
    shared_key: bytes = field(repr=False)


class LineDesk:
    """Keeps the authority and the devices. Everything known is in memory too: each request is checked against it."""

    def __init__(self, engine: Engine, clock: Clock, rules: LineRules) -> None:
        self._engine = engine
        self._clock = clock
        self._rules = rules
        self._keys: dict[str, DeviceKey] = {}
        self._certificates: dict[str, str] = {}
        self.authority: Authority | None = None
        self.signing: sm2.Sm2Pair | None = None
        self.sealing: sm2.Sm2Pair | None = None

    def open(self) -> Authority:
        """Make the authority, once, and read what is known."""
        with self._engine.begin() as connection:
            if connection.execute(select(LINE_AUTHORITY.c.id)).first() is None:
                _make(connection, self._clock.now())
            own = connection.execute(select(LINE_AUTHORITY)).one()
            self.authority = line_authority.read_authority(own.certificate, own.key)
            self.signing = sm2.Sm2Pair(bytes.fromhex(own.signing_private), bytes.fromhex(own.signing_public))
            self.sealing = sm2.Sm2Pair(bytes.fromhex(own.sealing_private), bytes.fromhex(own.sealing_public))
            for row in connection.execute(select(LINE_KEYS).where(LINE_KEYS.c.revoked.is_(False))):
                self._keys[row.key_id] = _device_key(row)
            for row in connection.execute(select(LINE_CERTIFICATES)):
                self._certificates[row.fingerprint] = row.key_id
        return self.authority

    def key(self, key_id: str) -> DeviceKey | None:
        """Return a device's keys by their id; None for unknown and revoked ones."""
        return self._keys.get(key_id)

    @property
    def any_keys(self) -> bool:
        """Tell whether any device has keys."""
        return bool(self._keys)

    def has_keys(self, device: str) -> bool:
        """Tell whether a device has keys, so that nothing unsigned is taken of it."""
        return any(key.device == device for key in self._keys.values())

    def certified(self, fingerprint: str) -> str | None:
        """Return the key id that a certificate goes with; None for a certificate that is not known."""
        return self._certificates.get(fingerprint)

    def issue_code(self, device: str) -> CodeReply:
        """Make a code with which a device may be enrolled once."""
        code = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        until = self._clock.now() + self._rules.code
        with self._engine.begin() as connection:
            values = {"code_sm3": sm3_hex(code.encode()), "device": device, "expires_at": stamp(until)}
            connection.execute(insert(LINE_CODES).values(values))
        return CodeReply(device=device, code=code, expires_at=until)

    def enrol(self, asked: CertificateBody) -> CertificateReply | Refusal:
        """Take a device's keys for a code; refusals: LINE-CODE-WRONG, LINE-REQUEST-WRONG. Both leave an alarm."""
        authority, signing, sealing = self._own()
        now = self._clock.now()
        said = "\n".join((asked.device, asked.code, asked.request)).encode()
        public = bytes.fromhex(asked.public_key)
        certificate = authority.device(asked.request, asked.device, now, self._rules.certificate)
        if certificate is None or not is_sm2(public, said, asked.signature):
            return self._refuse(asked.device, "LINE-REQUEST-WRONG")
        key = DeviceKey(
            secrets.token_hex(16), asked.device, Signing(asked.line_signing), public, secrets.token_bytes(_KEY_BYTES)
        )
        with self._engine.begin() as connection:
            used = (
                update(LINE_CODES)
                .where(
                    LINE_CODES.c.code_sm3 == sm3_hex(asked.code.encode()),
                    LINE_CODES.c.device == asked.device,
                    LINE_CODES.c.used_at.is_(None),
                    LINE_CODES.c.expires_at > stamp(now),
                )
                .values(used_at=stamp(now))
            )
            taken = connection.execute(used).rowcount == 1
            if taken:
                _keep_key(connection, key, now)
                _keep_certificate(connection, line_authority.fingerprint(certificate), key.key_id, now)
        if not taken:
            return self._refuse(asked.device, CODE_WRONG)
        self._keys[key.key_id] = key
        self._certificates[line_authority.fingerprint(certificate)] = key.key_id
        return CertificateReply(
            key_id=key.key_id,
            certificate=line_authority.pem(certificate) + authority.pem,
            shared_key=sm2.encrypt(public, key.shared_key).hex(),
            province_key=signing.public.hex(),
            sealing_key=sealing.public.hex(),
            renew_at=now + self._rules.certificate - self._rules.renewal,
            expires_at=now + self._rules.certificate,
        )

    def renew(self, key_id: str, request: str) -> RenewalReply | Refusal:
        """Issue the next certificate for keys that are known; refusals: LINE-DEVICE-UNKNOWN, LINE-REQUEST-WRONG."""
        authority, _signing, _sealing = self._own()
        key, now = self._keys.get(key_id), self._clock.now()
        if key is None:
            return Refusal("LINE-DEVICE-UNKNOWN")
        certificate = authority.device(request, key.device, now, self._rules.certificate)
        if certificate is None:
            return self._refuse(key.device, "LINE-REQUEST-WRONG")
        with self._engine.begin() as connection:
            _keep_certificate(connection, line_authority.fingerprint(certificate), key_id, now)
        self._certificates[line_authority.fingerprint(certificate)] = key_id
        return RenewalReply(
            certificate=line_authority.pem(certificate) + authority.pem,
            renew_at=now + self._rules.certificate - self._rules.renewal,
            expires_at=now + self._rules.certificate,
        )

    def revoke(self, device: str) -> int:
        """Take back all keys of a device; returns how many."""
        with self._engine.begin() as connection:
            connection.execute(update(LINE_KEYS).where(LINE_KEYS.c.device == device).values(revoked=True))
        gone = [key_id for key_id, key in self._keys.items() if key.device == device]
        for key_id in gone:
            del self._keys[key_id]
        return len(gone)

    def alarm(self, device: str, code: str) -> None:
        """Leave a row for somebody to look at; the device is what a request said, true or not."""
        with self._engine.begin() as connection:
            values = {"device": device, "incarnation": "", "code": code, "at": stamp(self._clock.now())}
            connection.execute(insert(ALARMS).values(values))

    def _refuse(self, device: str, code: str) -> Refusal:
        self.alarm(device, code)
        return Refusal(code)

    def _own(self) -> tuple[Authority, sm2.Sm2Pair, sm2.Sm2Pair]:
        assert self.authority is not None, "opened first"
        assert self.signing is not None
        assert self.sealing is not None
        return self.authority, self.signing, self.sealing


def _make(connection: Connection, now: datetime) -> None:
    authority, signing, sealing = line_authority.make_authority(now), sm2.make_pair(), sm2.make_pair()
    values = {
        "certificate": authority.pem,
        "key": authority.key_pem,
        "signing_private": signing.private.hex(),
        "signing_public": signing.public.hex(),
        "sealing_private": sealing.private.hex(),
        "sealing_public": sealing.public.hex(),
    }
    connection.execute(insert(LINE_AUTHORITY).values(values))


def _keep_key(connection: Connection, key: DeviceKey, now: datetime) -> None:
    values = {
        "key_id": key.key_id,
        "device": key.device,
        "signing": key.signing.value,
        "public_key": key.public_key.hex(),
        "shared_key": key.shared_key.hex(),
        "revoked": False,
        "at": stamp(now),
    }
    connection.execute(insert(LINE_KEYS).values(values))


def _keep_certificate(connection: Connection, fingerprint: str, key_id: str, now: datetime) -> None:
    values = {"fingerprint": fingerprint, "key_id": key_id, "at": stamp(now)}
    connection.execute(insert(LINE_CERTIFICATES).values(values))


def _device_key(row: Row[tuple[object, ...]]) -> DeviceKey:
    return DeviceKey(
        row.key_id, row.device, Signing(row.signing), bytes.fromhex(row.public_key), bytes.fromhex(row.shared_key)
    )
