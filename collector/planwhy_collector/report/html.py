"""Stage 11: the weekly report as one HTML file that needs nothing else: styles and charts stand inside.

In: view data. Out: HTML. Never: a script, a link to another machine, a text that is not escaped.
"""

from markupsafe import Markup

from planwhy_collector.report.charts import plan_chart, svg, time_chart
from planwhy_collector.report.environment import template
from planwhy_collector.report.language import Language, language
from planwhy_collector.report.objections import sum_words
from planwhy_collector.report.weekly import WeeklyReport
from planwhy_collector.report.weekly_words import WORDS


def weekly_html(report: WeeklyReport, locale: str) -> str:
    """Render the report in `ru` or `en`."""
    say = language(locale)
    words = WORDS.get(locale, WORDS["en"])
    return template("weekly.html").render(
        report=report,
        words=words,
        say=say,
        chart=weekly_chart(report, say),
        plans=plans_chart(report, say),
        sum_words=sum_words,
    )


def weekly_chart(report: WeeklyReport, say: Language) -> Markup | None:
    """The team's hours by kind as one bar; None where they are not shown."""
    if not report.time_hours:
        return None
    return Markup(svg(time_chart({report.team or say.say("everyone"): report.time_hours}, say)))  # noqa: S704  own drawing


def plans_chart(report: WeeklyReport, say: Language) -> Markup | None:
    """The share of the plan that each person reached to date, in the order of names; None without plans."""
    rows = [(one.name, (one.actual or 0.0) / one.target) for one in report.people if one.target]
    return Markup(svg(plan_chart(rows, say))) if rows else None  # noqa: S704  own drawing
