"""CSV files in, everything or nothing."""
