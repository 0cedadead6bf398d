"""One site for each test of the pages."""

import pytest
from planwhy_collector.db import Database
from signed_in import Site, site


@pytest.fixture
def place(database: Database) -> Site:
    """The site."""
    return site(database)
