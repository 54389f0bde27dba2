"""Benchmarks: each prints its machine, versions, seed and raw spread."""
