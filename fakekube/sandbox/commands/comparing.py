"""Programs that lay files side by side: diff, cmp, comm, paste."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from fakekube.sandbox.commands.options import everything, parse
from fakekube.sandbox.kernel import MEMORY, Exit, Proc, Program, decode

LINES = 5_000
"""Of a file that is compared: the time that it takes grows with their square."""


async def contents(proc: Proc, paths: list[str], code: int = 1) -> list[bytes]:
    """What is in the files. Raises Exit after it has complained."""
    found = []
    for path in paths:
        try:
            handle = proc.stdin if path == "-" else proc.open_to_read(path)
            found.append(await everything(handle, MEMORY))
        except OSError as error:
            raise Exit(await proc.fail(f"{path}: {error.strerror}", code)) from None
    return found


async def diff(proc: Proc) -> int:
    """The lines that differ, in the unified form."""
    options, paths = await parse(proc, "abBdiNqrTtswu", "ULS")
    if len(paths) != 2:
        return await proc.fail("two files are wanted", 2)
    old, new = [decode(data).splitlines(keepends=True) for data in await contents(proc, paths, 2)]
    if "i" in options:
        old, new = [line.lower() for line in old], [line.lower() for line in new]
    if old == new:
        return 0
    if "q" in options:
        await proc.out(f"Files {paths[0]} and {paths[1]} differ\n")
        return 1
    if len(old) > LINES or len(new) > LINES:
        return await proc.fail("files are too long", 2)
    await proc.kernel.budget.spend(len(old) + len(new))
    around = int(options["U"][-1]) if options.get("U", [""])[-1].isdigit() else 3
    for line in difflib.unified_diff(old, new, paths[0], paths[1], n=around):
        await proc.out(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n")
    return 1


async def cmp(proc: Proc) -> int:
    """Where two files begin to differ."""
    options, paths = await parse(proc, "ls")
    if not paths:
        return await proc.fail("two files are wanted", 2)
    names = [*paths, "-"][:2]
    one, other = await contents(proc, names, 2)
    at = next((at for at, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), None)
    if at is None and len(one) == len(other):
        return 0
    if "s" in options:
        return 1
    if at is None:
        short = names[len(other) < len(one)]
        await proc.err(f"cmp: EOF on {short}\n")
    else:
        await proc.out(f"{names[0]} {names[1]} differ: char {at + 1}, line {one[:at].count(10) + 1}\n")
    return 1


async def comm(proc: Proc) -> int:
    """Lines of one sorted file, of the other, of both."""
    options, paths = await parse(proc, "123")
    if len(paths) != 2:
        return await proc.fail("two files are wanted")
    one, other = [decode(data).splitlines() for data in await contents(proc, paths)]
    left = right = 0
    while left < len(one) or right < len(other):
        if right == len(other) or (left < len(one) and one[left] < other[right]):
            column, line, left = 1, one[left], left + 1
        elif left == len(one) or other[right] < one[left]:
            column, line, right = 2, other[right], right + 1
        else:
            column, line, left, right = 3, one[left], left + 1, right + 1
        if str(column) not in options:
            indent = sum(str(number) not in options for number in range(1, column))
            await proc.out("\t" * indent + line + "\n")
    return 0


async def paste(proc: Proc) -> int:
    """Lines of files beside each other."""
    options, paths = await parse(proc, "s", "d")
    separators = options.get("d", ["\t"])[-1].replace("\\t", "\t").replace("\\n", "\n") or "\0"
    files = [decode(data).splitlines() for data in await contents(proc, paths or ["-"])]
    rows = files if "s" in options else [list(row) for row in _rows(files)]
    for row in rows:
        text = row[0] if row else ""
        for number, cell in enumerate(row[1:]):
            text += separators[number % len(separators)].replace("\0", "") + cell
        await proc.out(text + "\n")
    return 0


def _rows(files: list[list[str]]) -> list[list[str]]:
    length = max(map(len, files), default=0)
    return [[lines[at] if at < len(lines) else "" for lines in files] for at in range(length)]


PROGRAMS: Mapping[str, Program] = {one.__name__: one for one in (diff, cmp, comm, paste)}
