"""The controls of Explore: each is chosen in words, and each choice stands in the link.

The second series has the same controls as the first, under names that begin with `y` instead of `x`.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from jorge_data.dashboard.context import UserContext
from jorge_data.dashboard.explore.exploration import (
    AGGREGATIONS,
    ALTOGETHER,
    AUTO,
    BESIDE,
    CALCULATIONS,
    CONTACTS,
    EVENTS,
    KINDS,
    MOST_SPLITS,
    RATIO,
    SHARES,
    ChosenSeries,
    Exploration,
    aggregations,
    calculations,
    measures,
    shapes,
)
from jorge_data.dashboard.query.page_query import STEP_WORDS, PageQuery
from jorge_data.dashboard.query.requests import among
from jorge_data.dashboard.ui.controls import control_key, write_link
from jorge_data.errors import RequestRefused
from jorge_data.metrics.formatting import joined, number
from jorge_data.metrics.names import condition_words, kind_words, label_words, sentence_case, title_words
from jorge_data.metrics.statistics.period import STEPS

OPERATORS = {"in": "is", "ne": "is not", "ge": "at least", "gt": "more than", "le": "at most", "lt": "less than"}
OF_NAMES, OF_NUMBERS = ("in", "ne"), ("ge", "gt", "le", "lt")
MOST_VALUES = 100


def explore(query: PageQuery) -> Exploration:
    """Draw the controls and return what is chosen; the values to filter by are those of the query's period."""
    with st.container(border=True, key="exploration"):
        first = _series("x", query)
        with st.grid(4, min_column_width=160):
            by = _several("Split by", KINDS[first.kind].dims, "x_by")
            calculation = _pick("Calculate", calculations(first, by), "x_calc", CALCULATIONS.__getitem__)
            step = _pick("Step", (AUTO, *STEPS, ALTOGETHER), "x_step", _step_words)
            shape = _pick("Chart", shapes(first, by, step, calculation), "x_shape", str)
        second = None
        if calculation in (RATIO, BESIDE):
            st.caption("The second series" if calculation == BESIDE else "Divided by")
            second = _series("y", query)
    return Exploration(first, () if calculation == BESIDE else by, step, shape, calculation, second)


def _series(prefix: str, query: PageQuery) -> ChosenSeries:
    depending = tuple(f"{prefix}_{name}" for name in ("measure", "agg", "by", "where", "shape", "calc"))
    with st.grid(4, min_column_width=160, vertical_alignment="bottom"):
        kinds = sorted(KINDS, key=lambda each: (KINDS[each].entity, kind_words(each)))
        kind = _pick("What", kinds, f"{prefix}_kind", _kind_words, depending, next(iter(KINDS)))
        measure = _pick("Measure", measures(kind), f"{prefix}_measure", _measure_words, depending[1:2])
        offered = aggregations(kind, measure)
        agg = _pick("As", offered, f"{prefix}_agg", AGGREGATIONS.__getitem__) if len(offered) > 1 else offered[0]
        _add_filter(prefix, kind, query)
    return ChosenSeries(kind, measure, agg, _filters(prefix))


def _filters(prefix: str) -> tuple[str, ...]:
    """Draw the filters that are set, in words; one that is taken away is gone."""
    name = f"{prefix}_where"
    where = tuple(st.query_params.get_all(name))
    if where:
        key = control_key(name, list(where))
        st.multiselect(
            "Filters", where, where, format_func=_condition, key=key, on_change=_write_several, args=(name, key)
        )
    return where


