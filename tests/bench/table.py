"""The scores as a table with the goals beside them, and as JSON. Pure. In: Scores. Out: text or plain data."""

from collections import Counter
from collections.abc import Iterator, Mapping
from statistics import fmean
from typing import Any

from tests.bench.scoring import LATENT, TIME, Rate, Scores

GOALS = {
    "dominant": 0.95, "error": 0.05, "chance": 0.95, "below": 0, "verdicts": 0.95, "cover": 0.9, "cover_within": 0.03,
}  # fmt: skip


def lines(scores: Scores, seconds: Mapping[str, float]) -> Iterator[str]:
    """The whole table."""
    yield f"{sum(scores.months.values())} person-months: " + ", ".join(
        f"{c} {n}" for c, n in sorted(scores.months.items())
    )
    yield ""
    yield f"{'':70}{'found':>9}  {'goal':>9}"
    yield from _goals(scores)
    yield ""
    yield from _by_cause(scores)
    yield ""
    yield "the factor that really dominates (rows) and the largest found (columns)"
    yield from _confusion(scores.confusion)
    yield ""
    yield "the true verdict (rows) and the one found (columns)"
    yield from _confusion(scores.verdict_confusion)
    yield ""
    yield from _coverage(scores)
    yield ""
    yield "seconds: " + ", ".join(f"{name} {s:.0f}" for name, s in seconds.items())


def met(scores: Scores) -> dict[str, bool]:
    """Whether each goal is met; where there was nothing to measure it is not."""
    found = {
        "dominant": (scores.dominant.share or 0) >= GOALS["dominant"],
        "error": bool(scores.errors) and scores.error <= GOALS["error"],
        "chance": (scores.chance.share or 0) >= GOALS["chance"],
        "below": scores.concluded_below == GOALS["below"],
        "verdicts": (scores.verdicts.share or 0) >= GOALS["verdicts"],
    }
    return found | {f"cover_{name}": _covers(_added(scores, name)) for name in (*TIME, *LATENT)}


def as_json(scores: Scores, seconds: Mapping[str, float]) -> dict[str, Any]:
    """The same figures for a script."""
    return {
        "months": dict(scores.months),
        "goals": GOALS,
        "met": met(scores),
        "dominant": _plain(scores.dominant),
        "dominant_by_cause": {c: _plain(r) for c, r in scores.dominant_by_cause.items()},
        "dominant_bare": _plain(scores.dominant_bare),
        "as_meant": {c: _plain(r) for c, r in scores.as_meant.items()},
        "confusion": [[*key, n] for key, n in sorted(scores.confusion.items())],
        "error_by_hidden": {str(h): fmean(e) for h, e in sorted(scores.errors.items())},
        "error_bare": fmean(scores.errors_bare) if scores.errors_bare else None,
        "chance": _plain(scores.chance),
        "chance_by_cause": {c: _plain(r) for c, r in scores.chance_by_cause.items()},
        "below_limit": scores.below_limit,
        "concluded_below": scores.concluded_below,
        "verdicts": _plain(scores.verdicts),
        "verdict_confusion": [[*key, n] for key, n in sorted(scores.verdict_confusion.items())],
        "firm_verdicts": _plain(scores.firm),
        "coverage": [
            {"factor": name, "hidden": hidden, **_plain(rate), "width": fmean(scores.widths[name, hidden])}
            for (name, hidden), rate in sorted(scores.coverage.items())
        ],
        "seconds": dict(seconds),
    }


def _goals(scores: Scores) -> Iterator[str]:
    good = met(scores)
    hidden = sorted(scores.errors)
    yield _row("largest factor is the true one, where one dominates", scores.dominant, "≥ 95 %", good["dominant"])
    for share in hidden:
        goal = ("≤ 5 pts", good["error"]) if share == hidden[0] else ("", True)
        label = f"mean error of contributions, points of the shortfall, {share:.0%} hidden"
        yield f"{label:70}{100 * fmean(scores.errors[share]):>9.2f}  {goal[0]:>9}{_mark(goal[1])}"
    yield _row("within-chance calls right", scores.chance, "≥ 95 %", good["chance"])
    yield _row("verdicts of overdue tasks right", scores.verdicts, "≥ 95 %", good["verdicts"])
    yield _row("  firm verdicts that hold for what really happened", scores.firm, "", True)
    label = f"conclusions on time below the coverage limit ({scores.below_limit} months)"
    yield f"{label:70}{scores.concluded_below:>9}  {'0':>9}{_mark(good['below'])}"
    for name in (*TIME, *LATENT):
        yield _row(f"intervals that cover: {name}", _added(scores, name), "90 ± 3 %", good[f"cover_{name}"])
    if scores.errors_bare:
        yield _row("plans without assumptions: largest factor", scores.dominant_bare, "", True)
        yield f"{'plans without assumptions: mean error, points':70}{100 * fmean(scores.errors_bare):>9.2f}"


def _by_cause(scores: Scores) -> Iterator[str]:
    yield f"{'cause':20}{'dominated':>10}{'right':>8}{'  largest is the one meant':>28}{'called within chance':>22}"
    for cause in sorted(scores.months):
        right, meant = scores.dominant_by_cause.get(cause, Rate()), scores.as_meant.get(cause, Rate())
        chance = scores.chance_by_cause.get(cause, Rate())
        yield f"{cause:20}{right.of:>10}{_share(right):>8}{_share(meant):>28}{_share(chance):>22}"


def _confusion(counts: Counter[tuple[str, str]]) -> Iterator[str]:
    rows, columns = (sorted({key[side] for key in counts}) for side in (0, 1))
    yield f"{'':18}" + "".join(f"{name[:17]:>18}" for name in columns)
    for row in rows:
        yield f"{row:18}" + "".join(f"{counts[row, column] or '.':>18}" for column in columns)


def _coverage(scores: Scores) -> Iterator[str]:
    hidden = sorted({key[1] for key in scores.coverage})
    yield "intervals that cover, and their mean width in % of the target, by what was hidden"
    yield f"{'':16}" + "".join(f"{share:>20.0%}" for share in hidden)
    for name in (*TIME, *LATENT):
        cells = [(scores.coverage.get((name, h), Rate()), scores.widths.get((name, h), [])) for h in hidden]
        told = (f"{_share(rate)} ({100 * fmean(w):.0f})" if w else "" for rate, w in cells)
        yield f"{name:16}" + "".join(f"{text:>20}" for text in told)


def _added(scores: Scores, name: str) -> Rate:
    rates = [rate for (factor, _), rate in scores.coverage.items() if factor == name]
    return Rate(sum(r.right for r in rates), sum(r.of for r in rates))


def _covers(rate: Rate) -> bool:
    """Intervals claim nine times in ten: too wide is as wrong as too narrow."""
    return rate.share is not None and abs(rate.share - GOALS["cover"]) <= GOALS["cover_within"]


def _row(label: str, rate: Rate, goal: str, good: bool) -> str:
    return f"{label:70}{_share(rate):>9}  {goal:>9}{_mark(good)}  of {rate.of}"


def _mark(good: bool) -> str:
    return "" if good else "  MISSED"


def _share(rate: Rate) -> str:
    return "–" if rate.share is None else f"{100 * rate.share:.1f} %"


def _plain(rate: Rate) -> dict[str, Any]:
    return {"share": rate.share, "of": rate.of}
