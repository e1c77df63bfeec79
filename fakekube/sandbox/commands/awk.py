"""awk, the command."""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.sandbox.awk.machine import Jump, Machine
from fakekube.sandbox.awk.parser import AwkProblem, Parser
from fakekube.sandbox.awk.values import Input
from fakekube.sandbox.commands import basic
from fakekube.sandbox.commands.options import Inputs, lines, parse
from fakekube.sandbox.kernel import Proc, Program, decode
from fakekube.sandbox.regex import RegexProblem


async def awk(proc: Proc) -> int:
    """Run a program over lines."""
    options, words = await parse(proc, "", "Fvf", permute=False)
    texts = [decode(proc.read_file(path)) for path in options.get("f", [])]
    if not texts:
        if not words:
            return await proc.fail("usage: awk [-F SEP] [-v VAR=VAL] 'PROGRAM' [FILE]...")
        texts.append(words.pop(0))
    try:
        running = Machine(proc, Parser("\n".join(texts)))
        if "F" in options:
            separator = basic.unescaped(options["F"][-1])[0]
            running.variables["FS"] = "\t" if separator == "t" else separator
        for text in options.get("v", []):
            name, _, value = text.partition("=")
            running.variables[name] = Input(basic.unescaped(value)[0])
        return await _run(proc, running, words)
    except (AwkProblem, RegexProblem, IndexError, TypeError) as problem:
        return await proc.fail(f"cmd. line:1: {problem}")


async def _run(proc: Proc, running: Machine, paths: list[str]) -> int:
    inputs, code = Inputs(proc, paths), 0
    try:
        await running.special("BEGIN")
        if running.reads:
            async for path, handle in inputs:
                running.variables["FILENAME"] = "" if path == "-" else path
                async for line in lines(handle, proc):
                    await running.line(decode(line).removesuffix("\n"))
    except Jump as jump:
        code = jump.code
    try:
        await running.special("END")
    except Jump as jump:
        code = jump.code or code
    return code or inputs.status * 2


PROGRAMS: Mapping[str, Program] = {"awk": awk}
