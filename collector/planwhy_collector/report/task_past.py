"""Stage 11, pure: what happened to an overdue task, in a few short sayings. In: an overdue task. Out: texts.

Never: who moved or reopened it, or who else had it.
"""

from planwhy_collector.explain.result import MoveOut, OverdueOut
from planwhy_collector.report.language import Language

MOVES_SHOWN = 5
"""The last moves of a deadline are said one by one, those before them in number."""


def past_of(task: OverdueOut, say: Language) -> tuple[str, ...]:
    """Say when it was the person's, how its deadline moved, how often it was reopened; nothing where nothing was."""
    moves, held, said = task.deadline_moves, task.held, []
    if held and held.end:
        said.append(
            say.say("In these hands from %(start)s to %(end)s", start=say.stamp(held.start), end=say.stamp(held.end))
        )
    elif held:
        said.append(say.say("In these hands since %(start)s", start=say.stamp(held.start)))
    if len(moves) > MOVES_SHOWN:
        said.append(say.say("Earlier moves of the deadline: %(num)s", num=say.number(len(moves) - MOVES_SHOWN)))
    said += [_move(move, say) for move in moves[-MOVES_SHOWN:]]
    if task.reopened:
        said.append(say.say("Reopened: %(num)s", num=say.number(task.reopened)))
    if task.entity_deleted:
        said.append(say.say("The deal or client it is about was deleted"))
    return tuple(said)


def _move(move: MoveOut, say: Language) -> str:
    before, after = (say.deadline(end) if end else say.say("no deadline") for end in (move.before, move.after))
    return say.say(
        "Deadline moved on %(when)s: %(before)s → %(after)s", when=say.stamp(move.at), before=before, after=after
    )
