"""A call is told by who has the microphone and by windows of running calls, and not by what only looks like one."""

from dataclasses import dataclass, field

import pytest
from agent_parts import ScriptedBrowsers, ScriptedDesktop, moment
from hypothesis import given
from hypothesis import strategies as st
from planwhy_agent.sources.base import CallTest, OpenProgram, OpenSite, SourceLost, Tab, Window
from planwhy_agent.sources.calls import ASK_MS, Calls, is_room, shows_call, speaks
from planwhy_agent.watch import Watch


@pytest.mark.parametrize(
    "program",
    [
        "zoom",
        "Zoom.exe",
        "MicroSIP.exe",
        "linphone",
        "zoiper5",
        "3CXWin8Phone.exe",
        "ms-teams.exe",
        "Telegram.exe",
        "telegram-desktop",
        "Bitrix24.exe",
        "chrome.exe",
        "firefox-bin",
        "Google Chrome Helper",
        "max.exe",
        "discord",
    ],
)
def test_a_call_program_or_a_browser_with_the_microphone_is_a_call(program: str) -> None:
    assert speaks(frozenset({"pavucontrol", program}))


@pytest.mark.parametrize("program", ["pavucontrol", "obs", "audacity", "zoomtext", "gnome-sound-recorder", ""])
def test_any_other_program_with_the_microphone_is_none(program: str) -> None:
    assert not speaks(frozenset({program}))
    assert not speaks(frozenset())


@pytest.mark.parametrize(
    ("app", "running", "other"),
    [
        ("zoom", "Zoom Meeting", "Zoom"),
        ("Zoom.exe", "Zoom Webinar", "Zoom Workplace"),
        ("zoom", "Zoom Meeting 40-Minutes", "Zoom Meetings"),
        ("zoom", "Конференция Zoom", "Zoom Cloud Meetings"),
        ("ms-teams.exe", "Meeting with Ann | Microsoft Teams", "Calendar | Microsoft Teams"),
        ("teams-for-linux", "Собрание в канале «Продажи» | Microsoft Teams", "Звонки | Microsoft Teams"),
        ("Webex.exe", "Ann's meeting", "Webex"),
        ("atmgr.exe", "Webex Meeting", "Webex Meetings"),
        ("WhatsApp.exe", "Видеозвонок — WhatsApp", "WhatsApp"),
        ("whatsapp", "Voice call - WhatsApp", "Calls - WhatsApp"),
        ("telegram-desktop", "Call with Ann", "Telegram (3)"),
        ("Telegram.exe", "Звонок с Анной", "Звонки"),
        ("skype", "Call with Ann", "Skype"),
        ("linphone", "Incoming call from 101", "Linphone"),
        ("MicroSIP.exe", "Исходящий звонок с 101", "MicroSIP"),
        ("zoiper5", "Call to 101", "Call history"),
        ("3CXPhone.exe", "Call with 101", "3CX"),
        ("Bitrix24.exe", "Звонок с клиентом", "Битрикс24"),
        ("TrueConf.exe", "Конференция: планёрка", "TrueConf"),
        ("SberJazz.exe", "Встреча отдела", "SberJazz"),
        ("ktalk.exe", "Комната 7", "Контур.Толк"),
        ("telemost.exe", "Видеовстреча", "Яндекс Телемост"),
        ("slack", "Huddle: #sales", "general - Slack"),
        ("max.exe", "Входящий звонок от Анны", "MAX"),
    ],
)
def test_the_window_of_a_running_call_is_known_and_its_neighbour_is_not(app: str, running: str, other: str) -> None:
    assert shows_call(app, running)
    assert not shows_call(app, other)
    assert not shows_call("gedit", running)
    assert not shows_call(app, None)


@pytest.mark.parametrize(
    ("room", "lobby"),
    [
        ("https://meet.google.com/abc-defg-hij", "https://meet.google.com/landing"),
        ("https://telemost.yandex.ru/j/12345678901234", "https://telemost.yandex.ru/"),
        ("https://us02web.zoom.us/wc/join/123456789", "https://zoom.us/pricing"),
        ("https://app.zoom.us/wc/123456789/start", "https://app.zoom.us/wc"),
        ("https://acme.ktalk.ru/a1b2c3d4", "https://acme.ktalk.ru/recordings"),
        ("https://jazz.sber.ru/sber-9eyt5u", "https://jazz.sber.ru/download"),
        ("https://acme.bitrix24.ru/video/abc", "https://acme.bitrix24.ru/crm/deal/details/7/"),
        ("https://teams.microsoft.com/l/meetup-join/19:meeting", "https://teams.microsoft.com/v2/"),
        ("https://max.ru/joincall/abc", "https://web.max.ru/1234"),
        ("https://acme.webex.com/meet/ann", "https://acme.webex.com/webappng/sites/acme/dashboard"),
        ("https://my.mts-link.ru/j/1/2", "https://my.mts-link.ru/business"),
        ("https://vk.com/call/join/abc", "https://vk.com/calls"),
    ],
)
def test_the_address_of_a_room_is_known_and_the_page_before_it_is_not(room: str, lobby: str) -> None:
    assert is_room(room) and is_room(f"{room}/")
    assert not is_room(lobby)
    assert not is_room(room.replace(".ru/", ".example/").replace(".com/", ".example/").replace(".us/", ".example/"))


