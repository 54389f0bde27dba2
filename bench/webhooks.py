"""Webhooks at 1,000 a second: how long an answer takes, which comes after the disk has it, and when all are translated.

The load comes from a process of its own, signed beforehand; the rate does not depend on the responses.
"""

import argparse
import asyncio
import base64
import multiprocessing
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from bench.machine import describe, spread
from tests.served import Served

SEED, RUNS = 7, 3
RATE, SECONDS = 1000, 10
CONNECTIONS = 64
CONTACTS = 500
TAGS = ("Hot-Seller", "Warm-Seller", "Cold-Seller")

Answer = tuple[list[float], float]


def webhook(number: int, chance: random.Random) -> dict[str, Any]:
    """Return a contact, a deal or a message, in the documented forms; half of all are contacts."""
    contact = f"contact-{chance.randrange(CONTACTS)}"
    base = {"locationId": "bench", "webhookId": f"bench-{number}", "timestamp": datetime.now(UTC).isoformat()}
    match number % 4:
        case 0 | 1:
            fields = [{"id": f"field-{n}", "value": chance.randrange(100)} for n in range(10)]
            person = {"type": "ContactUpdate", "id": contact, "name": contact, "phone": "+15125550147"}
            return {**base, **person, "tags": ["Seller", chance.choice(TAGS)], "customFields": fields}
        case 2:
            deal = {"type": "OpportunityUpdate", "id": f"deal-{contact}", "contactId": contact, "status": "open"}
            return {**base, **deal, "monetaryValue": chance.randrange(10**6), "pipelineStageId": "s1", "name": "Oak St"}
    message = {"type": "InboundMessage", "contactId": contact, "conversationId": f"c-{contact}", "messageType": "Email"}
    return {**base, **message, "body": "<div>" + "<p>Yes, that would work.</p>" * 20 + "</div>"}


def request(number: int, key: Ed25519PrivateKey, chance: random.Random) -> bytes:
    body = orjson.dumps(webhook(number, chance))
    signature = base64.b64encode(key.sign(body)).decode()
    head = (
        "POST /webhooks/ghl HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"X-GHL-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def sender(port: int, share: list[tuple[float, bytes]], began: float, delays: list[float]) -> None:
    """Send each request when it is due, and note how many milliseconds after that it was answered."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for due, raw in share:
        await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
        writer.write(raw)
        head = await reader.readuntil(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 200"), head
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
        delays.append((time.perf_counter() - began - due) * 1000)
    writer.close()


def load(port: int, rows: list[tuple[float, bytes]], answer: "multiprocessing.Queue[Answer]") -> None:
    async def all_of_them() -> None:
        delays: list[float] = []
        began = time.perf_counter() + 0.2
        await asyncio.gather(*(sender(port, rows[n::CONNECTIONS], began, delays) for n in range(CONNECTIONS)))
        answer.put((delays, time.time()))

    asyncio.run(all_of_them())


def measure(folder: Path, seconds: int) -> tuple[list[float], float, dict[str, int]]:
    """Return each answer's milliseconds, how many seconds after the last one all were translated, and their states."""
    key, chance = Ed25519PrivateKey.generate(), random.Random(SEED)
    pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    rows = [(n / RATE, request(n, key, chance)) for n in range(RATE * seconds)]
    answer: multiprocessing.Queue[Answer] = multiprocessing.Queue()
    with Served(folder, JORGE_GHL_PUBLIC_KEY=pem) as server:
        process = multiprocessing.Process(target=load, args=(server.port, rows, answer))
        process.start()
        delays, ended = answer.get(timeout=300)
        process.join()
        while True:
            counts = server.get("/api/deliveries", location="bench", limit=1)["counts"]
            states: dict[str, int] = {}
            for each in counts:
                states[each["state"]] = states.get(each["state"], 0) + each["deliveries"]
            if not states.get("pending"):
                return delays, time.time() - ended, states
            time.sleep(0.02)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=SECONDS)
    parser.add_argument("--runs", type=int, default=RUNS)
    given = parser.parse_args()
    print(describe(), f"seed {SEED}, {given.runs} runs of {given.seconds} s at {RATE:,}/s", sep="\n")
    for _ in range(given.runs):
        with tempfile.TemporaryDirectory() as folder:
            delays, after, states = measure(Path(folder), given.seconds)
        summary = ", ".join(f"{count:,} {state}" for state, count in states.items())
        print(f"answers after their due moment: {spread(delays, 'ms')}; all translated {after:.2f} s later ({summary})")


if __name__ == "__main__":
    main()
