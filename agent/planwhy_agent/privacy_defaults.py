"""Stage 2, data: programs, hosts and words whose titles are dropped unless the policy says otherwise by name.

In: nothing. Out: tables. Never: a verdict about work; these are only kinds of things nobody else should read.
"""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BROWSERS = _words("""
    chrome google-chrome google-chrome-stable chromium chromium-browser firefox firefox-esr librewolf msedge
    microsoft-edge opera vivaldi vivaldi-bin brave brave-browser yandex_browser yandex-browser browser safari
    iexplore epiphany falkon konqueror waterfox tor-browser atom sputnik
""")
"""Programs that show foreign pages: their window title without a reported tab is that of an unknown page."""

MESSENGERS = _words("""
    telegram telegram-desktop telegramdesktop ayugram kotatogram whatsapp whatsapp-desktop whatsdesk zapzap viber
    viberpc signal signal-desktop skype skypeforlinux discord slack element element-desktop riot teams
    teams-for-linux ms-teams mattermost mattermost-desktop rocketchat rocket.chat zulip pidgin psi psi-plus gajim
    dino icq agent myteam vkteams tamtam max messenger wechat line threema wire session jami imessage messages
    facetime qtox utox hexchat konversation weechat-gtk express dialog
""")
MAIL = _words("""
    thunderbird betterbird outlook olk hxoutlook evolution geary kmail kmail2 claws-mail sylpheed mailspring thebat
    thebat64 mail emclient postbox trojita balsa birdtray
""")
SECRETS = _words("""
    keepass keepassxc keepass2 bitwarden 1password lastpass enpass seahorse kwalletmanager kwalletmanager5
    gnome-authenticator authy revelation pass qtpass pinentry pinentry-gtk-2 pinentry-gnome3
    polkit-gnome-authentication-agent-1
""")
BANK_PROGRAMS = _words("""
    sberbank sberbusiness tbank tinkoff vtb alfabank gnucash kmymoney homebank skrooge
""")

DROPPED_PROGRAMS = MESSENGERS | MAIL | SECRETS | BANK_PROGRAMS

