"""The programs of a small Linux, as busybox has them; each is a coroutine of a process."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.sandbox.kernel import Program


def table() -> Mapping[str, Program]:
    """All of them by name."""
    from fakekube.sandbox.commands import (
        archive,
        awk,
        basic,
        comparing,
        curl,
        dumping,
        editing,
        expr,
        filesystem,
        finding,
        network,
        system,
        text,
    )

    modules = (
        basic, text, editing, filesystem, finding, system, network, curl, awk, archive, comparing, dumping, expr,
    )  # fmt: skip
    return {name: program for module in modules for name, program in module.PROGRAMS.items()}
