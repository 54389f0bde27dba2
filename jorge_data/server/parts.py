"""What the parts beside the store report of themselves, looked at every few seconds."""

import asyncio
import logging
from collections.abc import Collection, Iterable

from prometheus_client import CollectorRegistry

from jorge_data.server.context import ServerContext
from jorge_data.server.readiness import PartName
from jorge_data.store import Archive

logger = logging.getLogger(__name__)

LOOK_S = 2.0
"""How often the parts are looked at: some microseconds of work."""


async def watch_parts(context: ServerContext, archive: Archive) -> None:
    """Report each part now and every LOOK_S, until cancelled; what comes back to the archive is folded again."""
    while True:
        report_parts(context, archive)
        await asyncio.sleep(LOOK_S)
        if archive.has_changed():
            try:
                await asyncio.to_thread(look_after_archive, context, archive)
            except Exception:  # the next look finds it changed no more: the hourly one tries again
                logger.exception("the archive could not be looked after")


def look_after_archive(context: ServerContext, archive: Archive) -> None:
    """Check the archive, and fold the logs anew whose fold lacks files that can all be read now."""
    archive.check()
    for log in context.store.logs():
        with context.store.view(log.location) as view:
            left_out = view.watermark.left_out if view.watermark is not None and view.whole else ()
        if left_out and archive.is_readable(left_out):
            logger.info("%s is folded anew: what it lacked of the archive can be read again", log.location)
            context.rollup_worker.rebuild(log.location)


def report_parts(context: ServerContext, archive: Archive) -> None:
    """Report how each part is that does not say it by itself; a source that is off is no part."""
    _report_archive(context, archive)
    context.rollup_worker.report()
    failing = context.deliveries.failing
    _report(context, "translation", [f"deliveries wait: {failing}"] if failing else [])
    if context.synchronization is not None:
        error = context.synchronization.failing
        _report(context, "synchronization", [f"GoHighLevel could not be synchronized: {error}"] if error else [])
    ways = _redis_ways(context.telemetry.registry)
    if ways:
        down = [way for way, is_up in ways.items() if not is_up]
        why = f"Redis cannot be read ({' and '.join(down)}): it is tried again"
        _report(context, "redis", [why] if down else [])


def _report_archive(context: ServerContext, archive: Archive) -> None:
    unreadable, failed = sorted(archive.unreadable), context.retention.failed if context.retention else {}
    why = []
    if unreadable:
        why.append(f"{len(unreadable):,} day{'s' if len(unreadable) > 1 else ''} of the archive cannot be read")
    if failed:
        why.append(f"old events of {len(failed):,} office{'s' if len(failed) > 1 else ''} cannot be archived and stay")
    _report(context, "archive", why, [*unreadable, *(f"{location}: {reason}" for location, reason in failed.items())])


def _report(context: ServerContext, name: PartName, why: Collection[str], details: Iterable[str] = ()) -> None:
    context.readiness.report(name, "degraded" if why else "ok", "; ".join(why), tuple(details))


def _redis_ways(registry: CollectorRegistry) -> dict[str, bool]:
    """Return whether Redis is being read, by its stream and its channel; nothing where it is off, or just begins."""
    return {
        sample.labels["way"]: bool(sample.value)
        for metric in registry.collect()
        if metric.name == "jorge_redis_up"
        for sample in metric.samples
    }
