"""Rollups by the hour, added up from those by the quarter of an hour: they are right where the events are gone, too."""

from alembic import op

revision = "0010"
down_revision = "0009"

ADD_HOURS = """
INSERT INTO rollups (log, kind, measure, grain, bucket, d0, d1, d2, d3, d4, d5, d6, d7, n, sum, lo, hi, sketch)
SELECT log, kind, measure, 'hour', bucket - (bucket % 3600000000 + 3600000000) % 3600000000,
    d0, d1, d2, d3, d4, d5, d6, d7, n, sum, lo, hi, sketch
FROM rollups WHERE grain = 'quarter'
ON CONFLICT DO UPDATE SET
    n = n + excluded.n,
    sum = sum + excluded.sum,
    lo = min(coalesce(lo, excluded.lo), coalesce(excluded.lo, lo)),
    hi = max(coalesce(hi, excluded.hi), coalesce(excluded.hi, hi)),
    sketch = CASE WHEN excluded.sketch IS NULL THEN sketch WHEN sketch IS NULL THEN excluded.sketch ELSE (
        SELECT json_group_object(key, n) FROM (
            SELECT key, sum(value) AS n FROM (
                SELECT key, value FROM json_each(rollups.sketch)
                UNION ALL SELECT key, value FROM json_each(excluded.sketch))
            GROUP BY key HAVING sum(value) <> 0))
    END
"""
"""Row by row, as a fold adds them: an aggregate would fail at a sum that nobody's real figures reach."""


def upgrade() -> None:
    op.execute(ADD_HOURS)
