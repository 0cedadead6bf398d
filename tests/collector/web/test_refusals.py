"""Refused forms: a sentence in the reader's language, the way back, and the words that were written."""

import pytest
from planwhy_collector.report.language import language
from planwhy_collector.web.refusals import refusal_words
from signed_in import LEAD, Site

REASON = "Two clients left in the <b>middle</b> of the month"


@pytest.mark.parametrize(
    ("detail", "told"),
    [
        ("target 'x': expected a number", "'x' — не число."),
        ("set.e1.focus: 'x' is not a number", "'x' — не число."),
        ("reason: at least 20 characters are needed", "Напишите не меньше 20 знаков."),
        ("period '2026-13': expected such as 2026-10", "'2026-13' — не период; напишите, например, 2026-12, 2026-W50"),
        ("there is no such thing", None),
    ],
)
def test_a_refusal_is_told_in_the_readers_language(detail: str, told: str | None) -> None:
    found = refusal_words(detail, language("ru"))
    assert found is None if told is None else (found or "").startswith(told)


def test_a_refused_form_gives_back_the_words_and_no_password(place: Site) -> None:
    lead = place.client(LEAD)
    sent = {"based_on": "12", "target": "nine", "reason": REASON, "old": "a secret of mine"}
    token = lead.get("/plans").text.split('name="csrf_token" value="')[1].split('"')[0]
    page = f"/cases/{place.case()}"
    came = {"Referer": f"http://localhost{page}"}
    answer = lead.post(f"{page}/target", data=sent | {"csrf_token": token}, headers=came)
    assert answer.status_code == 422
    assert "&lt;b&gt;middle&lt;/b&gt;" in answer.text and f'href="{page}"' in answer.text
    assert "a secret" not in answer.text
