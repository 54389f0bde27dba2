"""A page's filters: drawn in one row; their values are in the link.

A part of a page says which of them do not narrow it. It says so by the requests of which it is made: whoever reads a
response notes the names of the filters that its request was not narrowed by, and the part's line takes them.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import streamlit as st

from jorge_data.dashboard.query.page_query import ChosenFilter
from jorge_data.dashboard.ui.controls import control_key, write_link
from jorge_data.metrics.names import label_words, value_words


@dataclass(frozen=True)
class Filter:
    """A filter on a field: `fields` maps each kind that it filters to the field's name.

    Parts that are made of other kinds say "not by" its name.
    """

    name: str
    label: str
    options: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)

    def words(self, option: str) -> str:
        """Write an option so that it is understood without the filter's name: "Price drop", "Day 3", "Stalled: no"."""
        if option.isdigit():
            return f"{self.label} {option}"
        name = next(iter(self.fields.values()), "")
        if option in ("true", "false"):
            return f"{self.label}: {value_words(option, name)}"
        return label_words(option, name)


def choose_filters(page: str, filters: tuple[Filter, ...]) -> tuple[ChosenFilter, ...]:
    """Draw the filters and return what they are set to; empty, or with all of its options, one means everything."""
    if not filters:
        return ()
    with st.container(horizontal=True, key=f"filters_{page}"):
        return tuple(_choose(page, each) for each in filters)


def _choose(page: str, choice: Filter) -> ChosenFilter:
    placeholder = f"{choice.label}: all"
    values = choose_values(choice.label, choice.options, f"{page}_{choice.name}", placeholder, choice.words)
    chosen = () if len(values) == len(choice.options) else tuple(values)  # all of them: also what has no value
    return ChosenFilter(choice.name, tuple(choice.fields.items()), chosen)


def choose_values(
    label: str, options: Sequence[str], key: str, placeholder: str, words: Callable[[str], str] = str
) -> list[str]:
    """Draw one filter and return the values that it is set to; the link has them under `key`.

    The screen has the options in words, the link as they are, so that it holds when the words change; what somebody
    wrote into a link in words is understood. An option that there is not is none.
    """
    named = {words(option): option for option in options} | {option: option for option in options}
    chosen = list(dict.fromkeys(named[each] for each in st.query_params.get_all(key) if each in named))
    control = control_key(key, chosen)
    # Not Streamlit's own binding: it writes what is on screen into the link, and reads nothing else from it.
    st.multiselect(
        label,
        options,
        chosen,
        key=control,
        format_func=words,
        placeholder=placeholder,
        label_visibility="collapsed",
        width=220,
        on_change=write_choice,
        args=(key, control),
    )
    return chosen


def write_choice(key: str, control: str) -> None:
    """Write what a control of one value, or of several, is set to into the link; nothing where it is set to none."""
    chosen = st.session_state[control]
    write_link({key: chosen} if chosen else {}, (key,))


_noted: ContextVar[dict[str, None] | None] = ContextVar("noted", default=None)


@contextmanager
def noted() -> Iterator[dict[str, None]]:
    """Yield the names of filters that are noted meanwhile, each once and in order."""
    names: dict[str, None] = {}
    token = _noted.set(names)
    try:
        yield names
    finally:
        _noted.reset(token)


def note(names: Iterable[str]) -> None:
    """Note the filters by which a request was not narrowed, for whatever is made of its response."""
    names_so_far = _noted.get()
    if names_so_far is not None:
        names_so_far.update(dict.fromkeys(names))


def words(names: Iterable[str]) -> str:
    """Write which filters do not narrow a part: "not by urgency or category"; "" where all do."""
    listed = " or ".join(names)
    return f"not by {listed}" if listed else ""


def complete(what: str) -> str:
    """Return a part's line with the words for what was noted, which the part then need not say again."""
    names = _noted.get() or {}
    line = "; ".join(filter(None, (what, words(names))))
    names.clear()
    return line
