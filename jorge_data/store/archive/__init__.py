"""Old events as Parquet files, which queries still read."""
