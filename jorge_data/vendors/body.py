"""Bodies as vendors spell them: JSON with what editors and merge fields do to it, or a form."""

import json
import math
import re
from typing import Any
from urllib.parse import parse_qsl

import orjson

from jorge_data.events.encoding import MAX_DEPTH, show

MAX_FIELDS = 1_000
"""Fields of a form that are read; a body of 1 MiB could have half a million."""

_STEP = re.compile(r"\[([^\[\]]*)\]")
_INTEGERS = range(-(2**63), 2**64)
_REPLACED = "\ufffd"


def to_text(raw: bytes) -> str:
    """Return a body as text, whatever its encoding: UTF-8, UTF-16 and UTF-32 as JSON has them, else Windows-1252.

    U+0000 becomes U+FFFD, for no store keeps it as text.
    """
    try:
        text = raw.decode(json.detect_encoding(raw))
    except UnicodeDecodeError:
        text = raw.decode("cp1252", "replace")
    return text.removeprefix("\ufeff").replace("\0", _REPLACED)


def read_body(raw: bytes) -> Any:
    """Return what a body says; raise ValueError, which says what it is instead, where it is neither JSON nor a form.

    Raw line breaks and tabs within a text are read as they are meant. What no event could carry is made harmless, its
    neighbours stay: NaN and Infinity become null, lone surrogates and U+0000 become U+FFFD, what is nested deeper than
    32 becomes null.
    """
    if (body := _plain(raw)) is not None:
        return body
    text = to_text(raw).strip()
    return _clean(_decode(text)) if text else None


def _plain(raw: bytes) -> Any:
    """Return the JSON of an ordinary body, None where it needs a second look, which takes a fifth of a delivery."""
    if b"\\u0000" in raw:
        return None
    try:
        body = orjson.loads(raw)
    except orjson.JSONDecodeError:
        return None
    may_be_deep = raw.count(b"{") + raw.count(b"[") > MAX_DEPTH
    return body if isinstance(body, dict | list) and not (may_be_deep and _is_deep(body)) else None


def _is_deep(value: Any, depth: int = 1) -> bool:
    """Return whether objects and lists are nested deeper than MAX_DEPTH."""
    children = value.values() if isinstance(value, dict) else value
    return any(depth >= MAX_DEPTH or _is_deep(child, depth + 1) for child in children if isinstance(child, dict | list))


def _decode(text: str) -> Any:
    try:
        body = json.loads(text, strict=False)
    except RecursionError:
        raise ValueError(f"the body is nested too deeply: allowed is a depth of {MAX_DEPTH}") from None
    except ValueError as error:
        if (form := _form(text)) is not None:
            return form
        raise ValueError(f"the body is {show(text)}, which is not JSON ({error}): send a JSON object") from None
    return _decode(body) if isinstance(body, str) and body.lstrip()[:1] in ("{", "[") else body  # JSON within JSON


def _form(text: str) -> dict[str, Any] | None:
    """Return the fields of a form, `contact[id]` as nested ones; None where a text is no form."""
    if "=" not in text or text[:1] in ("{", "[", "<", "-", '"'):
        return None
    try:
        pairs = parse_qsl(text, keep_blank_values=True, strict_parsing=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        return None
    fields: dict[str, Any] = {}
    for name, value in pairs:
        _put(fields, [name.partition("[")[0], *_STEP.findall(name)], value)
    fields = _with_lists(fields)
    only = next(iter(fields.values())) if len(fields) == 1 else None
    return _decode(only) if isinstance(only, str) and only.lstrip()[:1] == "{" else fields  # payload={…}


def _put(fields: dict[str, Any], path: list[str], value: str) -> None:
    *outer, last = path[:MAX_DEPTH]
    for step in outer:
        inner = fields.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        fields = inner
    if last:
        fields[last] = value
    else:
        fields.setdefault(str(len(fields)), value)


def _with_lists(value: Any) -> Any:
    """Return nested fields with those that are numbered from 0 as lists: `tags[]=a&tags[]=b`, `tags[0]=a`."""
    if not isinstance(value, dict):
        return value
    inner = {name: _with_lists(child) for name, child in value.items()}
    return list(inner.values()) if inner and list(inner) == [str(n) for n in range(len(inner))] else inner


def _clean(value: Any, depth: int = 1) -> Any:
    match value:
        case dict() | list() if depth > MAX_DEPTH:
            return None
        case dict():
            return {_clean(key): _clean(child, depth + 1) for key, child in value.items()}
        case list():
            return [_clean(child, depth + 1) for child in value]
        case float() if not math.isfinite(value):
            return None
        case int() if value not in _INTEGERS:
            return float(value) if abs(value) < 10**300 else None
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\0", _REPLACED)
    return value
