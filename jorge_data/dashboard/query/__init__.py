"""Requests to the event server, their responses, and the cache between them and the pages."""
