"""Changes that sources see from threads of their own reach the loop."""

from planwhy_agent.sources.base import Desktop, SourceLost, Titled
from planwhy_agent.watch import Watch


def no_desktop(_titled: Titled) -> Desktop:
    raise SourceLost("not here")


def test_a_change_that_a_source_has_seen_reaches_whoever_waits_now() -> None:
    watch, heard = Watch(no_desktop, None), list[str]()
    watch.happened()
    watch.on_event = lambda: heard.append("first")
    watch.happened()
    watch.on_event = lambda: heard.append("second")
    watch.happened()
    assert heard == ["first", "second"]
