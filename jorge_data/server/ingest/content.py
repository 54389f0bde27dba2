"""The content of a publish over HTTP: inflated where it was compressed; attributes out of CloudEvents' headers."""

import re
import zlib
from collections.abc import Iterable
from typing import Any, NamedTuple
from urllib.parse import unquote

from jorge_data.errors import Invalid, TooLarge, Unsupported
from jorge_data.events import decode_json
from jorge_data.events.cloudevents import is_json_type
from jorge_data.events.encoding import show
from jorge_data.events.validation import MAX_EVENTS, MAX_PUBLISH_BYTES

CLOUD_EVENTS = "application/cloudevents"
JSON_FORMATS = frozenset({CLOUD_EVENTS, f"{CLOUD_EVENTS}+json", f"{CLOUD_EVENTS}-batch", f"{CLOUD_EVENTS}-batch+json"})

FORM = "application/x-www-form-urlencoded"
"""What `curl -d` says of any body that it is told nothing about."""

_GZIP = 16 + zlib.MAX_WBITS
_QUOTED_PAIR = re.compile(r"\\(.)")


class Content(NamedTuple):
    """A publish that is more than JSON: compressed, or with what is said of it in its headers."""

    body: bytes
    encodings: str
    media_type: str | None
    attributes: list[tuple[bytes, bytes]]
    """The headers of CloudEvents' attributes, in the order given."""

    def decode(self) -> Any:
        """Return the events as JSON has them; raise Unsupported, TooLarge, or Invalid."""
        body = inflated(self.body, self.encodings) if self.encodings else self.body
        kind = self.media_type and self.media_type.partition(";")[0].strip().lower()
        if kind and kind.startswith(CLOUD_EVENTS):  # the envelope is in the body, whatever the headers repeat of it
            if kind not in JSON_FORMATS:
                allowed = f"{CLOUD_EVENTS}+json, {CLOUD_EVENTS}-batch+json, and binary mode with application/json"
                raise Unsupported(f"Content-Type is {show(self.media_type)}: allowed are {allowed}")
            return decode_json(body)
        if not self.attributes:
            return decode_json(body)
        event: dict[str, Any] = _attributes(self.attributes)
        if kind and kind != FORM:
            event["datacontenttype"] = self.media_type
        if body:
            is_json = is_json_type(event.get("datacontenttype"))
            event["data"] = decode_json(body) if is_json else body.decode("utf-8", "replace")
        return event


def content_of(headers: Iterable[tuple[bytes, bytes]], body: bytes) -> bytes | Content:
    """Return the content of a publish: its body where that is plain JSON, which most are, else what has to be decoded.

    The names of the headers are in lower case.
    """
    media_type, encodings, attributes = None, [], []
    for name, value in headers:
        if name == b"content-type":
            media_type = value.decode("latin-1")
        elif name == b"content-encoding":
            encodings.append(value.decode("latin-1"))
        elif name.startswith(b"ce-"):
            attributes.append((name, value))
    in_format = media_type is not None and media_type[: len(CLOUD_EVENTS)].lower() == CLOUD_EVENTS
    if encodings or attributes or in_format:
        return Content(body, ",".join(encodings), media_type, attributes)
    return body


def inflated(body: bytes, encodings: str) -> bytes:
    """Return a body as it was before its Content-Encoding, inflated to MAX_PUBLISH_BYTES and no further.

    Raise Unsupported for any but gzip, TooLarge where it holds more, Invalid where it is broken.
    """
    codings = [coding for each in encodings.split(",") if (coding := each.strip().lower()) not in ("", "identity")]
    if not codings:
        return body
    if codings not in (["gzip"], ["x-gzip"]):  # one name, two spellings (RFC 9110, 8.4.1.3)
        raise Unsupported(f"Content-Encoding is {show(encodings)}: allowed are gzip and identity")
    parts: list[bytes] = []
    size, rest = 0, body
    while rest or not parts:
        if len(parts) == MAX_EVENTS:  # 1 MiB of empty members would take a second
            raise Invalid(f"the body has more than {MAX_EVENTS} members of gzip: allowed are 1–{MAX_EVENTS}")
        what = f"what follows its member {len(parts)}" if parts else "the body"
        member = zlib.decompressobj(_GZIP)
        try:
            parts.append(member.decompress(rest, MAX_PUBLISH_BYTES + 1 - size))
        except zlib.error as error:
            raise Invalid(f"{what} is not gzip, as Content-Encoding says: {error}") from None
        size += len(parts[-1])
        if size > MAX_PUBLISH_BYTES:
            raise TooLarge(f"the body inflates to more than {MAX_PUBLISH_BYTES} bytes")
        if not member.eof:
            raise Invalid(f"{what} ends before its gzip does")
        rest = member.unused_data
    return b"".join(parts)


def _attributes(headers: list[tuple[bytes, bytes]]) -> dict[str, Any]:
    """Return the attributes of CloudEvents' headers; raise Invalid where one stands twice."""
    attributes: dict[str, Any] = {}
    for name, value in headers:
        attribute = name.decode("latin-1").removeprefix("ce-")
        if attribute in attributes:
            raise Invalid(f"ce-{attribute} stands twice in the headers: {show(attributes[attribute])}, then another")
        attributes[attribute] = _unescaped(value)
    return attributes


def _unescaped(value: bytes) -> str:
    """Return the text of a header's value: unquoted, then percent-decoded once (CloudEvents' HTTP binding, 3.1.3.2)."""
    try:
        text = value.decode()
    except UnicodeDecodeError:  # node writes é, unescaped, as HTTP once said
        text = value.decode("latin-1")
    if len(text) >= 2 and text[0] == text[-1] == '"':
        text = _QUOTED_PAIR.sub(r"\1", text[1:-1])
    return unquote(text, errors="surrogateescape")  # what is not UTF-8 is then refused by its attribute's name
