"""GoHighLevel's signatures over the raw body: Ed25519, and the older RSA where it is enabled."""

import base64
import binascii
from collections.abc import Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from jorge_data.errors import Unauthenticated

HEADER = "x-ghl-signature"
LEGACY_HEADER = "x-wh-signature"
ABSENT = ("", "N/A")
"""The values of a header that count as missing, as in the vendor's own example."""

PUBLISHED_KEY = """-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEAi2HR1srL4o18O8BRa7gVJY7G7bupbN3H9AwJrHCDiOg=
-----END PUBLIC KEY-----"""
"""The same for every app; when the vendor announces another, JORGE_GHL_PUBLIC_KEY sets it."""

PUBLISHED_RSA_KEY = """-----BEGIN PUBLIC KEY-----
MIICIjANBgkqhkiG9w0BAQEFAAOCAg8AMIICCgKCAgEAokvo/r9tVgcfZ5DysOSC
Frm602qYV0MaAiNnX9O8KxMbiyRKWeL9JpCpVpt4XHIcBOK4u3cLSqJGOLaPuXw6
dO0t6Q/ZVdAV5Phz+ZtzPL16iCGeK9po6D6JHBpbi989mmzMryUnQJezlYJ3DVfB
csedpinheNnyYeFXolrJvcsjDtfAeRx5ByHQmTnSdFUzuAnC9/GepgLT9SM4nCpv
uxmZMxrJt5Rw+VUaQ9B8JSvbMPpez4peKaJPZHBbU3OdeCVx5klVXXZQGNHOs8gF
3kvoV5rTnXV0IknLBXlcKKAQLZcY/Q9rG6Ifi9c+5vqlvHPCUJFT5XUGG5RKgOKU
J062fRtN+rLYZUV+BjafxQauvC8wSWeYja63VSUruvmNj8xkx2zE/Juc+yjLjTXp
IocmaiFeAO6fUtNjDeFVkhf5LNb59vECyrHD2SQIrhgXpO4Q3dVNA5rw576PwTzN
h/AMfHKIjE4xQA1SZuYJmNnmVZLIZBlQAF9Ntd03rfadZ+yDiOXCCs9FkHibELhC
HULgCsnuDJHcrGNd5/Ddm5hxGQ0ASitgHeMZ0kcIOwKDOzOU53lDza6/Y09T7sYJ
PQe7z0cvj7aE4B+Ax1ZoZGPzpJlZtGXCsu9aTEGEnKzmsFqwcSsnw3JB31IGKAyk
T1hhTiaCeIY/OwwwNUY2yvcCAwEAAQ==
-----END PUBLIC KEY-----"""


def read_key(pem: str) -> Ed25519PublicKey:
    """Return an Ed25519 public key from PEM; raise ValueError where it is none."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, Ed25519PublicKey):
        raise ValueError("a key, but not an Ed25519 public key")
    return key


def read_rsa_key(pem: str) -> RSAPublicKey:
    """Return an RSA public key from PEM; raise ValueError where it is none."""
    key = load_pem_public_key(pem.encode())
    if not isinstance(key, RSAPublicKey):
        raise ValueError("a key, but not an RSA public key")
    return key


class Signature:
    """Verifies with an Ed25519 key; with an RSA key as well where the old signature is accepted."""

    def __init__(self, key: Ed25519PublicKey, legacy: RSAPublicKey | None = None) -> None:
        self._key = key
        self._legacy = legacy

    def verify(self, headers: Mapping[str, str], body: bytes) -> None:
        """Raise Unauthenticated unless the body is signed; the old signature counts only where the new is absent."""
        given, old = headers.get(HEADER, ""), headers.get(LEGACY_HEADER, "")
        name = "X-WH-Signature" if given in ABSENT else "X-GHL-Signature"
        try:
            if given not in ABSENT:
                self._key.verify(_decoded(given), body)
            elif self._legacy is not None and old not in ABSENT:
                self._legacy.verify(_decoded(old), body, PKCS1v15(), SHA256())
            else:
                also = " (X-WH-Signature alone is accepted with JORGE_GHL_LEGACY_RSA)" if old not in ABSENT else ""
                raise Unauthenticated(f"X-GHL-Signature is missing: every delivery of GoHighLevel carries one{also}")
        except InvalidSignature:
            raise Unauthenticated(f"{name} is not GoHighLevel's over these bytes") from None


def _decoded(given: str) -> bytes:
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidSignature from None
