"""Retell's signature: `v=<milliseconds>,d=<hex>`, an HMAC over the raw body and the moment."""

import hmac
import re

TOLERANCE_MS = 300_000
"""A signature is good for five minutes on either side, both ends among them."""

_SIGNATURE = re.compile(r"v=([0-9]{1,15}),d=([0-9a-f]{64})")


def is_signed(body: bytes, signature: str, api_key: str, now_ms: int) -> bool:
    """Say whether Retell signed these bytes with this key within five minutes of now (`retell.lib.webhook_auth`)."""
    match = _SIGNATURE.fullmatch(signature)
    if match is None:
        return False
    moment = int(match[1])
    expected = hmac.digest(api_key.encode(), body + str(moment).encode(), "sha256").hex()
    return hmac.compare_digest(expected, match[2]) and abs(now_ms - moment) <= TOLERANCE_MS
