"""Stage 6: thin routes that authenticate a device, store its batch and answer with a receipt."""

from flask import Flask


def register(app: Flask) -> None:
    """Add the routes that agents talk to."""
