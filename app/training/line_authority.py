"""The training province's own certificate authority (X.509, ECDSA over P-256: what TLS of every system knows).

A province's real line may run through a TLCP gateway (GM/T 0024) with SM2 certificates; requests are signed either way.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_NAME = "一卡通柜面 训练省平台 CA"
_LOOPBACK = "127.0.0.1"
_AUTHORITY_LIFE = timedelta(days=3650)
_SERVER_LIFE = timedelta(days=365)
# Clocks of devices differ.
_BACKDATED = timedelta(days=1)


@dataclass(frozen=True)
class Authority:
    """Issues certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> str:
        """Return the certificate that devices pin."""
        return pem(self.certificate)

    @property
    def key_pem(self) -> str:
        """Return the private key, in clear: everything of the training province is."""
        return _key_pem(self.key)

    def server(self, now: datetime) -> str:
        """Make a server's certificate for loopback; returns its chain and private key as PEM."""
        key = ec.generate_private_key(ec.SECP256R1())
        names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(_LOOPBACK))]
        bare = _bare(
            _named(_LOOPBACK), self.certificate.subject, key.public_key(), self.key.public_key(), now, _SERVER_LIFE
        )
        made = (
            bare.add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .sign(self.key, hashes.SHA256())
        )
        return pem(made) + self.pem + _key_pem(key)

    def device(self, request: str, device: str, now: datetime, life: timedelta) -> x509.Certificate | None:
        """Issue a device's certificate for a request (PKCS#10, PEM); None for one that is not signed with its key."""
        try:
            asked = x509.load_pem_x509_csr(request.encode())
            key = asked.public_key()
        except (ValueError, InvalidSignature):
            return None
        if not isinstance(key, ec.EllipticCurvePublicKey) or not asked.is_signature_valid:
            return None
        bare = _bare(_named(device), self.certificate.subject, key, self.key.public_key(), now, life)
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
        return bare.add_extension(usage, critical=False).sign(self.key, hashes.SHA256())


def make_authority(now: datetime) -> Authority:
    """Make a new authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    bare = _bare(
        _named(_NAME), _named(_NAME), key.public_key(), key.public_key(), now, _AUTHORITY_LIFE, is_authority=True
    )
    return Authority(bare.sign(key, hashes.SHA256()), key)


def read_authority(certificate: str, key: str) -> Authority:
    """Read an authority as `pem` and `key_pem` give it; raises ValueError."""
    private = load_pem_private_key(key.encode(), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey), "as it was made"
    return Authority(x509.load_pem_x509_certificate(certificate.encode()), private)


def fingerprint(certificate: x509.Certificate) -> str:
    """Return a certificate's SHA-256, as hex."""
    return certificate.fingerprint(hashes.SHA256()).hex()


def _bare(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePublicKey,
    now: datetime,
    life: timedelta,
    is_authority: bool = False,
) -> x509.CertificateBuilder:
    path_length = 0 if is_authority else None
    usage = x509.KeyUsage(
        digital_signature=not is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(min(now, now + life) - _BACKDATED)
        .not_valid_after(now + life)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=path_length), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key), critical=False)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def pem(certificate: x509.Certificate) -> str:
    """Return a certificate as PEM."""
    return certificate.public_bytes(Encoding.PEM).decode("ascii")


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii")
