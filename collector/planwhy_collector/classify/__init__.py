"""Stage 7, pure: from a context to a verdict, by rules that people can read."""
