"""The faults, by the numbers of `docs/reliability.md`."""

from bench.chaos.faults import clients, dashboard, network, server, sources, store
from bench.chaos.faults.fault import Fault
from bench.chaos.faults.mixed import MIX

__all__ = ["FAULTS", "MIX", "Fault"]

FAULTS: tuple[Fault, ...] = (
    *server.FAULTS,
    *network.FAULTS,
    *store.FAULTS,
    *clients.FAULTS,
    *sources.FAULTS,
    *dashboard.FAULTS,
)
