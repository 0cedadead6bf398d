"""The notice: what the person at the PC is told before anything is recorded. In: settings, what is declared. Out: text
and version.

The version is a hash of the text as it would be without a declared policy, and of the moment since which people are
asked for it: a policy that keeps more asks for a new acknowledgement, one that keeps less only changes the text.
"""

import hashlib

from planwhy_shared.wire import Notice

from planwhy_collector.config import Settings
from planwhy_collector.recording.read import Recording
from planwhy_collector.recording.words import english, russian

_TEXT = """\
Что записывается на этом компьютере

Planwhy записывает в рабочие часы, какая программа и какая вкладка браузера была впереди, как долго, и были ли нажатия
клавиш или движения мыши.
{russian}
Никогда не записываются: снимки экрана, нажатые клавиши, тексты сообщений, содержимое страниц, приватные окна.
Вне рабочих часов и во время личной паузы не записывается, что было открыто: вне рабочих часов — только то, был ли
компьютер в работе, во время паузы — только то, что это пауза.
Раз в минуту записывается, какие программы и сайты были открыты рядом и во скольких окнах и вкладках: только их
названия, временем это не считается. Если клавиши долго не нажимались, проверяется, не идёт ли звонок: занят ли микрофон
программой для звонков или браузером, открыто ли окно звонка. Звук и собеседник не записываются.
Зачем: если план не выполнен, понять почему. Оценок, рейтингов и штрафов нет.
Кто видит: вы — всегда и всё своё. Ваш руководитель — план, факт и задачи; подробности — только по открытому случаю
невыполненного плана или с указанной причиной, на ограниченное время. Каждый такой просмотр виден на вашей странице.
Как долго: заголовки {title_days} дней, записи {span_months} месяцев.
Вы можете поставить запись на паузу, возразить против любой отметки, получить копию своих данных.

What is recorded on this computer

During working hours Planwhy records which program and which browser tab was in front, for how long, and whether keys
were pressed or the mouse was moved.
{english}
Never recorded: screenshots, keystrokes, message texts, page contents, private windows. Outside working hours and
during a private pause nothing of what was open is recorded: outside working hours only whether the computer was in
use, during a pause only that it was a pause.
Once a minute it is recorded which programs and sites were open besides, and in how many windows and tabs: their names
alone, and never counted as time. When no key was pressed for long, it is checked whether a call goes on: whether a call
program or a browser has the microphone open, or a call's window is there. Neither sound nor whom you speak to is
recorded.
Why: to understand a missed plan. There are no scores, no rankings, no fines.
Who sees it: you, always, all of yours. Your supervisor sees plan, fact and tasks; detail only through an open case of a
missed plan or with a stated reason, for a limited time. Every such look stands on your page.
How long: titles {title_days} days, records {span_months} months.
You may pause the recording, object to any label, and have a copy of your data.
"""


def notice(settings: Settings, what: Recording, asked_ms: int = 0) -> Notice:
    """The notice for people of whom `what` is recorded, in two languages; `asked_ms`: since when it is asked for."""
    hosts = tuple(host for host in settings.crm_hosts.split(",") if host.strip())
    usual = f"{_text(settings, Recording(path_hosts=hosts))}{asked_ms or ''}"
    return Notice(version=hashlib.sha256(usual.encode()).hexdigest()[:12], text=_text(settings, what))


def _text(settings: Settings, what: Recording) -> str:
    return _TEXT.format(
        russian=russian(what),
        english=english(what),
        title_days=settings.title_days,
        span_months=settings.span_months,
    )
