"""Bodies of the reference wire /v1 for devices' certificates and line keys. Extended and never replaced."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, Field

from app.training.audit_wire import Name, PublicKey, Signature

Pem = Annotated[str, Field(min_length=1, max_length=8000, description="PEM")]


class CertificateBody(BaseModel):
    """A device asks for its certificate and line keys; signed with the SM2 key that it made."""

    device: Name
    code: Annotated[str, Field(min_length=1, max_length=40, description="one-time, issued by the province")]
    request: Annotated[Pem, Field(description="PKCS#10, signed with the key that TLS is to use")]
    public_key: PublicKey
    line_signing: Annotated[Literal["hmac-sm3", "sm2"], Field(description="how requests and replies are to be signed")]
    signature: Annotated[Signature, Field(description="SM2 over device, code and request, joined by LF")]


class CertificateReply(BaseModel):
    """What the device keeps."""

    key_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="of the keys, in X-Line-Key")]
    certificate: Annotated[Pem, Field(description="the device's; its chain follows")]
    shared_key: Annotated[str, Field(pattern=r"^([0-9a-f]{2})+$", description="for HMAC-SM3, sealed by SM2, DER, hex")]
    province_key: Annotated[PublicKey, Field(description="replies are signed with it where requests are by SM2")]
    sealing_key: Annotated[PublicKey, Field(description="sensitive fields are sealed for it")]
    renew_at: AwareDatetime
    expires_at: AwareDatetime


class RenewalBody(BaseModel):
    """A device asks for its next certificate, with the one that it has; keys stay."""

    request: Annotated[Pem, Field(description="PKCS#10, signed with the key that TLS is to use next")]


class RenewalReply(BaseModel):
    """The next certificate."""

    certificate: Annotated[Pem, Field(description="the device's; its chain follows")]
    renew_at: AwareDatetime
    expires_at: AwareDatetime


class CodeBody(BaseModel):
    """A person at the province wants a device to be enrolled."""

    device: Name


class CodeReply(BaseModel):
    """A one-time code; told once."""

    device: str
    code: str
    expires_at: AwareDatetime
