"""Programs that read text and write it: cat, head, tail, wc, sort, uniq, cut, tr, tee, base64, sums."""

from __future__ import annotations

import asyncio
import base64 as codec
import binascii
import hashlib
import re
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from fakekube.sandbox.commands.options import Inputs, everything, lines, number, parse
from fakekube.sandbox.kernel import MEMORY, Handle, OutOfMemory, Proc, Program, decode, encode


async def cat(proc: Proc) -> int:
    """Files one after the other."""
    options, paths = await parse(proc, "nbevtAuET")
    inputs, count = Inputs(proc, paths), 0
    async for _, handle in inputs:
        if not options or set(options) == {"u"}:
            while data := await handle.read():
                await proc.out(data)
            continue
        async for line in lines(handle, proc):
            shown = decode(line)
            if options.keys() & {"v", "e", "t", "A"}:
                shown = "".join(
                    f"^{chr(ord(char) ^ 64)}" if ord(char) < 32 and char not in "\n\t" else char for char in shown
                )
            if options.keys() & {"e", "A", "E"}:
                shown = shown.replace("\n", "$\n")
            if options.keys() & {"t", "A", "T"}:
                shown = shown.replace("\t", "^I")
            if "n" in options or ("b" in options and line != b"\n"):
                count += 1
                shown = f"{count:6}\t{shown}"
            await proc.out(shown)
    return inputs.status


async def head(proc: Proc) -> int:
    """The beginning."""
    proc.argv = _old_count(proc.argv)
    options, paths = await parse(proc, "qv", "nc")
    unit = "c" if "c" in options else "n"
    count = await number(proc, options.get(unit, ["10"])[-1])
    inputs = Inputs(proc, paths)
    async for path, handle in inputs:
        await _title(proc, path, (len(paths) > 1 and "q" not in options) or "v" in options)
        await (_head_bytes if unit == "c" else _head_lines)(proc, handle, count)
    return inputs.status


def _old_count(argv: list[str]) -> list[str]:
    """head -5 as head -n 5."""
    if len(argv) > 1 and re.fullmatch(r"-\d+", argv[1]):
        return [argv[0], "-n", argv[1][1:], *argv[2:]]
    return argv


async def _title(proc: Proc, path: str, wanted: bool) -> None:
    if wanted:
        await proc.out(f"==> {path} <==\n")


async def _head_bytes(proc: Proc, handle: Handle, count: int) -> None:
    while count > 0 and (data := await handle.read(min(count, 65536))):
        await proc.out(data)
        count -= len(data)


async def _head_lines(proc: Proc, handle: Handle, count: int) -> None:
    held: deque[bytes] = deque()
    if count == 0:
        return
    async for line in lines(handle, proc):
        if count > 0:
            await proc.out(line)
            count -= 1
            if count == 0:
                return
        else:
            held.append(line)
            if len(held) > -count:
                await proc.out(held.popleft())


async def tail(proc: Proc) -> int:
    """The end."""
    proc.argv = _old_count(proc.argv)
    options, paths = await parse(proc, "qvfF", "ncs")
    unit = "c" if "c" in options else "n"
    text = options.get(unit, ["10"])[-1]
    count = await number(proc, text.lstrip("+-"))
    inputs = Inputs(proc, paths)
    async for path, handle in inputs:
        await _title(proc, path, len(paths) > 1 and "q" not in options)
        if unit == "c":
            data = await everything(handle, MEMORY)
            await proc.out(data[max(count - 1, 0) :] if text.startswith("+") else data[-count:] if count else b"")
        else:
            await _tail_lines(proc, handle, count, text.startswith("+"))
        while options.keys() & {"f", "F"}:
            if more := await handle.read():
                await proc.out(more)
            else:
                await proc.kernel.clock.sleep(1)
    return inputs.status


async def _tail_lines(proc: Proc, handle: Handle, count: int, from_start: bool) -> None:
    if from_start:
        at = 0
        async for line in lines(handle, proc):
            at += 1
            if at >= count:
                await proc.out(line)
        return
    kept: deque[bytes] = deque(maxlen=min(count, 100_000))
    async for line in lines(handle, proc):
        kept.append(line)
    await proc.out(b"".join(kept))


