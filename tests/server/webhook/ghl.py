"""GoHighLevel for tests: its signature with a key pair of ours, and its documented bodies."""

import base64
import json
from datetime import UTC, datetime
from itertools import count
from typing import Any

import requests
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.served import Served

KEY = Ed25519PrivateKey.generate()
PEM = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
SECRET = "a workflow's secret, long enough"
_numbers = count(1)


def contact(location: str, **fields: Any) -> dict[str, Any]:
    """Return a contact's webhook that was sent now, under a name of its own."""
    return {
        "type": "ContactUpdate",
        "locationId": location,
        "id": "ann",
        "firstName": "Ann",
        "lastName": "Lee",
        "tags": [],
        "timestamp": datetime.now(UTC).isoformat(),
        "webhookId": f"webhook-{next(_numbers)}-{location}"[-100:],
    } | fields


def signature(body: bytes, key: Ed25519PrivateKey = KEY) -> str:
    return base64.b64encode(key.sign(body)).decode()


def post(served: Served, body: bytes, path: str = "/webhooks/ghl", **headers: str) -> requests.Response:
    all_headers = {name.replace("_", "-"): value for name, value in headers.items()}
    all_headers = {"Content-Type": "application/json"} | all_headers
    return served.session.post(f"{served.url}{path}", data=body, headers=all_headers, timeout=10)


def deliver(served: Served, webhook: dict[str, Any]) -> requests.Response:
    """Send a webhook as GoHighLevel does: signed over the bytes that go out."""
    body = json.dumps(webhook).encode()
    return post(served, body, X_GHL_Signature=signature(body))


def work(served: Served, body: Any, secret: str = SECRET) -> requests.Response:
    """Send a workflow's webhook."""
    return post(served, json.dumps(body).encode(), "/webhooks/ghl/workflow", X_Jorge_Webhook_Secret=secret)
