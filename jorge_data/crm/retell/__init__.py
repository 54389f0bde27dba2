"""Retell AI: its signature, its calls, and what they mean as events."""

from jorge_data.crm.retell.call import Call
from jorge_data.crm.retell.signature import is_signed
from jorge_data.crm.retell.translation import CALLS, SOURCE, call_events, contact_of

__all__ = ["CALLS", "SOURCE", "Call", "call_events", "contact_of", "is_signed"]
