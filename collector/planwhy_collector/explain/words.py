"""The words of the summary in both languages: fixed sentences with places for figures. Data, no rules.

The wording says what coincides with what. It never says who or what is to blame; a test keeps the list of words that
must not appear.
"""

from collections.abc import Mapping

FACTORS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "attendance": "presence at work",
        "focus": "the share of work in the time at work",
        "sales_share": "the share of sales in work",
        "contact_rate": "contacts per hour of sales work",
        "follow_up": "the share of contacts made with an overdue task",
        "conversion": "the conversion of contacts into contracts",
        "deal_value": "the value of a contract",
        "plan_stretch": "the plan beside what its assumptions give",
        "plan_unknown": "the plan itself, for what it was made from is not known",
        "contacts": "the number of sales contacts",
    },
    "ru": {
        "attendance": "присутствие на работе",
        "focus": "доля работы за время на рабочем месте",
        "sales_share": "доля продаж в работе",
        "contact_rate": "контакты на час работы по продажам",
        "follow_up": "доля контактов при просроченной задаче",
        "conversion": "конверсия контактов в договоры",
        "deal_value": "сумма договора",
        "plan_stretch": "план рядом с его исходными величинами",
        "plan_unknown": "сам план: не известно, из чего он исходил",
        "contacts": "число контактов по продажам",
    },
}

ABSENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "approved_absence": "approved absence",
        "vacation": "vacation",
        "sick": "illness",
        "trip": "business trip",
        "other": "other approved absence",
        "service_surge": "service work above the plan's share",
        "agent_off": "recording program not running",
        "no_word": "no word from any computer of this person",
    },
    "ru": {
        "approved_absence": "согласованное отсутствие",
        "vacation": "отпуск",
        "sick": "болезнь",
        "trip": "командировка",
        "other": "другое согласованное отсутствие",
        "service_surge": "работа с клиентами сверх доли в плане",
        "agent_off": "программа записи не работала",
        "no_word": "ни один компьютер сотрудника ничего не сообщил",
    },
}

