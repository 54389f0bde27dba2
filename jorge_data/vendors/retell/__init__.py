"""Retell AI: its signature, its calls, and their translation to events."""

from jorge_data.vendors.retell.vendor import Retell

__all__ = ["Retell"]
