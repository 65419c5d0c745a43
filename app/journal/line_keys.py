"""A device's keys for the line to the province, in its data folder: all of them under keys derived from the journal's.

`line.keys` has what signs and seals, in SM4-GCM; `line.pem` the certificate with its chain, and its private key as
PKCS#8 under a pass phrase. Without the journal's key neither can be used; another machine asks for new ones.
"""

from __future__ import annotations

import hmac
import json
from datetime import datetime
from pathlib import Path

from app.domain.line import LineSecrets, Signing
from app.journal.keys import KeyStore
from app.journal.private_files import replace_private

KEYS_FILE = "line.keys"
CERTIFICATE_FILE = "line.pem"
_SEALING, _PHRASE = b"yikatong line keys", b"yikatong line certificate"
_KEY_BYTES = 16
_BYTES = ("private_key", "public_key", "shared_key", "province_key", "sealing_key")
_TIMES = ("renew_at", "expires_at")


class LineKeys:
    """The files; calls may block on a keyring and raise KeyStoreAway or OSError."""

    def __init__(self, folder: Path, store: KeyStore) -> None:
        self._folder = folder
        self._store = store

    @property
    def certificate_file(self) -> Path:
        """Return where certificate and private key are."""
        return self._folder / CERTIFICATE_FILE

    def phrase(self) -> str | None:
        """Return the pass phrase of the private key; None where there is no journal."""
        key = self._store.load()
        return None if key is None else hmac.digest(key, _PHRASE, "sm3").hex()

    def load(self) -> LineSecrets | None:
        """Return the keys; None when there are none, or none that the journal's key opens."""
        from hardware.crypto import sm4_gcm

        file, key = self._folder / KEYS_FILE, self._store.load()
        if key is None or not file.exists() or not self.certificate_file.exists():
            return None
        clear = sm4_gcm.unseal(_sealing_key(key), file.read_bytes(), _SEALING)
        return None if clear is None else _read(json.loads(clear))

    def keep(self, secrets: LineSecrets, certificate: str) -> None:
        """Keep keys and certificate (PEM: chain and encrypted private key) in the place of those before.

        The certificate first: keys are what `load` finds, and it needs both.
        """
        from hardware.crypto import sm4_gcm

        key = self._store.load()
        assert key is not None, "the journal is opened first"
        replace_private(self.certificate_file, certificate.encode())
        replace_private(self._folder / KEYS_FILE, sm4_gcm.seal(_sealing_key(key), _written(secrets), _SEALING))

    def forget(self) -> None:
        """Forget everything; the device has to be enrolled anew."""
        for name in (KEYS_FILE, CERTIFICATE_FILE):
            (self._folder / name).unlink(missing_ok=True)


def _sealing_key(key: bytes) -> bytes:
    return hmac.digest(key, _SEALING, "sm3")[:_KEY_BYTES]


def _written(secrets: LineSecrets) -> bytes:
    found = vars(secrets)
    texts = {name: found[name].hex() for name in _BYTES} | {name: found[name].isoformat() for name in _TIMES}
    return json.dumps({**found, **texts, "signing": secrets.signing.value}).encode()


def _read(found: dict[str, str]) -> LineSecrets:
    private, public, shared, province, sealing = (bytes.fromhex(found[name]) for name in _BYTES)
    renew_at, expires_at = (datetime.fromisoformat(found[name]) for name in _TIMES)
    return LineSecrets(
        device=found["device"],
        key_id=found["key_id"],
        signing=Signing(found["signing"]),
        private_key=private,
        public_key=public,
        shared_key=shared,
        province_key=province,
        sealing_key=sealing,
        renew_at=renew_at,
        expires_at=expires_at,
    )
