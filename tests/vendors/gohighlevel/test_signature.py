"""Signatures: the new one wherever it stands; the old only where it is wished, and never for a wrong new one."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from jorge_data.errors import Unauthenticated
from jorge_data.vendors.gohighlevel import PUBLISHED_KEY, PUBLISHED_RSA_KEY, Signature, read_key, read_rsa_key

BODY = b'{"type": "ContactCreate"}'
KEY = Ed25519PrivateKey.generate()
OLD_KEY = rsa.generate_private_key(65537, 2048)
GOOD = base64.b64encode(KEY.sign(BODY)).decode()
OLD = base64.b64encode(OLD_KEY.sign(BODY, PKCS1v15(), SHA256())).decode()


def verify(headers: dict[str, str], legacy: bool = False, body: bytes = BODY) -> None:
    Signature(KEY.public_key(), OLD_KEY.public_key() if legacy else None).verify(headers, body)


def test_the_published_keys_are_those_of_the_vendor() -> None:
    raw = read_key(PUBLISHED_KEY).public_bytes(Encoding.Raw, PublicFormat.Raw)
    assert raw.hex() == "8b61d1d6cacbe28d7c3bc0516bb815258ec6edbba96cddc7f40c09ac708388e8"
    numbers = read_rsa_key(PUBLISHED_RSA_KEY)
    assert (numbers.key_size, numbers.public_numbers().e) == (4096, 65537)


def test_a_key_of_another_kind_is_none() -> None:
    with pytest.raises(ValueError, match="not an Ed25519 public key"):
        read_key(PUBLISHED_RSA_KEY)
    with pytest.raises(ValueError, match="not an RSA public key"):
        read_rsa_key(PUBLISHED_KEY)


def test_the_new_signature_is_enough() -> None:
    verify({"x-ghl-signature": GOOD})
    verify({"x-ghl-signature": GOOD, "x-wh-signature": "wrong"}, legacy=True)


def test_the_old_one_counts_where_it_is_wished_and_the_new_is_absent() -> None:
    verify({"x-wh-signature": OLD}, legacy=True)
    verify({"x-ghl-signature": "N/A", "x-wh-signature": OLD}, legacy=True)


@pytest.mark.parametrize(
    ("headers", "legacy"),
    [
        ({"x-wh-signature": OLD}, False),
        ({"x-wh-signature": GOOD}, True),
        ({"x-wh-signature": "N/A"}, True),
        ({"x-ghl-signature": OLD, "x-wh-signature": OLD}, True),
        ({"x-ghl-signature": "wrong", "x-wh-signature": OLD}, True),
        ({}, True),
    ],
)
def test_nothing_else_does(headers: dict[str, str], legacy: bool) -> None:
    with pytest.raises(Unauthenticated) as refused:
        verify(headers, legacy)
    assert not [value for value in headers.values() if len(value) > 5 and value in str(refused.value)]


@pytest.mark.parametrize("body", [BODY + b" ", BODY.replace(b" ", b""), b""])
def test_it_is_over_the_bytes(body: bytes) -> None:
    with pytest.raises(Unauthenticated):
        verify({"x-ghl-signature": GOOD, "x-wh-signature": OLD}, legacy=True, body=body)