def _add_filter(prefix: str, kind: str, query: PageQuery) -> None:
    """Draw what adds a filter: a field, how it is compared, and values that it has in this period."""
    name = f"{prefix}_where"
    menu = st.popover("Add a filter", icon=":material/filter_alt:", key=f"{prefix}_filter", on_change="rerun")
    if not menu.open:
        return
    cube = KINDS[kind]
    numbers = () if cube.entity else tuple(each for each in cube.measures if each not in SHARES)
    with menu:
        field = st.selectbox("Field", (*cube.dims, *numbers), format_func=title_words, key=f"{prefix}_field_{kind}")
        operators = OF_NUMBERS if field in numbers else OF_NAMES
        key = f"{prefix}_op_{kind}_{field}"
        operator = st.selectbox("Compared", operators, format_func=OPERATORS.__getitem__, key=key)
        key, values = f"{prefix}_value_{kind}_{field}", list[str]()
        if field in numbers:
            values = [f"{st.number_input('Value', key=key):g}"]
        else:
            seen = seen_values(kind, field, query)
            values = st.multiselect(
                "Values",
                list(seen),
                format_func=lambda each: joined(label_words(each, field), seen.get(each)),
                key=key,
                accept_new_options=True,
                placeholder="Those of this period, or another",
            )
        conditions = conditions_of(field, operator, values)
        add = {"on_click": _add, "args": (name, conditions), "disabled": not conditions}
        st.button("Add it", key=f"{prefix}_add", **add)  # type: ignore[arg-type]


def conditions_of(field: str, operator: str, values: Sequence[str]) -> tuple[str, ...]:
    """Return the conditions of a filter: one for all values that may be, one for each that may not be."""
    if operator == "in":
        return (among(field, values) if len(values) > 1 else f"{field}:eq:{values[0]}",) if values else ()
    return tuple(f"{field}:{operator}:{value}" for value in values)


def seen_values(kind: str, field: str, query: PageQuery) -> dict[str, str]:
    """Return the values that a field has in the period, the most frequent first, with how often each."""
    try:
        frame = UserContext.current().client.series(query.series(kind, by=(field,))).frame
    except RequestRefused:  # another may be written all the same
        return {}
    listed = frame.sort_values("value", ascending=False, kind="stable").head(MOST_VALUES)
    pairs = zip(listed[field], listed["value"], strict=True)
    return {str(value): number(count) for value, count in pairs if "," not in str(value)}


def _add(name: str, conditions: tuple[str, ...]) -> None:
    write_link({name: list(dict.fromkeys([*st.query_params.get_all(name), *conditions]))}, (name,))


def _pick(
    label: str, options: Sequence[str], name: str, words: Any, depending: tuple[str, ...] = (), default: str = ""
) -> str:
    """Draw a choice of one and return what the link says; what is chosen anew takes what depends on it away."""
    default = default or options[0]
    value = st.query_params.get(name, default)
    value = value if value in options else default
    key = control_key(name, value)
    given = (name, key, default, depending)
    st.selectbox(label, options, options.index(value), format_func=words, key=key, on_change=_write, args=given)
    return value


def _write(name: str, key: str, default: str, depending: tuple[str, ...]) -> None:
    value = st.session_state[key]
    write_link({} if value == default else {name: value}, (name, *depending))


def _several(label: str, options: Sequence[str], name: str) -> tuple[str, ...]:
    value = [each for each in st.query_params.get_all(name) if each in options][:MOST_SPLITS]
    key = control_key(name, value)
    chosen: dict[str, Any] = {"on_change": _write_several, "args": (name, key), "max_selections": MOST_SPLITS}
    st.multiselect(label, options, value, format_func=title_words, key=key, placeholder="nothing", **chosen)
    return tuple(value)


def _write_several(name: str, key: str) -> None:
    values = st.session_state[key]
    write_link({name: list(values)} if values else {}, (name,))


def _condition(condition: str) -> str:
    return sentence_case(condition_words(condition))


def _kind_words(kind: str) -> str:
    return sentence_case(kind_words(kind))


def _measure_words(measure: str) -> str:
    return {EVENTS: "How many", CONTACTS: "How many different contacts"}.get(measure) or title_words(measure)


def _step_words(step: str) -> str:
    return {AUTO: "as fits the period", ALTOGETHER: "no time: altogether"}.get(
        step
    ) or f"by {STEP_WORDS.get(step, step)}"
