"""What a publish over HTTP holds: compressed bodies, bounded, and CloudEvents' attributes out of headers."""

import gzip
import json
import random
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jorge_data.errors import Invalid, RequestRefused, TooLarge, Unsupported
from jorge_data.events.validation import MAX_PUBLISH_BYTES
from jorge_data.server.ingest.content import Content, content_of, inflated

Headers = list[tuple[bytes, bytes]]

BINARY: Headers = [(b"ce-specversion", b"1.0"), (b"ce-type", b"bot_status_update"), (b"ce-source", b"tests")]


def decoded(headers: Headers, body: bytes) -> Any:
    content = content_of(headers, body)
    assert isinstance(content, Content)
    return content.decode()


@pytest.mark.parametrize(
    "headers",
    [
        [],
        [(b"content-type", b"application/json; charset=utf-8"), (b"accept-encoding", b"gzip")],
        [(b"content-type", b"application/x-www-form-urlencoded")],
        [(b"content-length", b"7"), (b"cenotaph", b"x"), (b"accept", b"*/*")],
    ],
)
def test_plain_json_is_its_body_and_nothing_is_done_to_it(headers: Headers) -> None:
    body = b"[1,2,3]"
    assert content_of(headers, body) is body


@pytest.mark.parametrize(
    "media_type",
    [
        b"application/cloudevents+json",
        b"Application/CloudEvents+JSON; charset=utf-8",
        b"application/cloudevents-batch+json;charset=UTF-8",
        b"application/cloudevents",
    ],
)
def test_in_structured_mode_the_body_is_the_event_whatever_the_headers_repeat(media_type: bytes) -> None:
    assert decoded([(b"content-type", media_type), (b"ce-type", b"other")], b'{"type":"its own"}') == {
        "type": "its own"
    }


@pytest.mark.parametrize("media_type", [b"application/cloudevents+avro", b"application/cloudevents-batch+protobuf"])
def test_a_format_that_is_not_json_is_refused_with_what_is_allowed(media_type: bytes) -> None:
    with pytest.raises(Unsupported, match=r"Content-Type is .*(avro|protobuf).*application/cloudevents\+json"):
        decoded([(b"content-type", media_type)], b"\0")


def test_in_binary_mode_the_headers_are_attributes_and_the_body_is_the_data() -> None:
    headers = [
        *BINARY,
        (b"ce-id", b"1"),
        (b"ce-locationid", b"office"),
        (b"ce-traceparent", b"00-1"),
        (b"content-type", b"application/json"),
    ]
    assert decoded(headers, b'{"status":"idle"}') == {
        "specversion": "1.0",
        "type": "bot_status_update",
        "source": "tests",
        "id": "1",
        "locationid": "office",
        "traceparent": "00-1",
        "datacontenttype": "application/json",
        "data": {"status": "idle"},
    }


@pytest.mark.parametrize(
    "media_type",
    [
        b"application/json; charset=utf-8",
        b"APPLICATION/JSON",
        b"text/json",
        b"application/vnd.jorge+json",
        b"",
        b"application/x-www-form-urlencoded",
        None,
    ],
)
def test_data_is_read_as_json_where_its_type_says_so_or_says_nothing(media_type: bytes | None) -> None:
    headers = BINARY if media_type is None else [*BINARY, (b"content-type", media_type)]
    for mark in (b"", b"\xef\xbb\xbf"):
        assert decoded(headers, mark + b'{"a":1}')["data"] == {"a": 1}


def test_data_of_another_type_is_left_as_it_is_for_the_refusal() -> None:
    event = decoded([*BINARY, (b"content-type", b"text/xml; charset=utf-8")], b"<a>\xff</a>")
    assert (event["datacontenttype"], event["data"]) == ("text/xml; charset=utf-8", "<a>\N{REPLACEMENT CHARACTER}</a>")


def test_without_a_body_there_is_no_data() -> None:
    assert "data" not in decoded([*BINARY, (b"content-type", b"application/json")], b"")