async def wc(proc: Proc) -> int:
    """Counts."""
    options, paths = await parse(proc, "lwcmL")
    wanted = [letter for letter in "lwcmL" if letter in options] or ["l", "w", "c"]
    inputs, rows = Inputs(proc, paths), []
    async for path, handle in inputs:
        counts = dict.fromkeys("lwcmL", 0)
        async for line in lines(handle, proc):
            counts["l"] += line.endswith(b"\n")
            counts["w"] += len(line.split())
            counts["c"] += len(line)
            counts["m"] += len(line.decode("utf-8", "replace"))
            counts["L"] = max(counts["L"], len(line.rstrip(b"\n")))
        rows.append((counts, path))
    if len(rows) > 1:
        rows.append(({letter: sum(one[letter] for one, _ in rows) for letter in "lwcmL"}, "total"))
    for counts, path in rows:
        shown = (
            " ".join(f"{counts[letter]:9}" for letter in wanted)
            if len(wanted) > 1 or paths[1:]
            else str(counts[wanted[0]])
        )
        await proc.out(f"{shown}{'' if path == '-' and not paths else ' ' + path}\n")
    return inputs.status


async def sort(proc: Proc) -> int:
    """Lines in order."""
    options, paths = await parse(proc, "nrufbhszcgMdiV", "kto")
    inputs, held, size = Inputs(proc, paths), [], 0
    async for _, handle in inputs:
        async for line in lines(handle, proc):
            held.append(decode(line).removesuffix("\n"))
            size += len(line) + 64
            if size > 4 * MEMORY:
                raise OutOfMemory
    separator = options.get("t", [""])[-1]
    keys = [_key(text, options, separator) for text in options.get("k", [])]
    plain = _converted(options)

    def order(line: str) -> Any:
        return [key(line) for key in keys] or [plain(line)]

    held.sort(key=order, reverse="r" in options)
    if "u" in options:
        seen: list[str] = []
        for one in held:
            if not seen or order(seen[-1]) != order(one):
                seen.append(one)
        held = seen
    text = "".join(line + "\n" for line in held)
    if "o" in options:
        await proc.open_to_write(options["o"][-1]).write(encode(text))
    else:
        await proc.out(text)
    return inputs.status


def _converted(options: Mapping[str, object]) -> Callable[[str], Any]:
    if "n" in options or "g" in options:
        return lambda text: (_number(text), text)
    if "h" in options:
        return lambda text: (_human(text), text)
    if "f" in options:
        return lambda text: (text.lower(), text)
    if "V" in options:
        return lambda text: [(int(part) if part.isdigit() else -1, part) for part in re.split(r"(\d+)", text)]
    return lambda text: text


def _number(text: str) -> float:
    found = re.match(r"\s*(-?\d{0,300}(?:\.\d+)?)", text)
    try:
        return float(found[1]) if found is not None and found[1] else 0.0
    except ValueError:
        return 0.0


def _human(text: str) -> float:
    found = re.match(r"\s*[\d.]+([KMGT]?)", text)
    return _number(text) * 1024 ** " KMGT".index(found[1] or " ") if found is not None else 0.0


def _key(text: str, options: Mapping[str, object], separator: str) -> Callable[[str], Any]:
    """-k 2,3n"""
    found = re.fullmatch(r"(\d+)(?:\.\d+)?([a-zA-Z]*)(?:,(\d+)(?:\.\d+)?([a-zA-Z]*))?", text)
    first, last = (int(found[1]), int(found[3] or 10**6)) if found is not None else (1, 10**6)
    letters = (found[2] + (found[4] or "")) if found is not None else ""
    convert = _converted({**options, **dict.fromkeys(letters, "")})

    def key(line: str) -> Any:
        fields = line.split(separator) if separator else line.split()
        return convert((separator or " ").join(fields[first - 1 : last]))

    return key


async def uniq(proc: Proc) -> int:
    """Neighbouring equal lines once."""
    options, paths = await parse(proc, "cdui", "fsw")
    inputs = Inputs(proc, paths[:1])
    held: bytes | None = None
    count = 0
    skip = int((options.get("f", ["0"])[-1] or "0")[:6]) if options.get("f", ["0"])[-1].isdigit() else 0

    async def flush() -> None:
        wanted = (count > 1 or "d" not in options) and (count == 1 or "u" not in options)
        if held is not None and wanted:
            await proc.out((f"{count:7} ".encode() if "c" in options else b"") + held)

    def same(one: bytes, other: bytes) -> bool:
        first, second = (b" ".join(line.split()[skip:]) if skip else line.rstrip(b"\n") for line in (one, other))
        return first.lower() == second.lower() if "i" in options else first == second

    async for _, handle in inputs:
        async for line in lines(handle, proc):
            if held is not None and same(line, held):
                count += 1
                continue
            await flush()
            held, count = line if line.endswith(b"\n") else line + b"\n", 1
    await flush()
    return inputs.status


