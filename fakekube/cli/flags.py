"""Command-line flags out of Options: one flag a field, with its help and default."""

from __future__ import annotations

import typing
from collections.abc import Callable
from dataclasses import Field, fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import click

from fakekube.machinery.times import SECOND, TimeError, format_duration, parse_duration
from fakekube.options import Options


class Names(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A comma-separated list."""

    name = "A,B"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> list[str]:
        """The parts; lists pass."""
        return [part for part in value.split(",") if part] if isinstance(value, str) else list(value)


class Duration(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """A duration as Go writes it."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        """Defaults pass."""
        if isinstance(value, timedelta):
            return value
        try:
            return timedelta(microseconds=parse_duration(value) / 1000)
        except (TimeError, OverflowError) as error:
            self.fail(str(error), param, ctx)


class Pair(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """KEY=VALUE; the value may have further =."""

    name = "KEY=VALUE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        """Key and value, trimmed."""
        key, equals, text = value.partition("=")
        if not equals:
            self.fail("malformed pair, expect string=string", param, ctx)
        return key.strip(), text.strip()


class Checked(click.ParamType):  # type: ignore[type-arg,unused-ignore]
    """Text that a function does not refuse with ValueError."""

    name = "text"

    def __init__(self, check: Callable[[str], Any]) -> None:
        self._check = check

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text itself."""
        try:
            self._check(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)
        return str(value)


def with_options(function: Callable[[Options], None]) -> Callable[..., None]:
    """Give a command a flag for every option and call it with Options."""

    def call(**values: Any) -> None:
        function(Options(**values))

    call.__doc__ = function.__doc__
    hints = typing.get_type_hints(Options)
    decorated: Callable[..., None] = call
    for option in reversed(fields(Options)):
        decorated = _flag(option, hints[option.name])(decorated)
    return decorated


def _flag(option: Field[Any], hint: Any) -> Callable[[Callable[..., None]], Callable[..., None]]:
    name = "--" + option.name.replace("_", "-")
    default = option.default_factory() if callable(option.default_factory) else option.default
    more: dict[str, Any] = {"help": option.metadata["help"], "default": default}
    if hint == dict[str, str]:
        return click.option(
            name, type=Pair(), multiple=True, help=more["help"], callback=lambda _, __, pairs: dict(pairs)
        )
    if isinstance(default, timedelta):
        shown = format_duration(round(default.total_seconds() * SECOND))
        return click.option(name, type=Duration(), show_default=shown, **more)
    if hint is bool:
        return click.option(f"{name}/--no-{name[2:]}", show_default=True, **more)
    if isinstance(default, list):
        more["default"] = ",".join(default)
    return click.option(name, type=_limited(option) or _type(hint), show_default=default not in (None, [], ""), **more)


def _limited(option: Field[Any]) -> click.ParamType | None:  # type: ignore[type-arg,unused-ignore]
    if limits := option.metadata.get("range"):
        return click.IntRange(*limits)
    if check := option.metadata.get("check"):
        return Checked(check)
    return None


def _type(hint: Any) -> Any:
    if hint == Path | None:
        return click.Path(path_type=Path, dir_okay=True)
    return {int: int, str: str}.get(hint, Names())
