"""The templates of files and mails, always escaped. In: a template's name. Out: the template. Never: one of a page."""

from functools import cache
from importlib import resources

from jinja2 import Environment, FunctionLoader, Template, select_autoescape


def template(name: str) -> Template:
    """Find a template of this package by its file's name."""
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FunctionLoader(_read), autoescape=select_autoescape(default=True), trim_blocks=True, lstrip_blocks=True
    )


def _read(name: str) -> str:
    return (resources.files("planwhy_collector.report") / "templates" / name).read_text(encoding="utf-8")
