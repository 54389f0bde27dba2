"""A page's filters: drawn in one row; their values are in the link."""

from collections.abc import Mapping
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
    values = st.multiselect(
        choice.label,
        choice.options,
        key=f"{page}_{choice.name}",
        bind="query-params",
        placeholder=f"All: {choice.label.lower()}",
        label_visibility="collapsed",
        width=220,
    )
    return ChosenFilter(tuple(choice.fields.items()), tuple(values))
