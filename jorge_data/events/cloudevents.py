"""What CloudEvents 1.0 adds to an event as JSON: its version, and data that is not a JSON object as it stands."""

from base64 import b64decode
from typing import Any

from jorge_data.errors import Fault, Invalid
from jorge_data.events.encoding import decode_json, show, show_field

SPECVERSION = "1.0"

ALLOWED_DATA_TYPE = "data is a JSON object: allowed are application/json, another …/json, and …+json"


def is_json_type(media_type: object) -> bool:
    """Return whether data of a media type is JSON, as CloudEvents' JSON format has it: without a type it is."""
    if media_type is None:
        return True
    subtype = media_type.partition(";")[0].strip().lower().rpartition("/")[2] if isinstance(media_type, str) else ""
    return subtype == "json" or subtype.endswith("+json")


def data_of(item: dict[str, Any]) -> dict[str, Any] | Fault:
    """Return the data of an event, decoded where it is `data_base64`; what is wrong with it where it is no object."""
    data, encoded, media_type = item.get("data"), item.get("data_base64"), item.get("datacontenttype")
    if encoded is None and isinstance(data, dict):
        return data
    if encoded is not None and data is not None:
        return Fault("/data_base64", show(encoded), "an event has data or data_base64, not both")
    if (encoded is not None or data is not None) and not is_json_type(media_type):
        return Fault("/datacontenttype", show(media_type), ALLOWED_DATA_TYPE)
    if encoded is None:
        return Fault("/data", show_field(item, "data"), "required: a JSON object")
    if not isinstance(encoded, str):
        return Fault("/data_base64", show(encoded), "allowed: text in base64 (RFC 4648, 4)")
    try:
        raw = b64decode(encoded, validate=True)
    except ValueError as error:
        return Fault("/data_base64", show(encoded), f"not base64 (RFC 4648, 4): {error}")
    try:
        decoded = decode_json(raw, "what it encodes")
    except Invalid as refused:
        return Fault("/data_base64", show(raw.decode("utf-8", "replace")), refused.detail)
    if not isinstance(decoded, dict):
        return Fault("/data_base64", show(decoded), "required: a JSON object, in base64")
    return decoded
