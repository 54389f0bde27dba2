"""A process that appends for ever and prints each position once it is acknowledged; made to be killed."""

import sys
from itertools import count
from pathlib import Path

from jorge_data.store import SQLiteStore
from tests.store.office import event

if __name__ == "__main__":
    path, life = Path(sys.argv[1]), sys.argv[2]
    store = SQLiteStore(path)
    for number in count():
        batch = [event(f"{life}-{number}-{n}", pad="x" * 500) for n in range(1 + number % 7)]
        futures = [store.append("a", batch), store.append("b", batch[:1])]
        acked = [str(appended.cursor.seq) for appended in futures[0].result()]
        sys.stdout.write(f"{','.join(acked)} {futures[1].result()[0].cursor.seq}\n")
        sys.stdout.flush()
