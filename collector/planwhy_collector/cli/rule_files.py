"""Files of rules that commands are given. In: a path, or none. Out: what it says, checked; errors name the place."""

import re
from pathlib import Path

import click

from planwhy_collector.classify.engine import RuleSet
from planwhy_collector.classify.exchange import imported, is_export
from planwhy_collector.classify.load import OWN, PACK, Additions, builtin_rules, rules_beside
from planwhy_collector.cli.context import existing_database, settings
from planwhy_collector.errors import InvalidInput
from planwhy_collector.jobs.judging import rules_in_force

RulesFile = click.Path(path_type=Path, dir_okay=False)


def configured() -> Path | None:
    """The file that the settings name."""
    return Path(settings().rules_path) if settings().rules_path else None


def read_file(file: Path) -> tuple[Additions, bool]:
    """What a file adds to the product's rules, checked; and whether it is an export, which names all packs."""
    text = text_of(file)
    added = imported(text, str(file))
    rules_of_file(file, added)
    return added, is_export(text)


def rules_of_file(file: Path, added: Additions) -> RuleSet:
    """The product's rules with what a file adds. Raises InvalidInput with the file's name and line."""
    try:
        return rules_beside(added)
    except InvalidInput as error:
        named = re.sub(rf"\b{OWN}:(?=\d)", f"{file}:", error.detail)
        raise InvalidInput(re.sub(rf"\b{PACK}(?=[a-z0-9-]+:\d)", f"{file}, pack ", named)) from None


def chosen_rules(file: Path | None) -> RuleSet:
    """The rules of a file; else of the configured one; else those in force; else the product's."""
    path = file or configured()
    if path is not None:
        return rules_of_file(path, imported(text_of(path), str(path)))
    database = existing_database()
    if database is None:
        return builtin_rules()
    with database, database.reading() as session:
        return rules_in_force(session)


def write_text(file: Path, text: str) -> None:
    """Write a file whole or not at all. Raises InvalidInput that names it."""
    beside = file.with_name(f"{file.name}.new")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        beside.replace(file)
    except OSError as error:
        raise InvalidInput(f"{file}: {error}") from None


def text_of(file: Path) -> str:
    """The text of a file. Raises InvalidInput that names it."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{file}: {error}") from None
