"""Stage 1, data: programs and pages in which people call and meet, and how a running call shows in them.

In: nothing. Out: tables. Never: a verdict about work, or a title that is more than asked of: only whether it fits.

Program names stand as systems know them, in lower case without `.exe`. A program without a pattern tells of a call by
the microphone alone: its windows look the same in a call and without one, or are titled by who is called.
"""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SOFTPHONES = _words("""
    microsip linphone linphone-desktop zoiper zoiper5 3cx 3cxwin8phone 3cxphone 3cxsoftphone phonerlite phoner twinkle
    ekiga blink baresip x-lite bria eyebeam sipnet jitsi sflphone gnome-calls mangotalker telphin zadarma megafon.bp
    uiscom sipuni ringcentral dialpad aircall avayacommunicator onexcui ciscojabber jabber
""") | {"mango talker", "3cx desktop app", "gnome calls"}
MEETINGS = _words("""
    zoom zoom.us zoomus ms-teams teams msteams teams-for-linux webex webexmta atmgr ciscocollabhost gotomeeting g2mcomm
    trueconf trueconfroom sberjazz jazz salutejazz ktalk kontur.talk konturtalk telemost yandextelemost dion
    vinteo videomost iva iva-connect ivaconnect mts-link mtslink bluejeans goto
""") | {"microsoft teams", "яндекс телемост", "контур.толк", "cisco webex meetings"}
MESSENGERS = _words("""
    telegram telegram-desktop telegramdesktop ayugram kotatogram whatsapp whatsapp-desktop whatsapp.root whatsdesk
    zapzap viber viberpc skype skypeforlinux signal signal-desktop discord slack element element-desktop mattermost
    mattermost-desktop rocket.chat zulip wire jami icq myteam vkteams vkcalls max express bitrix24 bitrix24desktop
    facetime
""") | {"vk teams", "vk calls"}
BROWSERS = _words("""
    chrome google-chrome chromium chromium-browser firefox firefox-esr librewolf msedge microsoft-edge opera vivaldi
    brave brave-browser yandex_browser yandex-browser browser safari
""") | {"google chrome", "microsoft edge", "yandex", "brave browser"}
"""Meetings are held in tabs too: a browser with an open microphone stands in a call."""

CALL_PROGRAMS = SOFTPHONES | MEETINGS | MESSENGERS

_ANY_CALL = (
    r"^(?:incoming |outgoing |voice |video |audio )?call (?:with|from|to|in)\b"
    r"|^(?:входящий |исходящий )?(?:звонок|вызов|разговор) (?:с|со|от|из|в)\b"
)
_ZOOM = r"^(?:zoom (?:meeting|webinar)(?!s)|(?:конференция|вебинар) zoom|zoom (?:конференция|вебинар))\b"
_TEAMS = (
    r"^(?:meeting|call) (?:in|with)\b|^(?:собрание|совещание|звонок|вызов) (?:в|с|со)\b"
    r"|\| (?:meeting|собрание) \| microsoft teams$"
)
_WHATSAPP = r"^(?:whatsapp )?(?:voice|video) call\b|^(?:аудио|видео)звонок\b"
_WEBEX = r"^webex meeting\b(?!s)|(?:'s|’s) (?:meeting|personal room)$|^(?:совещание|собрание) webex\b"
_ROOMS = (
    r"^(?:встреча|видеовстреча|конференция|видеоконференция|комната)(?: |:|$)"
    r"|^(?:meeting|conference)(?::| with\b| in\b)"
)
_HUDDLE = r"^huddle\b|\bhuddle in\b"

_PATTERNS = (
    ("zoom zoom.us zoomus", _ZOOM),
    ("ms-teams teams msteams teams-for-linux", _TEAMS),
    ("whatsapp whatsapp-desktop whatsapp.root", _WHATSAPP),
    ("webex webexmta atmgr ciscocollabhost", _WEBEX),
    (
        "trueconf trueconfroom sberjazz jazz salutejazz ktalk kontur.talk konturtalk telemost yandextelemost dion",
        _ROOMS,
    ),
    ("slack", _HUDDLE),
)
CALL_TITLES = {name: re.compile(pattern, re.IGNORECASE) for names, pattern in _PATTERNS for name in names.split()}
"""How the window of a running call is titled, by program. Main windows, calendars and lists of calls do not fit."""
OTHER_CALLS = re.compile(_ANY_CALL, re.IGNORECASE)
"""The same for call programs that have no pattern of their own."""

_ROOM_PATHS = (
    ("meet.google.com", r"/[a-z]{3}-[a-z]{4}-[a-z]{3}"),
    ("telemost.yandex.ru telemost.yandex.com telemost.360.yandex.ru", r"/j/\d+"),
    ("zoom.us", r"/wc/(?:join/)?\d+(?:/.*)?"),
    ("teams.microsoft.com teams.live.com", r"/(?:l/meetup-join|meet)/.+"),
    ("ktalk.ru", r"/(?=[a-z-]*\d)[a-z0-9-]{6,}"),
    ("jazz.sber.ru salutejazz.ru", r"/(?=[a-z-]*\d)[a-z0-9-]{6,}"),
    ("trueconf.ru trueconf.com trueconf.net", r"/(?:c|webrtc)/.+"),
    ("max.ru", r"/(?:call|joincall)/.+"),
    ("vk.com vk.ru", r"/call/join/.+"),
    ("webex.com", r"/(?:wbxmjs|meet|webappng/sites/[^/]+/meeting)/.+"),
    ("meet.jit.si", r"/[^/]{5,}"),
    ("bitrix24.ru bitrix24.com bitrix24.kz bitrix24.by", r"/video/[\w-]+"),
    ("mts-link.ru webinar.ru", r"/j/.+"),
)
CALL_PAGES = {host: re.compile(path, re.IGNORECASE) for hosts, path in _ROOM_PATHS for host in hosts.split()}
"""Which addresses are rooms, by host and whole path; the pages from which rooms are entered do not fit."""