@given(st.one_of(st.none(), st.text(max_size=60), st.text(max_size=60).map("https://meet.google.com/{}".format)))
def test_no_address_and_no_title_is_an_error(text: str | None) -> None:
    assert is_room(text) in (True, False)
    assert shows_call("zoom", text) in (True, False)


@dataclass
class Office:
    """A desktop, a microphone and how often each was asked."""

    desktop: ScriptedDesktop = field(default_factory=lambda: ScriptedDesktop([Window("xterm", "t", 1)]))
    recording: frozenset[str] = frozenset()
    asked: int = 0

    def who(self) -> frozenset[str]:
        self.asked += 1
        return self.recording

    def watch(self) -> Watch:
        watch = Watch(lambda _titled: self.desktop, None, Calls(self.who))
        watch.idle_after_ms = 180_000
        return watch


def signal(watch: Watch, at_ms: int) -> tuple[str | None, int | None]:
    sample = watch.look(moment(at_ms))
    assert sample is not None
    return sample.call, sample.quiet_ms


@pytest.mark.parametrize(("idle_ms", "locked"), [(0, False), (179_999, False), (500_000, True)])
def test_nobody_is_asked_for_a_call_while_it_does_not_matter(idle_ms: int, locked: bool) -> None:
    office = Office(recording=frozenset({"zoom"}))
    office.desktop.idle, office.desktop.is_locked = idle_ms, locked
    watch = office.watch()
    assert signal(watch, 0) == (None, idle_ms)
    watch.idle_after_ms = None
    office.desktop.idle, office.desktop.is_locked = 500_000, False
    assert signal(watch, 1_000) == (None, 500_000)
    assert office.asked == 0


def test_the_microphone_is_asked_every_ten_seconds_and_tells_how_long_the_call_is_over() -> None:
    office = Office(recording=frozenset({"zoom"}))
    office.desktop.idle = 200_000
    watch = office.watch()
    assert [signal(watch, at) for at in (0, 5_000)] == [("microphone", 0), ("microphone", 5_000)]
    assert office.asked == 1
    office.recording = frozenset({"obs"})
    assert signal(watch, ASK_MS) == (None, ASK_MS)
    office.desktop.idle = 100
    assert signal(watch, ASK_MS + 1_000) == (None, 100)


class Windows(ScriptedDesktop):
    """A desktop with a window behind the one in front."""

    behind = ("zoom", "Zoom Meeting")

    def any_call(self, programs: frozenset[str], called: CallTest) -> bool:
        return self.behind[0] in programs and called(*self.behind)


def test_a_window_of_a_call_tells_of_it_in_front_and_behind() -> None:
    front = Office(ScriptedDesktop([Window("zoom", "Zoom Meeting", 1)]))
    behind = Office(Windows([Window("xterm", "t", 1)]))
    nowhere = Office()
    for office, expected in ((front, "call_window"), (behind, "call_window"), (nowhere, None)):
        office.desktop.idle = 200_000
        assert signal(office.watch(), 0)[0] == expected


def test_a_meeting_in_the_page_in_front_is_a_call() -> None:
    page = Tab("https://meet.google.com/abc-defg-hij", "t", False, 0)
    calls = Calls(frozenset)
    assert calls.look(0, ScriptedDesktop(), Window("chromium", "t", 1), page) == "call_window"
    private = Tab(None, None, True, 0)
    assert calls.look(ASK_MS, ScriptedDesktop(), Window("chromium", None, 1), private) is None


class Lost(ScriptedDesktop):
    """A desktop that ends while it is asked what is open."""

    def programs(self) -> tuple[OpenProgram, ...]:
        raise SourceLost("the display is gone")


def test_what_is_open_comes_from_desktop_and_browsers_and_a_lost_desktop_names_nothing() -> None:
    desktop, sites = ScriptedDesktop(), (OpenSite("chromium", "example.com", 3),)
    desktop.open_programs = (OpenProgram("xterm", 2),)
    watch = Watch(lambda _titled: desktop, ScriptedBrowsers(sites))
    assert watch.around(moment(0)) is None
    watch.look(moment(0))
    assert watch.around(moment(0)) == (desktop.open_programs, sites)
    lost = Watch(lambda _titled: Lost(), None)
    lost.look(moment(0))
    assert lost.around(moment(0)) is None
    assert lost.problem == "the display is gone"
