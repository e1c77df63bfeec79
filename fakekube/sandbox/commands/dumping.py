"""Programs that show bytes, and that pack them: od, hexdump, xxd, strings, gzip and its kin."""

from __future__ import annotations

import gzip as codec
import re
import zlib
from collections.abc import Mapping

from fakekube.sandbox.commands.options import Inputs, everything, number, parse
from fakekube.sandbox.kernel import BYTES_A_STEP, MEMORY, Handle, OutOfMemory, Proc, Program
from fakekube.sandbox.streams import CHUNK

WIDTH = 16
NAMED = {0: "\\0", 7: "\\a", 8: "\\b", 9: "\\t", 10: "\\n", 11: "\\v", 12: "\\f", 13: "\\r"}
FORMATS = {"x1": (1, "02x"), "x2": (2, "04x"), "x4": (4, "08x"), "o1": (1, "03o"), "o2": (2, "06o"), "d1": (1, "3d")}
FORMATS |= {"u1": (1, "3d"), "u2": (2, "5d"), "d2": (2, "5d"), "x": (4, "08x"), "o": (4, "011o"), "d": (4, "10d")}
"""Type of od -> bytes of a number and how it is shown."""


async def _input(proc: Proc, paths: list[str]) -> tuple[bytes, int]:
    """(all of the files, exit code)"""
    inputs, data = Inputs(proc, paths), b""
    async for _, handle in inputs:
        data += await everything(handle, MEMORY)
    return data, inputs.status


async def od(proc: Proc) -> int:
    """Bytes as numbers or characters."""
    options, paths = await parse(proc, "bcdovxX", "AtNjw")
    data, status = await _input(proc, paths)
    skip = await number(proc, options.get("j", ["0"])[-1])
    data = data[skip : skip + await number(proc, options["N"][-1])] if "N" in options else data[skip:]
    form = options.get("t", [next((letter for letter in "cbx" if letter in options), "o2")])[-1]
    form = {"b": "o1", "x": "x2", "c": "c"}.get(form, form) if "t" not in options else form
    if form not in FORMATS and form not in ("c", "a"):
        return await proc.fail(f"invalid type string '{form}'")
    base = {"n": "", "x": "06x", "d": "07d"}.get(options.get("A", ["o"])[-1], "07o")
    for at in range(0, len(data), WIDTH):
        address = format(at + skip, base) if base else ""
        await proc.out(f"{address} {_shown(data[at : at + WIDTH], form)}\n")
    if base:
        await proc.out(format(len(data) + skip, base) + "\n")
    return status


def _shown(row: bytes, form: str) -> str:
    if form in ("c", "a"):
        return " ".join(f"{_character(byte):>3}" for byte in row)
    size, layout = FORMATS[form]
    return " ".join(format(int.from_bytes(row[at : at + size], "little"), layout) for at in range(0, len(row), size))


def _character(byte: int) -> str:
    return NAMED.get(byte) or (chr(byte) if 32 <= byte < 127 else f"{byte:03o}")


async def hexdump(proc: Proc) -> int:
    """Bytes as numbers and characters."""
    options, paths = await parse(proc, "Cvbcdox", "ns")
    data, status = await _input(proc, paths)
    if "n" in options:
        data = data[: await number(proc, options["n"][-1])]
    for at in range(0, len(data), WIDTH):
        row = data[at : at + WIDTH]
        await proc.out(f"{at:08x}  {_pairs(row)}  |{_plain(row)}|\n" if "C" in options else f"{at:07x} {_words(row)}\n")
    if data:
        await proc.out(f"{len(data):08x}\n" if "C" in options else f"{len(data):07x}\n")
    return status


def _pairs(row: bytes) -> str:
    halves = [" ".join(f"{byte:02x}" for byte in half) for half in (row[:8], row[8:])]
    return f"{halves[0]:<23}  {halves[1]:<23}"


def _words(row: bytes) -> str:
    return " ".join(f"{int.from_bytes(row[at : at + 2], 'little'):04x}" for at in range(0, len(row), 2))


def _plain(row: bytes) -> str:
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)


async def xxd(proc: Proc) -> int:
    """Bytes in pairs and as characters, or (-p) as digits alone."""
    options, paths = await parse(proc, "pr", "cgls")
    data, status = await _input(proc, paths)
    if "r" in options:
        digits = re.sub(rb"[^0-9a-fA-F]", b"", data)
        await proc.out(bytes.fromhex(digits[: len(digits) & ~1].decode()))
        return status
    if "p" in options:
        for at in range(0, len(data), 30):
            await proc.out(data[at : at + 30].hex() + "\n")
        return status
    for at in range(0, len(data), WIDTH):
        row = data[at : at + WIDTH]
        groups = " ".join(row[place : place + 2].hex() for place in range(0, len(row), 2))
        await proc.out(f"{at:08x}: {groups:<39}  {_plain(row)}\n")
    return status


