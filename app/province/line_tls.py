"""TLS of the line: 1.2 at least, the province by its own CA, the device by its certificate, and what failed."""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

PROVINCE_UNKNOWN = "LINE-PROVINCE-UNKNOWN"
CERTIFICATE_UNKNOWN = "LINE-CERTIFICATE-UNKNOWN"
CERTIFICATE_EXPIRED = "LINE-CERTIFICATE-EXPIRED"
TLS_REFUSED = "LINE-TLS-REFUSED"

# OpenSSL's reasons; those of the peer's alerts carry the names of the protocol that brought them (RFC 8446 6.2).
_CODES: Mapping[str, str] = {
    "CERTIFICATE_VERIFY_FAILED": PROVINCE_UNKNOWN,
    "TLSV1_ALERT_UNKNOWN_CA": CERTIFICATE_UNKNOWN,
    "SSLV3_ALERT_BAD_CERTIFICATE": CERTIFICATE_UNKNOWN,
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": CERTIFICATE_UNKNOWN,
    "SSLV3_ALERT_CERTIFICATE_REVOKED": CERTIFICATE_UNKNOWN,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": CERTIFICATE_UNKNOWN,
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": CERTIFICATE_EXPIRED,
    "TLSV1_ALERT_PROTOCOL_VERSION": TLS_REFUSED,
    "UNSUPPORTED_PROTOCOL": TLS_REFUSED,
    "WRONG_VERSION_NUMBER": TLS_REFUSED,
}


def trust(authority: Path | None) -> ssl.SSLContext:
    """Return what tells the province from others: a CA's certificates in a PEM file, and no other's; else the system's.

    Raises OSError (ssl.SSLError among them) for a file that cannot be read or holds no certificate.
    """
    context = ssl.create_default_context(cafile=None if authority is None else str(authority))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def trust_for(url: str, authority: Path | None) -> ssl.SSLContext:
    """Return whom to trust at an address; raises as `trust` does."""
    # Loading the trusted roots costs more than the rest of the start; without TLS nothing is to be trusted.
    return trust(authority) if urlsplit(url).scheme == "https" else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def show_certificate(context: ssl.SSLContext, file: Path, phrase: str) -> None:
    """Have connections from now on show a device's certificate; raises OSError (ssl.SSLError among them)."""
    context.load_cert_chain(file, password=phrase)


def refusal_code(error: BaseException) -> str | None:
    """Return what a TLS connection failed by, as a code of the catalogue; None where TLS was not the reason."""
    found = next((cause for cause in causes(error) if isinstance(cause, ssl.SSLError)), None)
    return None if found is None else _CODES.get(found.reason or "")


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """Return an error and what lies beneath it."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
