"""Pages for people, and the reading API: same roles, same gate."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the pages and the reading API."""