async def cut(proc: Proc) -> int:
    """Parts of lines."""
    options, paths = await parse(proc, "sn", "bcfd", {"output-delimiter": "o"})
    unit = next((letter for letter in "fcb" if letter in options), "")
    if not unit:
        return await proc.fail("expected a list of bytes, characters, or fields")
    ranges = _ranges(options[unit][-1])
    if ranges is None:
        return await proc.fail(f"invalid range '{options[unit][-1]}'")
    delimiter = encode(options.get("d", ["\t"])[-1][:1] or "\t")
    inputs = Inputs(proc, paths)
    async for _, handle in inputs:
        async for line in lines(handle, proc):
            text = line.rstrip(b"\n")
            if unit != "f":
                await proc.out(
                    b"".join(text[at : at + 1] for at in range(len(text)) if _within(at + 1, ranges)) + b"\n"
                )
            elif delimiter in text:
                fields = text.split(delimiter)
                kept = [field for at, field in enumerate(fields, 1) if _within(at, ranges)]
                await proc.out(delimiter.join(kept) + b"\n")
            elif "s" not in options:
                await proc.out(text + b"\n")
    return inputs.status


def _ranges(text: str) -> list[tuple[int, int]] | None:
    found = []
    for part in text.split(","):
        match = re.fullmatch(r"(\d{0,9})(-?)(\d{0,9})", part)
        if match is None or not (match[1] or match[3]):
            return None
        first = int(match[1] or 1)
        found.append((first, int(match[3] or 10**9) if match[2] else first))
    return found


def _within(at: int, ranges: list[tuple[int, int]]) -> bool:
    return any(first <= at <= last for first, last in ranges)


async def tr(proc: Proc) -> int:
    """Characters for others."""
    options, sets = await parse(proc, "dscC")
    if not sets:
        return await proc.fail("usage: tr [-cds] STRING1 [STRING2]")
    first = _characters(sets[0])
    if "c" in options or "C" in options:
        first = "".join(chr(code) for code in range(256) if chr(code) not in first)
    second = _characters(sets[1]) if len(sets) > 1 else ""
    table = (
        {} if "d" in options else {char: second[min(at, len(second) - 1)] for at, char in enumerate(first) if second}
    )
    gone = set(first) if "d" in options else set()
    squeezed = set(second or first) if "s" in options else set()
    last = ""
    while data := await proc.stdin.read():
        out = []
        for char in data.decode("latin-1"):
            if char in gone:
                continue
            char = table.get(char, char)
            if char == last and char in squeezed:
                continue
            out.append(char)
            last = char
        await proc.out("".join(out).encode("latin-1"))
    return 0


CLASSES = {
    "lower": "abcdefghijklmnopqrstuvwxyz",
    "upper": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "digit": "0123456789",
    "space": "\t\n\v\f\r ",
    "blank": "\t ",
    "punct": "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~",
    "cntrl": "".join(map(chr, [*range(32), 127])),
}
CLASSES |= {"alpha": CLASSES["upper"] + CLASSES["lower"]}
CLASSES |= {"alnum": CLASSES["digit"] + CLASSES["alpha"], "xdigit": "0123456789ABCDEFabcdef"}
CLASSES |= {"print": "".join(map(chr, range(32, 127))), "graph": "".join(map(chr, range(33, 127)))}


def _characters(text: str) -> str:
    """A set of tr written out."""
    from fakekube.sandbox.commands.basic import unescaped

    text = re.sub(r"\[:([a-z]+):\]", lambda found: CLASSES.get(found[1], found[0]).replace("\\", "\\\\"), text)
    text = unescaped(text)[0]

    def span(found: re.Match[str]) -> str:
        low, high = ord(found[1]), ord(found[2])
        return "".join(chr(code) for code in range(low, high + 1)) if high < 256 else found[0]

    return re.sub(r"(.)-(.)", span, text, flags=re.DOTALL).encode("utf-8", "surrogateescape").decode("latin-1")


async def tee(proc: Proc) -> int:
    """To files and on."""
    options, paths = await parse(proc, "ai")
    handles, status = [], 0
    for path in paths:
        try:
            handles.append(proc.open_to_write(path, append="a" in options))
        except OSError as error:
            status = await proc.fail(f"can't open '{path}': {error.strerror}")
    while data := await proc.stdin.read():
        await proc.out(data)
        for handle in handles:
            await handle.write(data)
    return status


