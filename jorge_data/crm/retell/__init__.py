"""Retell AI: its signature, its calls, and what they mean as events."""

from jorge_data.crm.retell.vendor import Retell

__all__ = ["Retell"]
