"""The HTTP side of the event server: one module a group of routes."""
