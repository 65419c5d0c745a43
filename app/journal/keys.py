"""The journal's raw key: in the system's keyring, or in a 0600 file beside the journal where there is none."""

from __future__ import annotations

import os
import secrets
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from app.domain.refusal import Refusal
from app.journal.digest import KEY_BYTES

KEY_STORE_VARIABLE = "YIKATONG_KEY_STORE"
KEY_FILE = "journal.key"
KEY_ID_FILE = "journal.keyid"
KEYRING_SERVICE = "yikatong-counter"
RING_WAIT_S = 30.0
T = TypeVar("T")

Strength = Literal["keyring", "file"]

# Named one by one: keyrings.alt prompts on stdin or stores in clear, and fail/null keep nothing.
_TRUSTED_BACKENDS = (
    "keyring.backends.SecretService",
    "keyring.backends.Windows",
    "keyring.backends.macOS",
    "keyring.backends.kwallet",
    "keyring.backends.libsecret",
)


class KeyStoreAway(Exception):
    """The key cannot be fetched now, which does not mean that it is gone; carries the Refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


class KeyStore(Protocol):
    """Where the journal's raw key is kept. Calls may block; both may raise KeyStoreAway or OSError."""

    def load(self) -> bytes | None:
        """Return the 32 bytes, or None when there is no key."""
        ...

    def create(self) -> bytes:
        """Make, keep and return a new key; only for a folder that has no journal yet."""
        ...

    def keep(self, key: bytes) -> None:
        """Keep the key of a journal that is restored here."""
        ...

    @property
    def strength(self) -> Strength:
        """Return `keyring`, or the weaker `file`."""
        ...


class Ring(Protocol):
    """A keyring of the operating system. Both calls may block on its service; raise KeyStoreAway."""

    def get(self, name: str) -> str | None:
        """Return a secret, or None."""
        ...

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        ...


class FolderKeyStore:
    """The key of the journal in one folder.

    Which file lies beside the journal says where its key is: `journal.key` is the key, `journal.keyid` its name in the
    keyring. So a journal finds its key again whatever keyring the next session happens to have.
    """

    def __init__(self, folder: Path, find_ring: Callable[[], Ring | None]) -> None:
        self._key_file = folder / KEY_FILE
        self._id_file = folder / KEY_ID_FILE
        self._find_ring = find_ring

    def load(self) -> bytes | None:
        """Return the key, or None; raises KeyStoreAway when the keyring that holds it does not answer."""
        if self._key_file.exists():
            if os.name == "posix" and self._key_file.stat().st_mode & 0o077:
                self._key_file.chmod(0o600)
            return _decode(self._key_file.read_text("ascii", errors="replace"))
        if self._id_file.exists():
            ring = self._find_ring()
            if ring is None:
                raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY"))
            return _decode(ring.get(self._id_file.read_text("ascii", errors="replace").strip()) or "")
        return None

    def create(self) -> bytes:
        """Make a key in the keyring, else in the file; it is kept for sure before it is returned."""
        key = secrets.token_bytes(KEY_BYTES)
        self.keep(key)
        return key

    def keep(self, key: bytes) -> None:
        """Put a key into the keyring, else into the file, for sure before returning."""
        ring = self._find_ring()
        if ring is None or not self._put(ring, key):
            _write_private(self._key_file, key.hex())

    @property
    def strength(self) -> Strength:
        """Return where the key is, or would be made."""
        if self._key_file.exists():
            return "file"
        if self._id_file.exists():
            return "keyring"
        return "file" if self._find_ring() is None else "keyring"

    def _put(self, ring: Ring, key: bytes) -> bool:
        name = f"journal-{uuid.uuid4()}"
        try:
            ring.put(name, key.hex())
            if ring.get(name) != key.hex():
                return False
        except KeyStoreAway:
            return False
        _write_private(self._id_file, name)
        return True


class SystemRing:
    """A trusted backend of the keyring package."""

    def __init__(self, backend: _Backend, error: type[Exception], wait_s: float = RING_WAIT_S) -> None:
        self._backend = backend
        self._error = error
        self._wait_s = wait_s

    def get(self, name: str) -> str | None:
        """Return a secret, or None; may block while the keyring asks its owner to unlock it."""
        return self._in_time(lambda: self._backend.get_password(KEYRING_SERVICE, name))

    def put(self, name: str, secret: str) -> None:
        """Keep a secret."""
        self._in_time(lambda: self._backend.set_password(KEYRING_SERVICE, name, secret))

    def _in_time(self, call: Callable[[], T]) -> T:
        """Wait for the keyring as long as its owner may take to unlock it, and no longer: nobody may stand there."""
        answer: Future[T] = Future()

        def ask() -> None:
            try:
                answer.set_result(call())
            except self._error as error:
                answer.set_exception(error)

        threading.Thread(target=ask, name="keyring", daemon=True).start()
        try:
            return answer.result(self._wait_s)
        except (self._error, TimeoutError) as error:
            raise KeyStoreAway(Refusal("JOURNAL-KEYRING-AWAY")) from error


class _Backend(Protocol):
    def get_password(self, service: str, username: str) -> str | None: ...

    def set_password(self, service: str, username: str, password: str) -> None: ...


def system_ring() -> Ring | None:
    """Find the first trusted backend of the keyring package; None where only fail, null or plain-text ones are."""
    import keyring
    import keyring.errors

    chosen = keyring.get_keyring()
    for backend in getattr(chosen, "backends", (chosen,)):
        if type(backend).__module__.startswith(_TRUSTED_BACKENDS):
            return SystemRing(backend, keyring.errors.KeyringError)
    return None


def no_ring() -> Ring | None:
    """Stand for a machine without a keyring."""
    return None


def machine_key_store(folder: Path, environ: Mapping[str, str] = os.environ) -> KeyStore:
    """Return the key store of a folder; YIKATONG_KEY_STORE=file forces the file for a new journal."""
    return FolderKeyStore(folder, no_ring if environ.get(KEY_STORE_VARIABLE) == "file" else system_ring)


def key_name(folder: Path) -> str:
    """Return the name in the keyring of a folder's key; empty where it is in a file."""
    file = folder / KEY_ID_FILE
    return file.read_text("ascii", errors="replace").strip() if file.exists() else ""


def key_by_name(name: str) -> bytes | None:
    """Return a key of this machine's keyring; None where there is no such name, or no keyring that answers."""
    ring = system_ring() if name else None
    try:
        return None if ring is None else _decode(ring.get(name) or "")
    except KeyStoreAway:
        return None


def key_in(file: Path) -> bytes | None:
    """Return the key of a `journal.key` that was kept apart; None for a file that holds none. Raises OSError."""
    return _decode(file.read_text("ascii", errors="replace"))


def _decode(text: str) -> bytes | None:
    try:
        key = bytes.fromhex(text.strip())
    except ValueError:
        return None
    return key if len(key) == KEY_BYTES else None


def _write_private(file: Path, text: str) -> None:
    fresh = file.with_name(file.name + ".new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
    if os.name == "posix":
        # The name must be on disk before a journal is written under the key it names.
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
