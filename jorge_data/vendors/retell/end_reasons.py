"""What each end reason of a call means: the one table, of every `disconnection_reason` that Retell's SDK knows."""

from typing import Literal, NamedTuple

SDK = "6.2.13"
"""The version of retell-sdk whose end reasons stand here; a test compares them with the SDK that is installed."""

Meaning = Literal[
    "reached", "handed over", "opted out", "callback", "voicemail", "not reached", "line", "agent", "account"
]


class EndReason(NamedTuple):
    """What an end reason means, and how it reads on screen."""

    meaning: Meaning
    words: str


MEANINGS: dict[Meaning, str] = {
    "reached": "the step succeeded",
    "handed over": "the step succeeded; `handoff` to a person",
    "opted out": "the step succeeded; `opted_out` of calls",
    "callback": "the step succeeded; `task`: a person is asked for",
    "voicemail": "the step failed; nobody was reached, the channel is `voicemail`",
    "not reached": "the step failed; nobody was reached",
    "line": "the step failed; there was no line",
    "agent": "the step failed; an error of the lead bot",
    "account": "the step failed; an error of the lead bot, for every further call fails as well",
}
"""What becomes of a call by the meaning of its end."""

END_REASONS: dict[str, EndReason] = {
    "user_hangup": EndReason("reached", "the contact hung up"),
    "agent_hangup": EndReason("reached", "the bot hung up"),
    "inactivity": EndReason("reached", "nobody spoke any more"),
    "max_duration_reached": EndReason("reached", "the longest duration was reached"),
    "manual_stopped": EndReason("reached", "stopped by hand"),
    "transfer_cancelled": EndReason("reached", "a transfer to a person was cancelled"),
    "call_transfer": EndReason("handed over", "transferred to a person"),
    "transfer_bridged": EndReason("handed over", "transferred to a person"),
    "call_take_over": EndReason("handed over", "taken over by a person"),
    "user_requested_dnc": EndReason("opted out", "asked not to be called"),
    "user_requested_callback": EndReason("callback", "asked to be called back"),
    "voicemail_reached": EndReason("voicemail", "voicemail"),
    "dial_no_answer": EndReason("not reached", "no answer"),
    "dial_busy": EndReason("not reached", "busy"),
    "user_declined": EndReason("not reached", "declined"),
    "ivr_reached": EndReason("not reached", "a telephone menu answered"),
    "registered_call_timeout": EndReason("not reached", "nobody joined the call in time"),
    "error_user_not_joined": EndReason("not reached", "nobody joined the call"),
    "dial_failed": EndReason("line", "the number could not be dialled"),
    "invalid_destination": EndReason("line", "the number is not valid"),
    "marked_as_spam": EndReason("line", "the number is marked as spam"),
    "network_blocked": EndReason("line", "the network blocked the call"),
    "sip_routing_error": EndReason("line", "the call could not be routed"),
    "telephony_provider_permission_denied": EndReason("line", "the telephone provider does not permit the call"),
    "telephony_provider_unavailable": EndReason("line", "the telephone provider is not available"),
    "error_llm_websocket_open": EndReason("agent", "the bot's own server could not be reached"),
    "error_llm_websocket_lost_connection": EndReason("agent", "the bot's own server was lost during the call"),
    "error_llm_websocket_runtime": EndReason("agent", "the bot's own server failed"),
    "error_llm_websocket_corrupt_payload": EndReason("agent", "the bot's own server sent what cannot be read"),
    "error_no_audio_received": EndReason("agent", "no sound came from the line"),
    "error_asr": EndReason("agent", "speech recognition failed"),
    "error_retell": EndReason("agent", "Retell failed"),
    "error_unknown": EndReason("agent", "Retell failed, and does not say why"),
    "concurrency_limit_reached": EndReason("account", "too many calls at once for the account"),
    "no_concurrency_fallback": EndReason("account", "too many calls at once for the account, and no fallback"),
    "no_valid_payment": EndReason("account", "the account has no valid payment"),
    "credit_exhausted": EndReason("account", "the account's credit is used up"),
    "budget_reached": EndReason("account", "the account's budget is used up"),
    "scam_detected": EndReason("account", "Retell blocked the agent for a suspected scam"),
}
"""By Retell's name; one that is not here is an unknown reason, and neither success nor failure."""
