"""What is known of one person: erased, exported, and removed field by field when it is old."""
