"""Retell AI: its signature, its calls, and what they mean as events."""

from jorge_data.vendors.retell.vendor import Retell

__all__ = ["Retell"]