def test_data_that_is_no_json_is_refused_by_where_it_breaks() -> None:
    with pytest.raises(Invalid, match=r"the body is not JSON: .*column 8"):
        decoded(BINARY, b'{"a":1,}')


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (b"plain", "plain"),
        (b"Euro%20%E2%82%AC%20%F0%9F%98%80", "Euro € 😀"),
        (b"2026-11-23T17%3a00%3A00Z", "2026-11-23T17:00:00Z"),
        (b'"a \\"b\\" \\\\c%21"', 'a "b" \\c!'),
        (b'"', '"'),
        (b"100%25%2525", "100%%25"),
        (b"100%", "100%"),
        (b"a+b", "a+b"),
        ("José".encode(), "José"),
        ("José".encode("latin-1"), "José"),
        (b"%FF", "\udcff"),
    ],
)
def test_a_headers_value_is_unquoted_and_percent_decoded_once(value: bytes, text: str) -> None:
    assert decoded([*BINARY, (b"ce-subject", value)], b"{}")["subject"] == text


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_comes_through_a_header_as_the_binding_escapes_it(text: str) -> None:
    escaped = "".join(
        c if "!" <= c <= "~" and c not in '"%' else "".join(f"%{b:02X}" for b in c.encode()) for c in text
    )
    assert decoded([*BINARY, (b"ce-subject", escaped.encode())], b"{}")["subject"] == text


def test_an_attribute_that_stands_twice_is_refused_by_name() -> None:
    with pytest.raises(Invalid, match="ce-type stands twice"):
        decoded([*BINARY, (b"ce-type", b"other")], b"{}")


@pytest.mark.parametrize("encodings", ["gzip", "GZip", "x-gzip", " identity , gzip"])
def test_gzip_is_inflated(encodings: str) -> None:
    body = json.dumps(list(range(1000))).encode()
    assert inflated(gzip.compress(body), encodings) == body
    assert inflated(gzip.compress(body[:99]) + gzip.compress(b"") + gzip.compress(body[99:]), encodings) == body


@pytest.mark.parametrize("encodings", ["identity", "", " , "])
def test_identity_is_no_encoding(encodings: str) -> None:
    assert inflated(b"[]", encodings) == b"[]"


@pytest.mark.parametrize("encodings", ["br", "deflate", "zstd", "gzip, gzip", "aws-chunked,gzip"])
def test_another_encoding_is_refused_with_what_is_allowed(encodings: str) -> None:
    with pytest.raises(Unsupported, match=f"Content-Encoding is '{encodings}': allowed are gzip and identity"):
        inflated(b"", encodings)


def test_gzip_may_hold_as_much_as_a_publish_and_no_more() -> None:
    most = random.Random(1).randbytes(MAX_PUBLISH_BYTES // 2) + bytes(MAX_PUBLISH_BYTES // 2)
    assert inflated(gzip.compress(most), "gzip") == most
    assert inflated(gzip.compress(most[:1000]) + gzip.compress(most[1000:]), "gzip") == most
    for larger in (gzip.compress(most + b"x"), gzip.compress(most) + gzip.compress(b"x")):
        with pytest.raises(TooLarge, match=f"inflates to more than {MAX_PUBLISH_BYTES} bytes"):
            inflated(larger, "gzip")


def test_a_bomb_is_refused_before_it_takes_more_memory_than_a_publish() -> None:
    bomb = gzip.compress(bytes(256 << 20))
    tracemalloc.start()
    with pytest.raises(TooLarge):
        inflated(bomb, "gzip")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 4 * MAX_PUBLISH_BYTES + len(bomb)


def broken() -> list[tuple[str, bytes, str]]:
    good = gzip.compress(b"[1,2,3]" * 100)
    return [
        ("nothing", b"", "ends before its gzip does"),
        ("cut", good[:-1], "ends before its gzip does"),
        ("cut in the header", good[:5], "ends before its gzip does"),
        ("cut in a later member", good + good[:-4], "ends before its gzip does"),
        ("plain JSON", b"[1,2,3]", "the body is not gzip"),
        ("zlib's own format", zlib.compress(b"[]"), "the body is not gzip"),
        ("a wrong checksum", good[:-8] + b"\0\0\0\0" + good[-4:], "data check"),
        ("a wrong length", good[:-4] + b"\0\0\0\0", "length check"),
        ("something behind it", good + b"garbage", "what follows its member 1 is not gzip"),
        ("one byte behind it", good + b"x", "what follows its member 1 ends"),
        ("zeros behind it", good + b"\0\0", "what follows its member 1 is not gzip"),
        ("thousands of members", gzip.compress(b"") * 501, "more than 500 members"),
    ]


@pytest.mark.parametrize(("body", "sentence"), [row[1:] for row in broken()], ids=[row[0] for row in broken()])
def test_broken_gzip_is_refused_by_what_is_wrong(body: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        inflated(body, "gzip")


@given(st.binary(max_size=60), st.integers(0, 80), st.binary(max_size=3))
def test_gzip_that_was_changed_anywhere_is_inflated_or_refused(body: bytes, place: int, other: bytes) -> None:
    whole = gzip.compress(body, mtime=0)
    changed = whole[:place] + other + whole[place + len(other) :]
    with suppress(RequestRefused):
        inflated(changed, "gzip")
