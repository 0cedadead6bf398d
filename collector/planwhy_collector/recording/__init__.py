"""What agents record, as administrators declare it. In: TOML text. Out: a Recording. Never: working hours."""
