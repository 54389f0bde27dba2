"""Old events as Parquet files, which questions still read."""
