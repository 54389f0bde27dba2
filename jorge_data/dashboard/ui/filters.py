"""A page's filters: drawn in one row; their values are in the link."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import streamlit as st

from jorge_data.dashboard.query.page_query import ChosenFilter


@dataclass(frozen=True)
class Filter:
    """A filter on a field: `fields` maps each kind that it filters to the field's name; other kinds are unfiltered."""

    name: str
    label: str
    options: tuple[str, ...]
    fields: Mapping[str, str] = field(default_factory=dict)


def choose_filters(page: str, filters: tuple[Filter, ...]) -> tuple[ChosenFilter, ...]:
    """Draw the filters and return what they are set to; an empty filter means everything."""
    if not filters:
        return ()
    with st.container(horizontal=True, key=f"filters_{page}"):
        return tuple(_choose(page, each) for each in filters)


def _choose(page: str, choice: Filter) -> ChosenFilter:
    values = choose_values(choice.label, choice.options, f"{page}_{choice.name}", f"All: {choice.label.lower()}")
    return ChosenFilter(tuple(choice.fields.items()), tuple(values))


def choose_values(label: str, options: Sequence[str], key: str, placeholder: str) -> list[str]:
    """Draw one filter and return the values that it is set to; the link has them under `key`."""
    return st.multiselect(
        label,
        options,
        key=key,
        bind="query-params",
        placeholder=placeholder,
        label_visibility="collapsed",
        width=220,
    )
