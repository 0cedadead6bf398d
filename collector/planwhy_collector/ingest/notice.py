"""The notice: what the person at the PC is told before anything is recorded. In: settings. Out: text and version.

The version is a hash of the text, so that any change asks for a new acknowledgement.
"""

import hashlib

from planwhy_shared.wire import Notice

_TEXT = """\
Что записывается на этом компьютере

Planwhy записывает в рабочие часы, какая программа и какая вкладка браузера была впереди, как долго, и были ли нажатия
клавиш или движения мыши. Из адреса сохраняется только имя сайта; путь — только у CRM. Заголовки личных программ
(мессенджеры, почта, банки, здоровье, религия, поиск работы) не сохраняются.
Никогда не записываются: снимки экрана, нажатые клавиши, тексты сообщений, содержимое страниц, приватные окна.
Вне рабочих часов и во время личной паузы не записывается, что было открыто: вне рабочих часов — только то, был ли
компьютер в работе, во время паузы — только то, что это пауза.
Зачем: если план не выполнен, понять почему. Оценок, рейтингов и штрафов нет.
Кто видит: вы — всегда и всё своё. Ваш руководитель — план, факт и задачи; подробности — только по открытому случаю
невыполненного плана или с указанной причиной, на ограниченное время. Каждый такой просмотр виден на вашей странице.
Как долго: заголовки {title_days} дней, записи {span_months} месяцев.
Вы можете поставить запись на паузу, возразить против любой отметки, получить копию своих данных.

What is recorded on this computer

During working hours Planwhy records which program and which browser tab was in front, for how long, and whether keys
were pressed or the mouse was moved. Of an address only the site's name is kept, the path only for the CRM. Titles of
personal programs (messengers, mail, banks, health, religion, job search) are not kept.
Never recorded: screenshots, keystrokes, message texts, page contents, private windows. Outside working hours and
during a private pause nothing of what was open is recorded: outside working hours only whether the computer was in
use, during a pause only that it was a pause.
Why: to understand a missed plan. There are no scores, no rankings, no fines.
Who sees it: you, always, all of yours. Your supervisor sees plan, fact and tasks; detail only through an open case of a
missed plan or with a stated reason, for a limited time. Every such look stands on your page.
How long: titles {title_days} days, records {span_months} months.
You may pause the recording, object to any label, and have a copy of your data.
"""


def notice(title_days: int, span_months: int) -> Notice:
    """The notice in force, in Russian and English."""
    text = _TEXT.format(title_days=title_days, span_months=span_months)
    return Notice(version=hashlib.sha256(text.encode()).hexdigest()[:12], text=text)
