"""The collector as it is shipped, on each kind of database, for tests that talk to it over sockets."""

from collections.abc import Iterator

import pytest
from raw_http import RawCollector, raw_collector
from running import CollectorProgram


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def shipped(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RawCollector]:
    """A running collector; one for all tests of a module and each database."""
    url = None if request.param == "sqlite" else request.getfixturevalue("postgres").copy()
    with raw_collector(CollectorProgram(tmp_path_factory.mktemp("shipped"), url)) as collector:
        yield collector
