"""When something may be tried again: until when an item is put off, in the office's and the contact's day."""

from datetime import UTC, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from jorge_data.events.timestamps import MINUTE, micros, moment, rfc3339, zone_named
from jorge_data.metrics.entities.attention import TRY_AGAIN
from jorge_data.metrics.entities.contact import Contact
from jorge_data.metrics.formatting import write_clock, write_moment, write_weekday
from jorge_data.metrics.wall.view import Appointment, Snooze
from jorge_data.telephone import zone_name

CALLS_FROM, CALLS_UNTIL = time(8), time(21)
"""When a person may be called, by that person's own clock (47 CFR 64.1200(c)(1))."""

EVENING, MORNING, MEETING = time(18), time(9), time(10)

LONGEST_AHEAD = timedelta(days=366)
"""How far ahead something may wait, or an appointment lie."""

STEP = 5 * MINUTE
"""Offered moments are whole steps: so they are the same for a while, and on every screen."""


def zone_of(contact: Contact) -> ZoneInfo | None:
    """Return by which clock a contact may be called: the zone that was told, else its number's; None if not known."""
    return zone_named(contact.details.get("timezone")) or zone_named(zone_name(contact.details.phone))


def stepped(at: int) -> int:
    """Return the first whole step after a moment."""
    return (at // STEP + 1) * STEP


def next_try(now: int, zone: tzinfo) -> datetime:
    """Return when somebody who did not answer is called again: in two hours, within the hours in which he may be."""
    at = moment(stepped(now + TRY_AGAIN)).astimezone(zone)
    if at.time() >= CALLS_UNTIL:
        return _at(at + timedelta(days=1), MORNING)
    return _at(at, MORNING) if at.time() < CALLS_FROM else at


def snoozes(now: int, zone: ZoneInfo) -> list[Snooze]:
    """Return the moments until which an item may be put off, the next one first."""
    here = moment(now).astimezone(zone)
    hour = moment(stepped(now + 60 * MINUTE)).astimezone(zone)
    tomorrow = _at(here + timedelta(days=1), MORNING)
    monday = _at(here + timedelta(days=7 - here.weekday()), MORNING)
    choices = [("1 hour", write_clock(hour), hour)]
    if here < (evening := _at(here, EVENING)) - timedelta(hours=1):
        choices.append(("This evening", write_clock(evening), evening))
    choices.append((f"Tomorrow {write_clock(tomorrow)}", write_weekday(tomorrow), tomorrow))
    if monday != tomorrow:
        choices.append(("Monday", write_moment(monday), monday))
    return [{"label": label, "says": says, "until": _text(until)} for label, says, until in choices]


def appointment(now: int, zone: ZoneInfo) -> Appointment:
    """Return what the field for an appointment begins with and allows: whole steps, by the office's clock."""
    first = moment(stepped(now)).astimezone(zone)
    last = (moment(stepped(now)) + LONGEST_AHEAD - timedelta(microseconds=STEP)).astimezone(zone)
    tomorrow = _at(moment(now).astimezone(zone) + timedelta(days=1), MEETING)
    default, least, most = (f"{at:%Y-%m-%dT%H:%M}" for at in (tomorrow, first, last))
    return {"default": default, "min": least, "max": most, "clock": f"{place_of(zone)} time"}


def place_of(zone: ZoneInfo) -> str:
    """Return by which place people call the clock of a zone: "Los Angeles"."""
    return zone.key.rpartition("/")[2].replace("_", " ")


def says_when(at: datetime, now: datetime) -> str:
    """Write a moment as far as it must be said: the time today, else the day and the time."""
    if at.date() == now.astimezone(at.tzinfo).date():
        return write_clock(at)
    return write_moment(at, weekday=True)


def _at(day: datetime, at: time) -> datetime:
    return datetime.combine(day.date(), at, day.tzinfo)


def _text(at: datetime) -> str:
    return rfc3339(micros(at.astimezone(UTC)))
