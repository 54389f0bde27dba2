"""Alerts: `readings` takes what the rules watch for from one view of the store, `rehearsal` says when they rang."""
