"""Queries over the history: from the parameters of a request to SQL, and back to rows.

1. `series_request` and `table_request` read a request into a SeriesQuery or a TableQuery; every name in it is checked
   against `query_schema`, which knows what each kind of fact may be split, filtered and measured by.
2. `service` waits until the rollups cover what is committed, and opens one view of the store for the whole response.
3. A series: `time_buckets` cuts its span into steps. What a cube has is answered by `from_rollups`, for which `planner`
   covers each step with the largest rollups that fit and leaves the edges to events; what only an event's own fields
   have by `from_events`, in SQL; a mixture with derived dimensions by `from_events_one_by_one`, in Python.
4. A table: `table` pages through facts, or through events with `event_rows`; `entity_lists` through contacts and deals.
   Conditions become SQL in the store (`store/event_filter.py` holds the values, `store/sql/` the statements).
5. `answer` makes the rows of a series from cells; `arrow` encodes them where a client prefers that to JSON.
"""