VERDICTS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "absent": "away with approval for most of the time",
        "no_data": "too little recorded to say",
        "worked_not_closed": "worked on, but not closed",
        "no_capacity": "there was no free time",
        "had_capacity": "there was free time",
        "unclear": "not clear from what is recorded",
    },
    "ru": {
        "absent": "большую часть времени было согласованное отсутствие",
        "no_data": "записано слишком мало, чтобы судить",
        "worked_not_closed": "работа шла, но задача осталась открытой",
        "no_capacity": "свободного времени не было",
        "had_capacity": "свободное время было",
        "unclear": "из записанного не ясно",
    },
}

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "en": {
        "missed": "The plan for {period} was {target}; the result is {actual}, which is {shortfall} short ({percent}).",
        "reached": "The plan for {period} was {target}; the result is {actual}. The plan was reached.",
        "part_missed": "Of the plan for {plan}, {target} fall on {part}; the result is {actual}, which is {shortfall} "
        "short ({percent}).",
        "part_reached": "Of the plan for {plan}, {target} fall on {part}; the result is {actual}. That part "
        "of the plan was reached.",
        "so_far": "the working hours so far",
        "so_far_of": "the working hours so far ({period})",
        "nothing_due": "Nothing of the plan was due for {period}; the result is {actual}.",
        "factors": "What the shortfall coincides with most: {first}.",
        "further": "Also: {list}.",
        "helped": "In the other direction: {list}.",
        "factor": "{name}, {actual} against {plan} in the plan{beside}: {part}{range}",
        "stretched": "{name}: {part}{range}",
        "above": "the plan itself, {share} above what its assumptions give",
        "below": "the plan itself, {share} below what its assumptions give",
        "alone": "{value} (with as many late contacts as planned)",
        "range": ", possibly between {low} and {high}",
        "beside": " ({list})",
        "own": "in the three months before: {value}",
        "met": "those who met the plan: {value}",
        "no_factor": "No single factor stands out.",
        "as_planned": "About as planned, so not what explains the shortfall: {list}.",
        "chance": "So few contracts are within chance: with these contacts {expected} were to be expected, and "
        "{actual} or fewer come out in {probability} of such periods.",
        "not_chance": "So few contracts are hardly within chance: with these contacts {expected} were to be expected, "
        "and {actual} or fewer come out in {probability} of such periods.",
        "focus_same": "Non-work time does not explain the shortfall: its share ({share}) is about that of those who "
        "met the plan ({met}).",
        "focus_fine": "Non-work time does not explain the shortfall: the share of work was at the plan's level.",
        "overdue": "Overdue tasks: {count}, in all {hours} of working time past the deadline ({list}).",
        "no_overdue": "There were no overdue tasks.",
        "circumstances": "Circumstances: {list}.",
        "circumstance": "{name}, {hours}",
        "other_currency": "Contracts in another currency, not counted: {count}.",
        "contract_without_amount": "Contracts without an amount, counted as 0: {count}.",
        "contact_without_card": "Contacts that name no deal, client or task, not counted: {count}.",
        "not_employed": "Contacts and contracts dated before hiring or after leaving, not counted: {count}.",
        "no_sales_time": "Contacts were made, but no time on sales is recorded; instead of time only the number of "
        "contacts is compared.",
        "no_hours": "The working calendar has no hours in this time.",
        "no_carrier": "What was assumed gives nothing at all, so that the whole target stands against the plan.",
        "coverage": "{share} of the expected working time is recorded; {unrecorded} are not, and the intervals allow "
        "for it.",
        "coverage_almost": "Nearly all of the expected working time is recorded.",
        "coverage_full": "All of the expected working time is recorded.",
        "silent": "Only {share} of the expected working time is recorded: not enough recorded to speak of time. Not "
        "recorded: {unrecorded} of {expected}. Only contacts, contracts and the plan itself are compared.",
        "unclassified": "Not recognised: {hours}, counted neither as work nor as non-work.",
        "none": "No plan value and no history for: {list}; the actual value stands in, and the rest shows in the plan "
        "itself.",
    },
    "ru": {
        "missed": "План на {period} — {target}, результат — {actual}: не хватает {shortfall} ({percent}).",
        "reached": "План на {period} — {target}, результат — {actual}. План выполнен.",
        "part_missed": "Из плана на {plan} на {part} приходится {target}, результат — {actual}: не хватает {shortfall} "
        "({percent}).",
        "part_reached": "Из плана на {plan} на {part} приходится {target}, результат — {actual}. Эта часть плана "
        "выполнена.",
        "so_far": "прошедшие рабочие часы",
        "so_far_of": "прошедшие рабочие часы ({period})",
        "nothing_due": "На {period} по плану ничего не приходилось, результат — {actual}.",
        "factors": "Главное, с чем совпадает недобор: {first}.",
        "further": "Также: {list}.",
        "helped": "В другую сторону: {list}.",
        "factor": "{name} — {actual} вместо {plan} в плане{beside}: {part}{range}",
        "stretched": "{name}: {part}{range}",
        "above": "сам план, на {share} выше того, что дают его исходные величины",
        "below": "сам план, на {share} ниже того, что дают его исходные величины",
        "alone": "{value} (при плановой доле поздних контактов)",
        "range": ", возможно от {low} до {high}",
        "beside": " ({list})",
        "own": "за три месяца до этого — {value}",
        "met": "у выполнивших план — {value}",
        "no_factor": "Ни один фактор заметно не выделяется.",
        "as_planned": "Примерно как в плане, поэтому недобор не объясняют: {list}.",
        "chance": "Такое число договоров укладывается в случайность: при этих контактах ожидалось {expected}, а "
        "{actual} или меньше выходит в {probability} таких периодов.",
        "not_chance": "Такое число договоров вряд ли случайно: при этих контактах ожидалось {expected}, а {actual} или "
        "меньше выходит в {probability} таких периодов.",
        "focus_same": "Нерабочее время недобор не объясняет: его доля ({share}) примерно та же, что у выполнивших план "
        "({met}).",
        "focus_fine": "Нерабочее время недобор не объясняет: доля работы была на уровне плана.",
        "overdue": "Просроченных задач: {count}, всего {hours} рабочего времени после срока ({list}).",
        "no_overdue": "Просроченных задач не было.",
        "circumstances": "Обстоятельства: {list}.",
        "circumstance": "{name}, {hours}",
        "other_currency": "Договоры в другой валюте не учтены: {count}.",
        "contract_without_amount": "Договоры без суммы учтены как 0: {count}.",
        "contact_without_card": "Контакты без сделки, клиента и задачи не учтены: {count}.",
        "not_employed": "Контакты и договоры с датой до приёма на работу или после увольнения не учтены: {count}.",
        "no_sales_time": "Контакты были, но времени на продажи не записано; вместо времени сравнивается только число "
        "контактов.",
        "no_hours": "В рабочем календаре на это время нет рабочих часов.",
        "no_carrier": "Исходные величины плана дают ноль, поэтому вся цель отнесена к самому плану.",
        "coverage": "Записано {share} ожидаемого рабочего времени; не записано {unrecorded}, интервалы это учитывают.",
        "coverage_almost": "Записано почти всё ожидаемое рабочее время.",
        "coverage_full": "Записано всё ожидаемое рабочее время.",
        "silent": "Записано лишь {share} ожидаемого рабочего времени — этого недостаточно, чтобы говорить о времени. "
        "Не записано: {unrecorded} из {expected}. Сравниваются только контакты, договоры и сам план.",
        "unclassified": "Не опознано: {hours}, это не считается ни работой, ни нерабочим временем.",
        "none": "Ни в плане, ни в истории нет величин: {list}; вместо них взяты фактические, остальное видно в самом "
        "плане.",
    },
}

CONTRACTS: Mapping[str, Mapping[str, str]] = {
    "en": {"one": "{n} contract", "other": "{n} contracts"},
    "ru": {"one": "{n} договор", "few": "{n} договора", "many": "{n} договоров", "other": "{n} договора"},
}
"""How many contracts, by the plural category of the number (Unicode CLDR)."""

TASK_PAST: Mapping[str, Mapping[str, str]] = {
    "en": {
        "moved": "deadline moved",
        "reopened": "reopened",
        "held": "in these hands",
        "deleted": "deal or client deleted",
    },
    "ru": {
        "moved": "срок перенесён",
        "reopened": "открыта заново",
        "held": "у сотрудника",
        "deleted": "сделка или клиент удалены",
    },
}
"""What happened to a task besides being overdue; the first two are followed by how often."""

HOURS: Mapping[str, str] = {"en": "h", "ru": "ч"}
