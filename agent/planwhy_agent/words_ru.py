"""The Russian of everything that a person reads from the agent. In: nothing. Out: one table. Never: a text that is
not said any more; a guard test compares this with the code.
"""

RUSSIAN = {
    # status
    "Now": "Сейчас",
    "Private time": "Личное время",
    "Person": "Сотрудник",
    "My page": "Моя страница",
    "Notice": "Уведомление",
    "Policy": "Что хранится",
    "Sent": "Отправлено",
    "Waiting": "Ждёт отправки",
    "Looked": "Кто смотрел",
    "Recording": "Идёт запись",
    "Recording: {what}": "Идёт запись: {what}",
    "Recording: {what}, since {since} ({ago})": "Идёт запись: {what}, с {since} ({ago})",
    "Recording; the disk is full": "Идёт запись; на диске нет места",
    "in front: {app}": "впереди {app}",
    "someone works at the computer": "за компьютером работают",
    "nobody works at the computer": "за компьютером никого",
    "the screen is locked": "экран заблокирован",
    "the computer sleeps": "компьютер спит",
    "Browsers connected: {n}": "Подключено браузеров: {n}",
    "The disk is full: what is recorded waits in memory; free some space": (
        "На диске нет места: записи ждут в памяти; освободите место"
    ),
    "The agent does not run: nothing is recorded": "Агент не запущен: ничего не записывается",
    "This computer is not enrolled: nothing is recorded": "Компьютер не подключён: ничего не записывается",
    "The notice is not acknowledged: nothing is recorded": "Уведомление не подтверждено: ничего не записывается",
    "The desktop is out of sight: only the time without it is recorded": (
        "Рабочий стол не виден: записывается только время без него"
    ),
    "Outside working hours: what is open is not recorded": "Нерабочее время: что открыто, не записывается",
    "Private time until {until} ({left} left)": "Личное время до {until} (ещё {left})",
    "Private time until it is ended": "Личное время, пока его не закончат",
    "no; begin it with: planwhy-agent pause MINUTES": "нет; начать: planwhy-agent pause МИНУТ",
    "end it with: planwhy-agent resume": "закончить: planwhy-agent resume",
    "not enrolled: planwhy-agent enrol --url ADDRESS --code CODE": (
        "не подключён: planwhy-agent enrol --url АДРЕС --code КОД"
    ),
    "{name}, at {url}": "{name}, {url}",
    "acknowledged": "подтверждено",
    "not acknowledged; read it with: planwhy-agent notice": "не подтверждено; прочитать: planwhy-agent notice",
    "none is known": "правила неизвестны",
    "Recorded: {hours} ({zone})": "Записывается: {hours} ({zone})",
    "Recorded: not at all in the coming week, it is free ({zone})": (
        "Ближайшую неделю ничего не записывается, она выходная ({zone})"
    ),
    "Mon": "Пн",
    "Tue": "Вт",
    "Wed": "Ср",
    "Thu": "Чт",
    "Fri": "Пт",
    "Sat": "Сб",
    "Sun": "Вс",
    "Titles are kept at {names}": "Заголовки сохраняются у: {names}",
    "Of titles only the shape is kept at {names}": "Только вид заголовков, без слов, сохраняется у: {names}",
    "Titles are not kept at {names}": "Заголовки не сохраняются у: {names}",
    "Addresses are not kept at all at {names}": "Адреса совсем не сохраняются у: {names}",
    "Titles of windows and tabs are kept": "Заголовки окон и вкладок сохраняются",
    "Of titles of windows and tabs only the shape is kept, not the words": (
        "От заголовков окон и вкладок сохраняется только вид, без слов"
    ),
    "Titles of windows and tabs are not kept": "Заголовки окон и вкладок не сохраняются",
    "Never kept: titles of messengers, mail, banks, health, religion, job search, private windows": (
        "Никогда: заголовки мессенджеров, почты, банков, здоровья, религии, поиска работы, приватных окон"
    ),
    "Struck out of titles besides the usual: {patterns}": "Вычёркивается из заголовков сверх обычного: {patterns}",
    "Of addresses only the site's name is kept": "От адресов сохраняется только имя сайта",
    "Of addresses only the site's name is kept; with the path at {hosts}": (
        "От адресов сохраняется только имя сайта; вместе с путём — у {hosts}"
    ),
    "A newer policy is not understood, this one stays: {why}": "Новые правила непонятны, действуют прежние: {why}",
    "nothing so far": "пока ничего",
    "With browsers: {told}": "С браузерами: {told}",
    "messages not understood": "непонятых сообщений",
    "messages missing": "пропавших сообщений",
    "messages while the agent was away": "сообщений без агента",
    "connections closed": "закрытых соединений",
    "of them for too many messages": "из них за поток сообщений",
    "This is a remote session": "Это удалённый сеанс",
    "No policy that can be understood is known: nothing is recorded": ("Понятных правил нет: ничего не записывается"),
    "policy_invalid: the stored one cannot be read": "policy_invalid: сохранённые правила не читаются",
    "it is fetched again; restart the agent": "они будут получены снова; перезапустите агента",
    "{when} ({ago})": "{when} ({ago})",
    "Reason: {why}": "Причина: {why}",
    "Next attempt: {when}": "Следующая попытка: {when}",
    "The collector refuses this computer; nothing is sent": "Сервер не принимает этот компьютер; отправки нет",
    "The collector is not reached; what is recorded waits on the disk": "Сервер недоступен; записи ждут на диске",
    "Not sent since {when}; what is recorded waits on the disk": "Нет отправки с {when}; записи ждут на диске",
    "Set aside because the collector refused them: {n}": "Отложено, сервер отказал: {n}",
    "Lost: {reasons}": "Потеряно: {reasons}",
    "nobody looked at my detail in the last 30 days": "за последние 30 дней мои подробности никто не смотрел",
    "and {n} more; all of them are on my page": "и ещё {n}; все — на моей странице",
    "{when} {who}: {purpose}": "{when} {who}: {purpose}",
    "someone no longer known": "кто-то, уже неизвестный",
    "employee": "сотрудник",
    "supervisor": "руководитель",
    "administrator": "администратор",
    "works council": "представитель работников",
    "overdue tasks": "просроченные задачи",
    "a client's complaint": "жалоба клиента",
    "help that I asked for": "помощь по моей просьбе",
    "review of the workload": "разбор нагрузки",
    "I asked for it": "по моей просьбе",
    "a security incident": "случай нарушения безопасности",
    "missed plan": "невыполненный план",
    "just now": "только что",
    "{span} ago": "{span} назад",
    "further notice": "особого распоряжения",
    # enrolment, notice, private time, spool, autostart, purge
    "enrolled for {name}, device {device}": "подключён: {name}, устройство {device}",
    "I have read this": "Прочитано",
    "Not now": "Не сейчас",
    "Close": "Закрыть",
    "What is recorded on this computer": "Что записывается на этом компьютере",
    "Acknowledged": "Подтверждено",
    "Not acknowledged: nothing will be recorded; acknowledge it later by: planwhy-agent notice": (
        "Не подтверждено: ничего не будет записываться; подтвердить позже: planwhy-agent notice"
    ),
    "The agent does not run; when it starts before then, private time counts": (
        "Агент не запущен; если он запустится раньше этого срока, личное время будет учтено"
    ),
    "There was no private time": "Личного времени не было",
    "Recording goes on": "Запись продолжается",
    "Private time has ended; the agent does not run": "Личное время закончено; агент не запущен",
    "waiting: {waiting}; set aside: {aside}; kept for a day although sent: {kept}": (
        "ждёт отправки: {waiting}; отложено: {aside}; отправлено и хранится сутки: {kept}"
    ),
    "The agent starts with the session": "Агент запускается вместе с сеансом",
    "The agent does not start with the session": "Агент не запускается вместе с сеансом",
    "The agent starts with the session: {where}": "Агент запускается вместе с сеансом: {where}",
    "The agent starts no more with the session": "Агент больше не запускается вместе с сеансом",
    "It did not start with the session": "Он и не запускался вместе с сеансом",
    "All that the agent has put on this computer will be removed; not sent yet: {n}": (
        "Будет удалено всё, что агент записал на этот компьютер; ещё не отправлено: {n}"
    ),
    "Remove it?": "Удалить?",
    "Nothing was removed": "Ничего не удалено",
    "Removed: {n}": "Удалено: {n}",
    "There was nothing to remove": "Удалять было нечего",
    "the agent does not run; start it: planwhy-agent run": "агент не запущен; запустите: planwhy-agent run",
    "the tray shows the icon already": "значок уже показан",
    "there is no notice before this machine is enrolled": "пока компьютер не подключён, уведомления нет",
    "this machine is not enrolled; run: planwhy-agent enrol --url ADDRESS --code CODE": (
        "компьютер не подключён; выполните: planwhy-agent enrol --url АДРЕС --code КОД"
    ),
    "no window can be opened here; use a terminal": "здесь нельзя открыть окно; воспользуйтесь терминалом",
    "url: give --url ADDRESS or set it in the configuration": "url: укажите --url АДРЕС или задайте его в настройках",
    "the agent records already": "агент уже запущен",
    "a setting or an address is wrong": "неверная настройка или адрес",
    "the disk is full": "на диске нет места",
    "this computer was not enrolled": "компьютер не подключён",
    "there is no desktop that can be seen": "рабочий стол не виден",
    "this computer is not enrolled": "компьютер не подключён",
    "the collector is not reached": "сервер недоступен",
    # doctor
    "ok": "в норме",
    "WRONG": "СБОЙ",
    "agent": "агент",
    "display": "экран",
    "browsers": "браузеры",
    "extension": "расширение",
    "tray": "значок",
    "address": "адрес",
    "certificate": "сертификат",
    "collector": "сервер",
    "clock": "часы",
    "notice": "уведомление",
    "policy": "правила",
    "disk": "диск",
    "permissions": "доступ",
    "waiting": "ждёт отправки",
    "autostart": "автозапуск",
    "sending": "отправка",
    "known only while the agent runs": "известно, только пока агент запущен",
    "no problem": "без помех",
    "it is tried again at {when}": "следующая попытка в {when}",
    "tell your administrator": "сообщите администратору",
    "cannot be checked: {why}": "не удалось проверить: {why}",
    "the agent does not run": "агент не запущен",
    "The agent does not run": "Агент не запущен",
    "The agent has stopped": "Агент остановлен",
    "The agent still runs after {n} s": "Агент всё ещё работает через {n} с",
    "start it: planwhy-agent run; or: planwhy-agent autostart on": (
        "запустите: planwhy-agent run; или: planwhy-agent autostart on"
    ),
    "process {pid}": "процесс {pid}",
    "no notice is known": "уведомления нет",
    "enrol this computer": "подключите этот компьютер",
    "not acknowledged: nothing is recorded": "не подтверждено: ничего не записывается",
    "read it: planwhy-agent notice": "прочитайте: planwhy-agent notice",
    "{why}; the last good one stays": "{why}; действуют прежние",
    "version {version}": "версия {version}",
    "cannot write in {folder}: {why}": "нельзя писать в {folder}: {why}",
    "free some space, or make the folder writable, or change data_dir": (
        "освободите место, откройте папку для записи или смените data_dir"
    ),
    "{n} MB free": "свободно {n} МБ",
    "free some space; what is recorded needs it": "освободите место, оно нужно для записей",
    "the person's own profile is closed to other people": "профиль закрыт для других людей",
    "{path} belongs to somebody else": "{path} принадлежит другому",
    "{path} can be read by others": "{path} могут читать другие",
    "{path} cannot be written": "в {path} нельзя писать",
    "only the owner can read the agent's files": "файлы агента читает только владелец",
    "what waits cannot be read": "записи не читаются",
    "restart the agent: it moves a damaged file aside": "перезапустите агент: он отложит повреждённый файл",
    "damaged files were moved aside: {n}; keep them for your administrator": (
        "отложено повреждённых файлов: {n}; сохраните их для администратора"
    ),
    "the collector refused some: {n}": "сервер отказал: {n}",
    "starts with the session": "запускается вместе с сеансом",
    "does not start with the session": "не запускается вместе с сеансом",
    "the name {host} is not known here": "имя {host} здесь неизвестно",
    "check the network and the address": "проверьте сеть и адрес",
    "none is needed without TLS": "без TLS не нужен",
    "not seen: {why}": "не получен: {why}",
    "check the address, the network and the firewall": "проверьте адрес, сеть и межсетевой экран",
    "check the address, the network and the firewall; what is recorded waits on the disk": (
        "проверьте адрес, сеть и межсетевой экран; записи ждут на диске"
    ),
    "trusted until {until}, {days} left": "действителен до {until}, ещё {days}",
    "tell your administrator that it ends soon": "сообщите администратору, что он скоро истечёт",
    "the certificate is not valid yet": "сертификат ещё не действует",
    "check the clock of this computer": "проверьте часы этого компьютера",
    "the certificate has expired": "срок сертификата истёк",
    "tell your administrator; what is recorded waits on the disk": "сообщите администратору; записи ждут на диске",
    "the certificate is signed by itself": "сертификат подписан сам собой",
    "the certificate is signed by an authority that this computer does not know": (
        "сертификат подписан центром, которого этот компьютер не знает"
    ),
    "the certificate is not trusted": "сертификату нет доверия",
    "set ca_file to the certificate of your company's authority": (
        "укажите в ca_file сертификат центра вашей организации"
    ),
    "the certificate is made out to another name": "сертификат выдан на другое имя",
    "check the address; else tell your administrator": "проверьте адрес; если он верен, сообщите администратору",
    "reached, the device is known": "отвечает, устройство известно",
    "the device is refused: {why}": "устройство не принято: {why}",
    "ask for a new code and enrol again": "попросите новый код и подключитесь снова",
    "answered {status}: {why}": "ответил {status}: {why}",
    "it may pass by itself; else tell your administrator": "может пройти само; если нет, сообщите администратору",
    "answered {status}, not as a collector does": "ответил {status}, не как сервер Planwhy",
    "check the address: something else answers there": "проверьте адрес: там отвечает что-то другое",
    "enrol it: planwhy-agent enrol --url ADDRESS --code CODE": (
        "подключите: planwhy-agent enrol --url АДРЕС --code КОД"
    ),
    "correct the setting that is named": "исправьте названную настройку",
    "not compared: the collector is not reached": "не сверены: сервер недоступен",
    "the collector does not tell its time": "сервер не сообщает время",
    "{seconds:+d} s to the collector": "{seconds:+d} с к серверу",
    "set the clock; times are corrected meanwhile": "установите часы; пока время поправляется",
    "log out; before the password is typed choose the session that says `on Xorg` or `X11`, then log in": (
        "выйдите из сеанса; перед вводом пароля выберите сеанс с надписью «on Xorg» или «X11» и войдите снова"
    ),
    "start the agent inside a desktop session that can be watched": (
        "запустите агент в сеансе рабочего стола, который можно видеть"
    ),
    "windows can be seen, their titles cannot": "окна видны, их заголовки — нет",
    "allow {program} in System Settings, Privacy & Security, Accessibility": (
        "разрешите {program} в Системных настройках: Конфиденциальность и безопасность, Универсальный доступ"
    ),
    "windows can be seen": "окна видны",
    "no browser knows the agent": "браузеры не знают агента",
    "run once: planwhy-agent run": "запустите один раз: planwhy-agent run",
    "known to {browsers}": "агента знают: {browsers}",
    "connected: {browsers}": "подключено: {browsers}",
    "no browser is open": "браузер не открыт",
    "open without the extension: {names}": "открыт без расширения: {names}",
    "install the extension; it lies in {folder}": "установите расширение; оно лежит в {folder}",
    "switched off by the setting `tray`": "выключен настройкой `tray`",
    "the desktop shows the icon and notifications": "рабочий стол показывает значок и уведомления",
    "the desktop shows the icon, but no notifications": "рабочий стол показывает значок, но не уведомления",
    "the desktop shows notifications, but no icon": "рабочий стол показывает уведомления, но не значок",
    "the desktop shows neither icon nor notifications": "рабочий стол не показывает ни значка, ни уведомлений",
    "pause and status work in a terminal; on GNOME install the extension AppIndicator for the icon": (
        "pause и status работают в терминале; в GNOME для значка нужно расширение AppIndicator"
    ),
    # tray and notifications
    "Read the notice and acknowledge it…": "Прочитать и подтвердить уведомление…",
    "Private time: 15 minutes": "Личное время: 15 минут",
    "Private time: 1 hour": "Личное время: 1 час",
    "Private time: until tomorrow": "Личное время: до завтра",
    "End private time": "Закончить личное время",
    "Open my page": "Открыть мою страницу",
    "Status…": "Состояние…",
    "What is recorded here has to be read": "Прочитайте, что записывается",
    "Nothing is recorded until you have read the notice and acknowledged it.": (
        "Пока вы не прочитали и не подтвердили уведомление, ничего не записывается."
    ),
    "Read the notice": "Прочитать",
    "The collector refuses this computer": "Сервер не принимает этот компьютер",
    "Nothing is sent; what is recorded waits here. Please tell your administrator.": (
        "Ничего не отправляется, записи ждут здесь. Сообщите администратору."
    ),
    "Private time has ended": "Личное время закончилось",
    "Recording goes on.": "Запись продолжается.",
    "No window can be opened here": "Здесь нельзя открыть окно",
    "Open a terminal instead: planwhy-agent notice, planwhy-agent status": (
        "Откройте терминал: planwhy-agent notice, planwhy-agent status"
    ),
}
