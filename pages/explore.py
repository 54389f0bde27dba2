"""Explore: ask any question of what happened, in words, and take the answer along."""

import time
from datetime import UTC, datetime

from jorge_data.dashboard.context import AppContext
from jorge_data.dashboard.explore.answer import show
from jorge_data.dashboard.explore.question_builder import explore
from jorge_data.dashboard.query.page_query import PageQuery, page_query_for
from jorge_data.dashboard.ui import page_layout
from jorge_data.dashboard.ui.shell import scope

settings = AppContext.current().settings
chosen = explore(page_query_for(scope(), datetime.fromtimestamp(time.time(), UTC), settings.timezone))


def answer(query: PageQuery) -> None:
    show(chosen, query, settings.events_url)


page_layout.show("explore", answer)
