"""Stage 1 as a whole: what is not to be kept is not read."""

from agent_parts import ScriptedDesktop, moment
from planwhy_agent.sources.base import Tab, Titled, Window
from planwhy_agent.watch import Watch


class Curtained(ScriptedDesktop):
    """A desktop with one window, whose title is read only where that is allowed."""

    def __init__(self, titled: Titled, app: str = "xterm") -> None:
        super().__init__()
        self.titled, self.app, self.reads = titled, app, list[bool]()

    def read(self) -> Window:
        self.reads.append(self.titled(self.app, 7))
        return Window(self.app, "title" if self.reads[-1] else None, 7, 1)


class Speaking:
    """A browser whose extension speaks for one process."""

    def __init__(self, pid: int) -> None:
        self.pid, self.reads = pid, 0

    def filenos(self) -> tuple[int, ...]:
        return ()

    def read(self) -> None:
        self.reads += 1

    def speaks_for(self, _app: str | None, pid: int | None) -> bool:
        return pid == self.pid

    def tab_of(self, _window: Window) -> Tab | None:
        return None

    def settle_ms(self) -> int:
        return 0

    def connected(self) -> int:
        return 1

    def close(self) -> None:
        pass


def watching(browsers: Speaking | None = None) -> tuple[Watch, list[Curtained]]:
    made: list[Curtained] = []

    def opened(titled: Titled) -> Curtained:
        made.append(Curtained(titled))
        return made[-1]

    return Watch(opened, browsers), made


def title(watch: Watch) -> str | None:
    found = watch.look(moment(0))
    assert found is not None
    assert found.window is not None
    return found.window.title


def test_the_title_of_a_locked_session_is_not_read_and_that_of_an_unlocked_one_is_at_once():
    watch, made = watching()
    assert title(watch) == "title"
    made[0].is_locked = True
    assert title(watch) is None
    reads = len(made[0].reads)
    assert title(watch) is None
    assert not any(made[0].reads[reads:])
    made[0].is_locked = False
    assert title(watch) == "title"


def test_what_may_be_read_may_change_at_any_time():
    watch, _ = watching()
    watch.titled = lambda _app, _pid: False
    assert title(watch) is None
    watch.titled = lambda app, _pid: app == "xterm"
    assert title(watch) == "title"


def test_the_title_of_a_window_for_which_an_extension_speaks_is_not_read():
    browsers = Speaking(pid=7)
    watch, made = watching(browsers)
    assert title(watch) is None
    assert not any(made[0].reads)
    browsers.pid = 8
    assert title(watch) == "title"


def test_a_watch_at_rest_lets_go_of_the_desktop_and_opens_it_again():
    watch, made = watching()
    title(watch)
    watch.rest()
    watch.rest()
    assert (len(made), watch.filenos()) == (1, ())
    assert title(watch) == "title"
    assert len(made) == 2
