"""Stage 11: pure view data, then renderers."""
