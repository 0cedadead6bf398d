"""The model learns in a process of its own, whose memory goes with it and which gives way to everybody else.

In: examples, what to ask, settings. Out: proposals. Both go through pipes; nothing touches the disk. A learner whose
collector is gone ends by itself as soon as it has something to say. Never: a title in an error or a log.
"""

import os
import pickle
import subprocess
import sys
from collections.abc import Callable, Sequence

from planwhy_collector.config import Settings
from planwhy_collector.errors import PlanwhyError, Unavailable
from planwhy_collector.jobs.embedding import embedding_of
from planwhy_collector.suggest.examples import Example
from planwhy_collector.suggest.proposal import Proposal, proposals
from planwhy_collector.suggest.windows import Unclassified

Learn = Callable[[Sequence[Example], Sequence[Unclassified], Settings], Sequence[Proposal]]
LONGEST_S = 900
"""How long learning may take; it takes seconds."""
_POLITE = 10


def learn_here(examples: Sequence[Example], asked: Sequence[Unclassified], settings: Settings) -> tuple[Proposal, ...]:
    """Learn and propose in this process. Raises ConfigError for an embedding that cannot be read."""
    return proposals(examples, asked, embedding_of(settings)) if asked else ()


def learn_apart(examples: Sequence[Example], asked: Sequence[Unclassified], settings: Settings) -> tuple[Proposal, ...]:
    """The same in a process of its own. Raises Unavailable too, where that came to nothing."""
    if not asked:
        return ()
    task = pickle.dumps((examples, asked, settings))
    command = [sys.executable, "-P", "-m", __name__]
    try:
        done = subprocess.run(command, input=task, capture_output=True, check=False, timeout=LONGEST_S)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"the model's process took longer than {LONGEST_S} seconds") from None
    if done.returncode != 0:
        raise Unavailable(f"the model's process ended with {done.returncode}")
    answer: tuple[Proposal, ...] | PlanwhyError = pickle.loads(done.stdout)  # noqa: S301  our own process wrote it
    if isinstance(answer, PlanwhyError):
        raise answer
    return answer


def _answer() -> tuple[Proposal, ...] | PlanwhyError:
    task = pickle.loads(sys.stdin.buffer.read())  # noqa: S301  our own process wrote it
    try:
        return learn_here(*task)
    except PlanwhyError as error:
        return error


def main() -> None:
    """Be the process of its own: a task on standard input, the answer on standard output."""
    if hasattr(os, "nice"):
        os.nice(_POLITE)
    sys.stdout.buffer.write(pickle.dumps(_answer()))


if __name__ == "__main__":
    main()
