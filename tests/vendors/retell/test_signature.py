"""Retell's signature, held against Retell's own SDK."""

import pytest
from retell.lib.webhook_auth import symmetric

from jorge_data.vendors.retell.vendor import TOLERANCE_MS, is_signed

BODY, KEY, AT = b'{"event":"call_ended"}', "test-api-key", 1_700_000_000_000
VECTOR = "v=1700000000000,d=07024cabe7dd8f6d1c6e4a8324ca92c812e6ad4a7ee506c04f7e462e3321823e"


def test_the_vector_of_the_sdk_passes() -> None:
    assert is_signed(BODY, VECTOR, KEY, AT)


@pytest.mark.parametrize("body", ["{}", '{"summary":"¿Qué tal? — 家"}', '{ "event" : "call_ended" }\n'])
def test_what_the_sdk_signs_is_signed(body: str) -> None:
    assert is_signed(body.encode(), symmetric["sign"](body, KEY, AT), KEY, AT)


@pytest.mark.parametrize("late", [-TOLERANCE_MS - 1, -TOLERANCE_MS, 0, TOLERANCE_MS, TOLERANCE_MS + 1])
def test_both_agree_on_when_a_signature_is_too_old_or_too_young(late: int) -> None:
    sdk = symmetric["verify"](BODY.decode(), KEY, VECTOR, {"timestamp": AT + late})
    assert is_signed(BODY, VECTOR, KEY, AT + late) is sdk is (abs(late) <= TOLERANCE_MS)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "N/A",
        VECTOR.upper(),
        f"{VECTOR} ",
        f"{VECTOR}\n",
        f" {VECTOR}",
        f"{VECTOR},d=00",
        VECTOR.replace("v=", "v=-"),
        VECTOR.replace("1700000000000", "1700000000001"),
        VECTOR.replace("1700000000000", "9" * 400),
        VECTOR.replace("1700000000000", "١٧٠٠٠٠٠٠٠٠٠٠٠"),  # digits, but not ours
        VECTOR.replace(",d=", ", d="),
        VECTOR[:-1],
    ],
)
def test_anything_else_is_not_signed(signature: str) -> None:
    assert not is_signed(BODY, signature, KEY, AT)


def test_another_key_or_another_byte_is_not_signed() -> None:
    assert not is_signed(BODY, VECTOR, "other-key", AT)
    assert not is_signed(b'{"event": "call_ended"}', VECTOR, KEY, AT)
