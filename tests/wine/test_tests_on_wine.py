"""The agent's own tests, run by a Windows Python under Wine."""

from collections.abc import Iterator

import pytest
import wine

pytestmark = [pytest.mark.wine, pytest.mark.skipif(bool(wine.missing()), reason=wine.missing())]

AGENT = wine.ROOT / "tests" / "agent"
PORTABLE = (
    "tests/shared",
    "tests/agent/test_spool.py tests/agent/test_spool_locks.py tests/agent/test_spans.py tests/agent/test_recorder.py",
    "tests/agent/test_upload.py",
    "tests/agent/test_privacy.py tests/agent/test_addresses_in_titles.py",
    "tests/agent/test_commands.py tests/agent/test_instance_lock.py",
    "tests/agent/sources/test_frames.py tests/agent/sources/test_flood.py tests/agent/sources/test_texts.py"
    " tests/agent/sources/test_activitywatch.py",
)
"""What is the same on every system, in groups that end soon."""
WINDOWS = tuple(f"tests/agent/windows/{path.name}" for path in sorted((AGENT / "windows").glob("test_*.py")))
OPTIONS = ("-q", "-p", "no:cacheprovider", "--confcutdir=tests/agent", "--timeout=90")


@pytest.fixture(scope="module")
def screen() -> Iterator[dict[str, str]]:
    with wine.desktop() as found:
        yield found


@pytest.mark.timeout(400)
@pytest.mark.parametrize("files", [*PORTABLE, *WINDOWS])
def test_they_pass_on_windows(files: str, screen: dict[str, str]) -> None:
    code, said = wine.run(["-m", "pytest", *OPTIONS, *files.split()], screen, within_s=360)
    print(said)
    assert code == 0, said[-5_000:]
    assert " passed" in said
