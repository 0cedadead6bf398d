"""Charts, one function each. In: rows with texts already translated. Out: Vega-Lite specifications, and their SVG.

Pages, mails and files all take the SVG, so that nothing needs a script; a table beside each chart says the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import altair as alt

from planwhy_collector.report.factors import Bar
from planwhy_collector.report.language import Language
from planwhy_collector.report.strip import Stretch
from planwhy_collector.report.words import KINDS

Spec = dict[str, Any]
FONT = "DejaVu Sans, Liberation Sans, Arial, sans-serif"
COLOURS = {
    "sales": "#1b6e6a", "service": "#3f8fc0", "general": "#93b7d9", "neutral": "#cfc8b8", "non_work": "#d98a3d",
    "unclassified": "#b79ec9", "idle": "#e6dfcf", "locked": "#c9cdd2", "asleep": "#b3b9c2", "absent": "#a9c79a",
    "private": "#8f8a9c", "unrecorded": "#ececea",
}  # fmt: skip
"""One colour for each kind of time; telling them apart never hangs on red and green."""
_BARS = {"total": "#4d5b6a", "lost": "#c2683a", "gained": "#3f8fc0"}
_WIDTH = 380


def waterfall_chart(bars: Sequence[Bar], title: str, say: Language) -> Spec:
    """Bars from plan to fact, one line each, with the interval of each factor as a thin rule."""
    rows = [
        {"label": b.label, "a": b.start, "z": b.end, "kind": b.kind, "text": b.text, "low": b.low, "high": b.high,
         "edge": max(b.start, b.end, b.high or 0.0, b.low or 0.0)}
        for b in bars
    ]  # fmt: skip
    base = _over(rows).encode(y=alt.Y("label:N", sort=None, title=None, axis=_labels(230)))
    colour = alt.Color("kind:N", scale=alt.Scale(domain=list(_BARS), range=list(_BARS.values())), legend=None)
    tips = [alt.Tooltip("label:N", title=" "), alt.Tooltip("text:N", title=say.say("Part of the difference"))]
    axis = _values(say)
    bar = base.mark_bar(height=16, cornerRadius=2).encode(
        x=alt.X("a:Q", title=title, axis=axis), x2="z:Q", color=colour, tooltip=tips
    )
    rule = base.mark_rule(color="#22303c", strokeWidth=1.2, opacity=0.75).encode(x="low:Q", x2="high:Q", tooltip=tips)
    text = base.mark_text(align="left", dx=7, fontSize=13).encode(x="edge:Q", text="text:N")
    return _finished(alt.layer(bar, rule, text), 27 * len(rows))


def strip_chart(stretches: Iterable[Stretch], say: Language) -> Spec:
    """Days one under the other, coloured by kind of time, over the clock."""
    rows = [
        {"day": say.short_day(s.day), "a": s.from_minute / 60, "z": s.to_minute / 60, "kind": say.say(KINDS[s.kind])}
        for s in stretches
    ]
    days = list(dict.fromkeys(str(row["day"]) for row in rows))
    axis = alt.Axis(
        orient="top",
        title=None,
        grid=True,
        gridColor="#e4e4e0",
        domain=False,
        ticks=False,
        labelExpr="datum.value + ':00'",
    )
    chart = (
        _over(rows)
        .mark_bar(height=13)
        .encode(
            x=alt.X("a:Q", axis=axis, scale=alt.Scale(zero=False, nice=False, domain=_clock(rows))),
            x2="z:Q",
            y=alt.Y("day:N", sort=days, title=None, axis=_labels(110)),
            color=_kinds(say, {str(row["kind"]) for row in rows}),
            tooltip=[alt.Tooltip("day:N", title=" "), alt.Tooltip("kind:N", title="  ")],
        )
    )
    return _finished(chart, max(24, 19 * len(days)))


def time_chart(hours: Mapping[str, Mapping[str, float]], say: Language) -> Spec:
    """Stacked bars of hours by kind: label of a bar → kind → hours."""
    rows = [
        {"bar": bar, "hours": round(value, 2), "kind": say.say(KINDS[kind]), "order": list(KINDS).index(kind),
         "text": say.hours(value)}
        for bar, found in hours.items() for kind, value in found.items() if value > 0
    ]  # fmt: skip
    axis = _values(say)
    chart = (
        _over(rows)
        .mark_bar(height=22)
        .encode(
            x=alt.X("sum(hours):Q", title=say.say("hours"), axis=axis, stack="zero"),
            y=alt.Y("bar:N", sort=None, title=None, axis=_labels(150)),
            color=_kinds(say, {str(row["kind"]) for row in rows}),
            order="order:Q",
            tooltip=[alt.Tooltip("kind:N", title=" "), alt.Tooltip("text:N", title="  ")],
        )
    )
    return _finished(chart, 34 * max(1, len(hours)))


def plan_chart(rows: Sequence[tuple[str, float]], say: Language) -> Spec:
    """Share of the plan reached, one bar a person in the given order: (name, share)."""
    data = [{"name": name, "share": min(share, 2.0), "text": say.percent(share)} for name, share in rows]
    base = _over(data).encode(y=alt.Y("name:N", sort=None, title=None, axis=_labels(170)))
    axis = alt.Axis(format="%", grid=True, gridColor="#e4e4e0", domain=False, ticks=False, tickCount=5)
    scale = alt.Scale(domain=[0, max([1.2, *(float(str(row["share"])) for row in data)])])
    bar = base.mark_bar(height=14, color=COLOURS["sales"], cornerRadius=2).encode(
        x=alt.X("share:Q", title=say.say("share of the plan to date"), axis=axis, scale=scale)
    )
    mark = _over([{"x": 1}]).mark_rule(color="#22303c", strokeDash=[4, 3]).encode(x="x:Q")
    text = base.mark_text(align="left", dx=6, fontSize=13).encode(x="share:Q", text="text:N")
    return _finished(alt.layer(bar, mark, text), 25 * max(1, len(data)))


def svg(spec: Spec) -> str:
    """Draw a specification; the text is safe to stand in HTML. Scales with its container."""
    import vl_convert  # noqa: PLC0415  it starts a script engine: only where a chart is drawn

    drawn: str = vl_convert.vegalite_to_svg(spec)
    return drawn.replace("<svg ", '<svg role="presentation" focusable="false" ', 1)


def _kinds(say: Language, present: set[str]) -> alt.Color:
    shown = [(say.say(label), COLOURS[kind]) for kind, label in KINDS.items() if say.say(label) in present]
    scale = alt.Scale(domain=[s[0] for s in shown], range=[s[1] for s in shown])
    return alt.Color("kind:N", title=None, scale=scale, legend=alt.Legend(orient="bottom", columns=3, labelLimit=200))


def _labels(limit: int) -> alt.Axis:
    return alt.Axis(labelLimit=limit, domain=False, ticks=False, labelPadding=8)


def _values(say: Language) -> alt.Axis:
    """An axis of quantities, written as the language writes numbers."""
    russian = "replace(replace(format(datum.value, ','), /,/g, '\\u00a0'), '.', ',')"
    written = russian if say.locale == "ru" else alt.Undefined
    return alt.Axis(grid=True, gridColor="#e4e4e0", domain=False, ticks=False, tickCount=5, labelExpr=written)


def _clock(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    first = min((row["a"] for row in rows), default=9.0)
    last = max((row["z"] for row in rows), default=18.0)
    return [float(int(first)), float(-int(-last // 1))]


def _over(rows: Sequence[Mapping[str, Any]]) -> alt.Chart:
    return alt.Chart(alt.Data(values=rows))  # type: ignore[no-untyped-call]


def _finished(chart: Any, height: int) -> Spec:
    sized = chart.properties(width=_WIDTH, height=height, background="transparent")
    styled = sized.configure(font=FONT).configure_axis(labelFontSize=14, titleFontSize=13, titleFontWeight="normal")
    spec: Spec = styled.configure_view(stroke=None).configure_legend(labelFontSize=12, symbolType="square").to_dict()
    return spec
