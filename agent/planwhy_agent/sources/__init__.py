"""Stage 1: what the machine shows. One file per system, one protocol (`base`)."""
