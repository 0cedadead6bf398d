"""How good suggestions are on the product's catalogue alone, and what learning costs: time, memory, import.

In: the catalogue, a folder with a sentence embedding if one is named. Out: the report of `planwhy rules suggest
--report` with the costs before it. Run it as `make bench-suggest` or `python -m tests.bench.suggest_quality`.
"""

import json
import resource
import subprocess
import sys
import time

import click
from planwhy_collector.classify.load import builtin_rules
from planwhy_collector.cli.suggest_text import report_text
from planwhy_collector.config import Settings
from planwhy_collector.jobs.embedding import embedding_of, told
from planwhy_collector.suggest.examples import examples_of
from planwhy_collector.suggest.model import train
from planwhy_collector.suggest.quality import cross_validated

IMPORTS = "sklearn.feature_extraction.text, sklearn.model_selection, sklearn.svm, scipy.optimize"
PEAK_UNIT = 1024 if sys.platform == "linux" else 1024 * 1024


def peak_mb() -> float:
    """The most memory that this process had, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / PEAK_UNIT


def import_s() -> float:
    """Seconds of importing what learning needs, in a process of its own; the better of two, so that files are warm."""
    code = f"import time; began = time.perf_counter(); import {IMPORTS}; print(time.perf_counter() - began)"
    return min(float(subprocess.check_output([sys.executable, "-c", code])) for _ in range(2))


def costs(settings: Settings) -> dict[str, float]:
    """What importing, the catalogue and learning from it take, in that order."""
    importing = import_s()
    examples = examples_of(builtin_rules())
    before = peak_mb()
    embed = embedding_of(settings)
    began, cpu = time.perf_counter(), time.process_time()
    train(examples, embed)
    fit_s, fit_cpu_s = time.perf_counter() - began, time.process_time() - cpu
    return {
        "import_s": importing, "fit_s": fit_s, "fit_cpu_s": fit_cpu_s, "peak_before_mb": before, "peak_mb": peak_mb(),
    }  # fmt: skip


@click.command()
@click.option("--embedding", default="", help="Folder of a sentence embedding.")
def main(embedding: str) -> None:
    """Print the costs, then the report."""
    settings = Settings(secret_key="bench", embedding_model=embedding)
    click.echo(json.dumps({name: round(value, 2) for name, value in costs(settings).items()}))
    rules = builtin_rules()
    labels = {one.id: one.label for one in rules.categories.values()}
    began = time.perf_counter()
    quality = cross_validated(examples_of(rules), labels, embedding_of(settings))
    click.echo(report_text(quality, labels, told(settings), time.perf_counter() - began))


if __name__ == "__main__":
    main()