async def base64(proc: Proc) -> int:
    """Encode or decode."""
    options, paths = await parse(proc, "di", "w", {"decode": "d", "wrap": "w"})
    inputs = Inputs(proc, paths[:1])
    width = await number(proc, options.get("w", ["76"])[-1])
    async for _, handle in inputs:
        data = await everything(handle, MEMORY)
        if "d" in options:
            try:
                await proc.out(codec.b64decode(b"".join(data.split())))
            except (binascii.Error, ValueError):
                return await proc.fail("truncated input")
            continue
        text = codec.b64encode(data)
        rows = [text[at : at + width] for at in range(0, len(text), width)] if width else [text]
        await proc.out(b"\n".join(rows) + b"\n" * bool(width))
    return inputs.status


async def checksum(proc: Proc, algorithm: str) -> int:
    """The sum of each file, or (-c) whether the sums in files are right."""
    options, paths = await parse(proc, "cbtsw")
    inputs = Inputs(proc, paths)
    async for path, handle in inputs:
        if "c" not in options:
            await proc.out(f"{await _digest(proc, handle, algorithm)}  {path}\n")
            continue
        async for line in lines(handle, proc):
            if not await _check(proc, decode(line), algorithm, silent="s" in options):
                inputs.status = 1
    return inputs.status


async def _check(proc: Proc, line: str, algorithm: str, *, silent: bool) -> bool:
    digest, _, path = line.rstrip("\n").partition("  ")
    try:
        handle = proc.open_to_read(path)
    except OSError as error:
        await proc.fail(f"can't open '{path}': {error.strerror}")
        return False
    same = await _digest(proc, handle, algorithm) == digest
    if not (silent and same):
        await proc.out(f"{path}: {'OK' if same else 'FAILED'}\n")
    return same


async def _digest(proc: Proc, handle: Handle, algorithm: str) -> str:
    digest = hashlib.new(algorithm, usedforsecurity=False)
    while data := await handle.read():
        await proc.kernel.budget.spend(1 + len(data) / 4096)
        digest.update(data)
    return digest.hexdigest()


async def rev(proc: Proc) -> int:
    """Lines backwards."""
    inputs = Inputs(proc, proc.argv[1:])
    async for _, handle in inputs:
        async for line in lines(handle, proc):
            await proc.out(decode(line).rstrip("\n")[::-1] + "\n")
    return inputs.status


async def tac(proc: Proc) -> int:
    """The last line first."""
    inputs = Inputs(proc, proc.argv[1:])
    async for _, handle in inputs:
        text = await everything(handle, MEMORY)
        await proc.out(b"".join(reversed(text.splitlines(keepends=True))))
    return inputs.status


async def nl(proc: Proc) -> int:
    """Lines with numbers."""
    inputs, count = Inputs(proc, [one for one in proc.argv[1:] if not one.startswith("-")]), 0
    async for _, handle in inputs:
        async for line in lines(handle, proc):
            count += line != b"\n"
            await proc.out((f"{count:6}\t".encode() if line != b"\n" else b"       ") + line)
    return inputs.status


async def fold(proc: Proc) -> int:
    """Long lines broken."""
    options, paths = await parse(proc, "bs", "w")
    width = max(await number(proc, options.get("w", ["80"])[-1]), 1)
    inputs = Inputs(proc, paths)
    async for _, handle in inputs:
        async for line in lines(handle, proc):
            text = decode(line)
            rest = text.removesuffix("\n")
            while len(rest) > width:
                space = rest.rfind(" ", 0, width) + 1 if "s" in options else 0
                await proc.out(rest[: space or width] + "\n")
                rest = rest[space or width :]
            await proc.out(rest + "\n" * text.endswith("\n"))
    return inputs.status


async def expand(proc: Proc) -> int:
    """Tabs as spaces."""
    options, paths = await parse(proc, "i", "t")
    size = await number(proc, options.get("t", ["8"])[-1])
    inputs = Inputs(proc, paths)
    async for _, handle in inputs:
        async for line in lines(handle, proc):
            await proc.out(decode(line).expandtabs(size))
    return inputs.status


async def more(proc: Proc) -> int:
    """As cat: there is no paging."""
    await asyncio.sleep(0)
    return await cat(proc)


PROGRAMS: Mapping[str, Program] = {
    **{one.__name__: one for one in (cat, head, tail, wc, sort, uniq, cut, tr, tee, base64, rev, tac, nl)},
    "fold": fold,
    "expand": expand,
    "more": more,
    "less": more,
    **{f"{name}sum": partial(checksum, algorithm=name) for name in ("md5", "sha1", "sha256", "sha512")},
}