MESSENGER_HOSTS = _words("""
    web.telegram.org t.me telegram.me web.whatsapp.com wa.me messenger.com discord.com discordapp.com app.slack.com
    teams.microsoft.com teams.live.com web.skype.com web.max.ru max.ru web.icq.com icq.com vk.com vk.ru vk.me
    web.vk.me ok.ru facebook.com instagram.com x.com twitter.com chat.google.com signal.org viber.com
    messages.google.com line.me wechat.com wx.qq.com element.io tamtam.chat snapchat.com
""")
MAIL_HOSTS = _words("""
    mail.google.com gmail.com mail.yandex.ru mail.yandex.com mail.yandex.by mail.yandex.kz mail.ru e.mail.ru
    outlook.live.com outlook.office.com outlook.office365.com hotmail.com mail.rambler.ru mail.yahoo.com proton.me
    mail.proton.me protonmail.com icloud.com fastmail.com tutanota.com app.tuta.com zoho.com mail.zoho.com
    webmail.mail.ru biz.mail.ru
""")
BANK_HOSTS = _words("""
    sberbank.ru sberbank.com sber.ru tbank.ru tinkoff.ru vtb.ru alfabank.ru gazprombank.ru gpb.ru rshb.ru
    raiffeisen.ru psbank.ru sovcombank.ru open.ru rosbank.ru unicreditbank.ru otpbank.ru mkb.ru pochtabank.ru
    bspb.ru uralsib.ru akbars.ru homebank.ru rencredit.ru mtsbank.ru tochka.com modulbank.ru yoomoney.ru qiwi.com
    paypal.com wise.com revolut.com kaspi.kz halykbank.kz homebank.kz belarusbank.by priorbank.by privatbank.ua
    monobank.ua chase.com bankofamerica.com wellsfargo.com citi.com hsbc.com barclays.co.uk n26.com ing.com
    deutsche-bank.de binance.com bybit.com coinbase.com nalog.ru lkfl2.nalog.ru
""")
HEALTH_HOSTS = _words("""
    emias.info gorzdrav.org gorzdrav.spb.ru zdrav.mos.ru zdrav10.ru prodoctorov.ru docdoc.ru sberhealth.ru
    napopravku.ru invitro.ru gemotest.ru helix.ru cmd-online.ru kdl.ru citilab.ru medsi.ru smclinic.ru  doktor.ru
    doctor.ru health.mail.ru 03.ru consmed.ru medportal.ru probolezny.ru likar.info webmd.com  mayoclinic.org nhs.uk
    healthline.com patient.info doctolib.fr doctolib.de zocdoc.com drugs.com medscape.com  apteka.ru eapteka.ru
    uteka.ru zdravcity.ru rigla.ru asna.ru aids.gov arvt.ru yasno.live zigmund.online  betterhelp.com b17.ru
    flo.health babyblog.ru babycenter.com
""")
RELIGION_HOSTS = _words("""
    azbyka.ru patriarchia.ru pravoslavie.ru pravmir.ru foma.ru hram.ru mospat.ru islam.ru islamnews.ru dumrf.ru
    umma.ru quran.com sunnah.com chabad.org jewish.ru toldot.com vatican.va vaticannews.va catholic.com bible.com
    biblegateway.com jw.org baptist.org.ru adventist.ru buddhist.ru dhamma.org iskcon.org churchofjesuschrist.org
""")
JOB_HOSTS = _words("""
    hh.ru hh.kz headhunter.ru headhunter.kz rabota.by superjob.ru rabota.ru zarplata.ru gorodrabot.ru trudvsem.ru
    career.habr.com moikrug.ru geekjob.ru getmatch.ru hexlet.io joblab.ru job.ru jobs.ru vakant.ru rabota.ua work.ua
    jooble.org linkedin.com indeed.com glassdoor.com monster.com ziprecruiter.com stepstone.de xing.com
    wellfound.com dice.com careerjet.com reed.co.uk totaljobs.com hired.com upwork.com fl.ru freelance.ru kwork.ru
""")
INTIMATE_HOSTS = _words("""
    mamba.ru tinder.com badoo.com loveplanet.ru pure.app teamo.ru bumble.com okcupid.com
""")

DROPPED_HOSTS = MESSENGER_HOSTS | MAIL_HOSTS | BANK_HOSTS | HEALTH_HOSTS | RELIGION_HOSTS | JOB_HOSTS | INTIMATE_HOSTS

PRIVATE_WINDOW_WORDS = (
    "incognito",
    "инкогнито",
    "inprivate",
    "private browsing",
    "private window",
    "приватный просмотр",
    "приватное окно",
    "приватный режим",
    "приватная вкладка",
    "tor browser",
)
"""How browsers name a private window in its title."""

SENSITIVE_WORDS = (
    "telegram",
    "телеграм",
    "whatsapp",
    "viber",
    "вконтакте",
    "одноклассники",
    "мессенджер",
    "messenger",
    "gmail",
    "outlook",
    "протон",
    "proton mail",
    "почта",
    "входящие",
    "inbox",
    "банк",
    "bank",
    "сбер",
    "госуслуги",
    "врач",
    "клиник",
    "анализ",
    "диагноз",
    "беременн",
    "аптека",
    "психолог",
    "психотерап",
    "здоровь",
    "clinic",
    "doctor",
    "symptom",
    "church",
    "храм",
    "молитв",
    "коран",
    "quran",
    "bible",
    "библия",
    "ваканси",
    "резюме",
    "поиск работы",
    "headhunter",
    "hh.ru",
    "superjob",
    "vacanc",
    "resume",
    "job search",
    "знакомств",
    "dating",
)
"""Parts of window titles of a browser that reports no tab; the host is unknown then, so words must do."""
