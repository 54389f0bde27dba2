"""Whole bots to read, run and copy."""
