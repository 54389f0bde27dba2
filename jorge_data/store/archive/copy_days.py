"""Copying an archive: its files beside another store."""

import filecmp
import os
import shutil
from pathlib import Path

from jorge_data.store.archive.archive import sync

DRAFT = ".partial"


def copy_days(archive: Path, to: Path) -> int:
    """Copy the files of an archive that are not there yet; return how many it has.

    Raise FileExistsError, with nothing copied, where the other folder has a file of another archive.
    """
    days = {path.relative_to(archive) for path in archive.rglob("*.parquet")}
    there = {path.relative_to(to) for path in to.rglob("*.parquet")}
    for day in sorted(there):
        if day not in days or not filecmp.cmp(archive / day, to / day, shallow=False):
            raise FileExistsError(f"{to / day} is of another archive")
    for day in sorted(days - there):
        copy = to / day
        copy.parent.mkdir(parents=True, exist_ok=True)
        draft = copy.with_name(copy.name + DRAFT)
        shutil.copy2(archive / day, draft)
        sync(draft)
        os.replace(draft, copy)
        sync(copy.parent)
    return len(days)
