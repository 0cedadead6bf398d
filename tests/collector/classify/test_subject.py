"""What a decision is about."""

import pytest
from planwhy_collector.classify.subject import Subject, subject_of
from planwhy_collector.facts import CALL_APP, Context


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (Context("chrome.exe", "www.acme.example", "/a", "t"), Subject("host", "acme.example")),
        (Context("chrome.exe", "m.ru", None, None), Subject("host", "m.ru")),
        (Context(r"C:\Apps\Acme.EXE", None, None, "t"), Subject("program", "acme")),
        (Context(CALL_APP, None, "/deal/1", None), None),
        (Context(None, None, None, "t"), None),
    ],
)
def test_a_context_is_about_its_host_or_else_its_program(context: Context, expected: Subject | None) -> None:
    assert subject_of(context) == expected
