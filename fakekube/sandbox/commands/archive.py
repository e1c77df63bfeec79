"""tar, in memory: what `kubectl cp` runs."""

from __future__ import annotations

import io
import posixpath
import stat
import tarfile
import time
from collections.abc import Collection, Mapping

from fakekube.sandbox.commands.options import everything, parse
from fakekube.sandbox.files import Directory, Link, Node
from fakekube.sandbox.kernel import MEMORY, Proc, Program

LIMIT = 8 * MEMORY
LONG = {"directory": "C", "file": "f", "no-same-permissions": "o", "no-same-owner": "o", "extract": "x", "create": "c"}


async def tar(proc: Proc) -> int:
    """Make, list or unpack an archive."""
    if len(proc.argv) > 1 and not proc.argv[1].startswith("-"):
        proc.argv = [proc.argv[0], "-" + proc.argv[1], *proc.argv[2:]]
    options, paths = await parse(proc, "cxtvmpozjkOPh", "fC", LONG)
    if not options.keys() & {"c", "x", "t"}:
        return await proc.fail("must specify one -c, -t or -x")
    name = options.get("f", ["-"])[-1]
    name = proc.path(name) if name != "-" else name
    if "C" in options:
        proc.cwd = proc.path(options["C"][-1])
        if not proc.fs.is_dir(proc.cwd):
            return await proc.fail(f"can't change directory to '{options['C'][-1]}': No such file or directory")
    if "c" in options:
        return await _create(proc, name, paths, gzipped="z" in options)
    try:
        handle = proc.stdin if name == "-" else proc.open_to_read(name)
    except OSError as error:
        return await proc.fail(f"can't open '{options['f'][-1]}': {error.strerror}")
    data = await everything(handle, LIMIT)
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            return await _unpack(proc, archive, paths, options.keys())
    except (tarfile.TarError, EOFError, OSError) as error:
        return await proc.fail("invalid tar magic" if isinstance(error, tarfile.TarError) else str(error))


async def _create(proc: Proc, name: str, paths: list[str], *, gzipped: bool) -> int:
    buffer, status = io.BytesIO(), 0
    with tarfile.open(fileobj=buffer, mode="w:gz" if gzipped else "w") as archive:
        for path in paths:
            full = proc.path(path)
            try:
                found = list(proc.fs.walk(full))
            except OSError as error:
                status = await proc.fail(f"{path}: {error.strerror}")
                continue
            if path.startswith("/"):
                await proc.err("tar: removing leading '/' from member names\n")
            for below, node in found:
                await proc.kernel.budget.spend()
                _add(proc, archive, (path.rstrip("/") + below[len(full.rstrip("/")) :]).lstrip("/") or ".", below, node)
    data = buffer.getvalue()
    if name == "-":
        await proc.out(data)
    else:
        await proc.open_to_write(name).write(data)
    return status


def _add(proc: Proc, archive: tarfile.TarFile, name: str, path: str, node: Node) -> None:
    entry = tarfile.TarInfo(name)
    entry.mode, entry.mtime, entry.uid, entry.gid = node.mode & 0o7777, int(node.mtime), node.uid, node.gid
    if isinstance(node, Directory):
        entry.type = tarfile.DIRTYPE
        archive.addfile(entry)
    elif isinstance(node, Link):
        entry.type, entry.linkname = tarfile.SYMTYPE, node.target
        archive.addfile(entry)
    elif node.kind == "-":
        data = proc.read_file(path)
        entry.size = len(data)
        archive.addfile(entry, io.BytesIO(data))


async def _unpack(proc: Proc, archive: tarfile.TarFile, wanted: list[str], options: Collection[str]) -> int:
    missing = dict.fromkeys(wanted)
    for entry in archive:
        await proc.kernel.budget.spend(1 + entry.size / 4096)
        named = [one for one in wanted if entry.name == one.rstrip("/") or entry.name.startswith(one.rstrip("/") + "/")]
        if wanted and not named:
            continue
        missing = {one: None for one in missing if one not in named}
        if "t" in options or "v" in options:
            await proc.out(_shown(entry, long="t" in options and "v" in options))
        if "x" in options and "O" in options:
            source = archive.extractfile(entry)
            await proc.out(source.read(LIMIT) if source is not None else b"")
        elif "x" in options:
            _write(proc, archive, entry)
    for one in missing:
        await proc.fail(f"{one}: not found in archive")
    return int(bool(missing))


def _shown(entry: tarfile.TarInfo, *, long: bool) -> str:
    name = entry.name + "/" * entry.isdir()
    if not long:
        return f"{name}\n"
    kind = "d" if entry.isdir() else "l" if entry.issym() else "-"
    moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(entry.mtime))
    owner = f"{entry.uname or entry.uid}/{entry.gname or entry.gid}"
    target = f" -> {entry.linkname}" if entry.issym() else ""
    return f"{kind}{stat.filemode(entry.mode)[1:]} {owner} {entry.size:>9} {moment} {name}{target}\n"


def _write(proc: Proc, archive: tarfile.TarFile, entry: tarfile.TarInfo) -> None:
    """Raises OSError."""
    name = posixpath.normpath("/" + entry.name).lstrip("/")
    full = proc.path(name) if name else proc.cwd
    for end in [posixpath.dirname(full)] + ([full] if entry.isdir() else []):
        parts = [part for part in end.split("/") if part]
        for at in range(len(parts)):
            folder = "/" + "/".join(parts[: at + 1])
            if not proc.fs.exists(folder):
                proc.check_folder(folder)
                proc.fs.add(folder, Directory(0o755, proc.uid, proc.gid))
    if entry.isdir():
        return
    if entry.issym():
        proc.fs.add(full, Link(0o777, proc.uid, proc.gid, target=entry.linkname))
        return
    source = archive.extractfile(entry)
    data = source.read(LIMIT) if source is not None else b""
    proc.check_create(full)
    node = proc.fs.create(full, proc.uid, proc.gid)
    proc.fs.write(full, data, append=False)
    node.mode = entry.mode & 0o777


PROGRAMS: Mapping[str, Program] = {"tar": tar}
