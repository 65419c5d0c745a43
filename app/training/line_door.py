"""The training province's secure door: TLS 1.2 at least on loopback, with devices' certificates by its own authority.

A certificate is proved by the handshake where one is shown; who has to show one, the gate says. Handshakes that fail
leave an alarm: OpenSSL refuses what is expired, of another authority, or of an older protocol before anybody is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import Server

from app.domain.clock import Clock
from app.journal.private_files import replace_private
from app.training import line_rules
from app.training.line_check import LineCheck
from app.training.line_counters import LineCounters
from app.training.line_desk import LineDesk
from app.training.line_rules import LineRules

AUTHORITY_FILE = "line-ca.pem"
_SERVER_FILE = "line-server.pem"
_LOOPBACK = "127.0.0.1"
_HANDSHAKE_S = 5.0
_EXPIRED = 10
"""X509_V_ERR_CERT_HAS_EXPIRED."""

Alarm = Callable[[str], None]


@dataclass(frozen=True)
class SecureDoor:
    """A listening socket with what guards it."""

    line: socket.socket
    context: ssl.SSLContext
    check: LineCheck
    desk: LineDesk
    rules: LineRules
    authority_file: Path

    @property
    def url(self) -> str:
        """Return the address."""
        return f"https://{_LOOPBACK}:{self.line.getsockname()[1]}"


@contextmanager
def open_secure_door(desk: LineDesk, clock: Clock, data_dir: Path) -> Iterator[SecureDoor]:
    """Listen on a free port; the authority's certificate, which devices pin, is in a file of the folder.

    Raises OSError and SQLAlchemy's DatabaseError.
    """
    rules = line_rules.load()
    authority = desk.open()
    certificate = data_dir / AUTHORITY_FILE
    certificate.write_text(authority.pem, "ascii")
    replace_private(data_dir / _SERVER_FILE, authority.server(clock.now()).encode())
    counters = LineCounters.open(data_dir, rules.behind)
    line = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        line.bind((_LOOPBACK, 0))
        context = _context(data_dir / _SERVER_FILE, authority.pem, lambda code: _soon(desk, code))
        yield SecureDoor(line, context, LineCheck(desk, counters, clock, rules), desk, rules, certificate)
    finally:
        line.close()
        counters.close()


async def listen(server: Server, door: SecureDoor) -> asyncio.Server:
    """Have a running server answer at the secure door too."""
    config = server.config

    def protocol() -> asyncio.Protocol:
        made: asyncio.Protocol = config.http_protocol_class(  # type: ignore[call-arg]
            config=config, server_state=server.server_state, app_state=server.lifespan.state
        )
        return made

    return await asyncio.get_running_loop().create_server(
        protocol, sock=door.line, ssl=door.context, ssl_handshake_timeout=_HANDSHAKE_S
    )


def peer_certificate(server: Server, client: tuple[str, int]) -> str | None:
    """Return the SHA-256 of the certificate that a connection's client proved, as hex; None for none."""
    for connection in server.server_state.connections:
        if getattr(connection, "client", None) == client and connection.transport is not None:
            channel = connection.transport.get_extra_info("ssl_object")
            shown = None if channel is None else channel.getpeercert(binary_form=True)
            return None if shown is None else hashlib.sha256(shown).hexdigest()
    return None


def _context(server_file: Path, authority: str, alarm: Alarm) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(server_file)
    context.load_verify_locations(cadata=authority)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.sslobject_class = _watched(alarm)
    return context


def _watched(alarm: Alarm) -> type[ssl.SSLObject]:
    class Watched(ssl.SSLObject):
        """The hook that `ssl` offers: it says which handshakes fail, which asyncio keeps to itself."""

        def do_handshake(self) -> None:
            try:
                super().do_handshake()
            except ssl.SSLWantReadError:
                raise
            except ssl.SSLCertVerificationError as error:
                expired = error.verify_code == _EXPIRED
                alarm("LINE-CERTIFICATE-EXPIRED" if expired else "LINE-CERTIFICATE-UNKNOWN")
                raise
            except ssl.SSLError:
                alarm("LINE-TLS-REFUSED")
                raise

    return Watched


def watched_http(desk: LineDesk) -> type[H11Protocol]:
    """Return uvicorn's protocol with an alarm for bytes that are no HTTP, which it answers by itself."""

    class Watched(H11Protocol):
        def send_400_response(self, msg: str) -> None:
            _soon(desk, "LINE-NO-HTTP")
            super().send_400_response(msg)

    return Watched


def _soon(desk: LineDesk, code: str) -> None:
    asyncio.get_running_loop().run_in_executor(None, desk.alarm, "", code)