async def strings(proc: Proc) -> int:
    """What can be read in files that are no text."""
    options, paths = await parse(proc, "afo", "nt")
    least = await number(proc, options.get("n", ["4"])[-1])
    data, status = await _input(proc, paths)
    for found in re.findall(rb"[\t -~]{%d,}" % max(least, 1), data):
        await proc.out(found + b"\n")
    return status


async def gzip(proc: Proc) -> int:
    """Pack files, or unpack them; without files, the input."""
    options, paths = await parse(proc, "cdfktnvq123456789", "")
    unpacks = "d" in options or proc.name in ("gunzip", "zcat")
    if not paths or paths == ["-"]:
        data, status = await _packed(proc, await everything(proc.stdin, MEMORY), unpacks)
        await proc.out(data)
        return status
    status = 0
    for path in paths:
        status |= await _one(proc, path, unpacks, options.keys() | ({"c"} if proc.name == "zcat" else set()))
    return status


async def _one(proc: Proc, path: str, unpacks: bool, options: set[str]) -> int:
    goal = path.removesuffix(".gz").replace(".tgz", ".tar") if unpacks else path + ".gz"
    if "c" not in options and goal == path:
        return await proc.fail(f"{path}: unknown suffix - ignored")
    try:
        data, status = await _packed(proc, proc.read_file(path), unpacks)
        if status or "c" in options:
            await proc.out(b"" if status else data)
            return status
        if proc.fs.exists(proc.path(goal)) and "f" not in options:
            return await proc.fail(f"can't open '{goal}': File exists")
        await proc.open_to_write(goal).write(data)
        if "k" not in options:
            proc.fs.remove(proc.path(path))
    except OSError as error:
        return await proc.fail(f"{path}: {error.strerror}")
    return 0


async def _packed(proc: Proc, data: bytes, unpacks: bool) -> tuple[bytes, int]:
    """(what becomes of it, exit code). Raises OutOfMemory."""
    await proc.kernel.budget.spend(1 + len(data) / 1024)
    if not unpacks:
        return codec.compress(data, mtime=0), 0
    try:
        reader = zlib.decompressobj(31)
        found = reader.decompress(data, MEMORY)
    except zlib.error:
        return b"", await proc.fail("invalid magic" if data[:2] != b"\x1f\x8b" else "corrupted data")
    if reader.unconsumed_tail:
        raise OutOfMemory
    return found, 0 if reader.eof else await proc.fail("unexpected end of file")


DD = {"bs": "512", "count": "", "skip": "0", "if": "-", "of": "-", "status": ""}
"""Settings of dd, and what they are by themselves."""
IGNORED = frozenset(("ibs", "obs", "seek", "conv", "iflag", "oflag"))


async def dd(proc: Proc) -> int:
    """Blocks of bytes from one file to another."""
    settings = dict(DD)
    for word in proc.argv[1:]:
        name, equals, value = word.partition("=")
        if not equals or name not in DD.keys() | IGNORED:
            return await proc.fail(f"invalid argument '{word}'")
        settings[name] = value
    size, skip = await number(proc, settings["bs"]), await number(proc, settings["skip"])
    count = await number(proc, settings["count"]) if settings["count"] else None
    opened: list[Handle] = []
    try:
        opened.append(proc.stdin.share() if settings["if"] == "-" else proc.open_to_read(settings["if"]))
        opened.append(proc.fd(1).share() if settings["of"] == "-" else proc.open_to_write(settings["of"]))
        copied = await _blocks(proc, opened[0], opened[1], skip * size, None if count is None else count * size)
    except OSError as error:
        return await proc.fail(f"can't open '{error.filename}': {error.strerror}")
    finally:
        for handle in opened:
            handle.close()
    if settings["status"] != "none":
        blocks = f"{copied // size}+{int(copied % size > 0)} records"
        await proc.err(f"{blocks} in\n{blocks} out\n")
    return 0


async def _blocks(proc: Proc, source: Handle, sink: Handle, skip: int, wanted: int | None) -> int:
    """Copy so many bytes, or all. Gives how many there were."""
    copied = 0
    while wanted is None or copied < wanted:
        data = await source.read(CHUNK if wanted is None else min(wanted - copied + skip, CHUNK))
        if not data:
            break
        data, skip = data[skip:], max(skip - len(data), 0)
        await proc.kernel.budget.spend(1 + len(data) / BYTES_A_STEP)
        await sink.write(data)
        copied += len(data)
    return copied


PROGRAMS: Mapping[str, Program] = {
    **{one.__name__: one for one in (od, hexdump, xxd, strings, gzip, dd)},
    "gunzip": gzip,
    "zcat": gzip,
}
