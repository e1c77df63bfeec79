"""`fakekube`: the command line. Each command is a module that is imported when it is called."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

COMMANDS = {
    "serve": "Run a fake Kubernetes API server.",
    "admission": "Admission plugins: which are on; switch them on and off in the running server.",
    "fault": "Requests that are to fail, to be slow, or to lose their connection.",
    "trace": "Who asked for what, and why it was allowed, refused or changed.",
    "user": "Users with client certificates.",
    "scenario": "Workshops: list them, play them, see how far an attendee has come.",
    "psp": "Pod security policies: which of them a pod fits, and why not.",
}
"""Name -> the line that --help shows; fakekube.cli.NAME holds it as `command`."""


class Lazy(click.Group):
    """A group that imports a command only to run it or to show its help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"fakekube.cli.{cmd_name}").command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command line. What is wrong with it is told in one line."""
        try:
            code = super().main(*args, **{**kwargs, "standalone_mode": False})
        except click.ClickException as error:
            click.echo(f"Error: {error.format_message()}", err=True)
            sys.exit(error.exit_code)
        except click.Abort:
            sys.exit(1)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=Lazy)
@click.version_option(package_name="fakekube")
def main() -> None:
    """A fake Kubernetes API server that kubectl, curl and client libraries cannot tell from the real one."""
