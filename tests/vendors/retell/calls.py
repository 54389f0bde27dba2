"""Webhooks as Retell documents them, for tests."""

from typing import Any

START_MS, END_MS = 1_714_608_475_945, 1_714_608_491_736

DOCUMENTED: dict[str, Any] = {
    "event": "call_ended",
    "call": {
        "call_type": "phone_call",
        "from_number": "+12137771234",
        "to_number": "+12137771235",
        "direction": "inbound",
        "call_id": "Jabr9TXYYJHfvl6Syypi88rdAHYHmcq6",
        "agent_id": "oBeDLoLOeuAbiuaMFXRtDOLriTJ5tSxD",
        "call_status": "registered",
        "metadata": {},
        "retell_llm_dynamic_variables": {"customer_name": "John Doe"},
        "start_timestamp": START_MS,
        "end_timestamp": END_MS,
        "disconnection_reason": "user_hangup",
        "transcript": "...",
        "transcript_object": [],
        "transcript_with_tool_calls": [],
        "opt_out_sensitive_data_storage": False,
    },
}
"""The sample of Retell's documentation (docs.retellai.com/features/webhook-overview), its `[Object]`s left out."""


def placed(event: str = "call_ended", **fields: Any) -> dict[str, Any]:
    """Return the webhook of a call that the lead bot placed on day 7."""
    call = {**DOCUMENTED["call"], "direction": "outbound", "metadata": {"contact_id": "seller-1"}, **fields}
    return {"event": event, "call": call}


def analyzed(**analysis: Any) -> dict[str, Any]:
    return placed("call_analyzed", call_analysis=analysis)


def unanswered(reason: str) -> dict[str, Any]:
    """Return the webhook of a call that nobody took: it has an end, but never had a start."""
    webhook = placed(call_status="not_connected", disconnection_reason=reason)
    del webhook["call"]["start_timestamp"]
    return webhook
