"""mounttest: makes files, and tells of files their kind of file system, owner, mode and content."""

from __future__ import annotations

import json

from fakekube.sandbox.agnhost.flags import go_error, parse
from fakekube.sandbox.files import MEMORY, Node
from fakekube.sandbox.kernel import Proc, decode

NEW = "mount-tester new file\n"
MAGIC = {"ext4": 61267, "overlay": 2035054128}
"""How statfs numbers kinds of file systems."""
PERIOD = 2.0
FLAGS: dict[str, str | int | bool] = {
    **dict.fromkeys(("fs_type", "file_mode", "file_perm", "file_owner", "file_content", "file_content_in_loop"), ""),
    **dict.fromkeys(("new_file_0644", "new_file_0666", "new_file_0660", "new_file_0777"), ""),
    "retry_time": 180,
    "break_on_expected_content": True,
}


async def mounttest(proc: Proc) -> int:
    """Do what the flags ask for, in this order; 1 if anything fails."""
    flags, _ = parse(proc.argv[2:], FLAGS)
    steps = {
        "fs_type": _fs_type,
        **{name: _new_file for name in FLAGS if name.startswith("new_file")},
        "file_mode": _mode,
        "file_perm": _perm,
        "file_owner": _owner,
        "file_content": _content,
    }
    failed = False
    for name, step in steps.items():
        if path := str(flags[name]):
            failed |= not await step(proc, path, name)
    if path := str(flags["file_content_in_loop"]):
        failed |= not await _loop(proc, path, int(flags["retry_time"]), bool(flags["break_on_expected_content"]))
    return int(failed)


async def _fs_type(proc: Proc, path: str, _: str) -> bool:
    try:
        kind = proc.fs.kind_of(path)
    except OSError as error:
        return await _fail(proc, f"error from statfs({_quoted(path)}): {go_error(error)}")
    await proc.out(f"mount type of {_quoted(path)}: {kind if kind == MEMORY else MAGIC[kind]}\n")
    return True


async def _new_file(proc: Proc, path: str, flag: str) -> bool:
    try:
        proc.check_create(path)
        proc.fs.create(path, proc.uid, proc.gid, int(flag.rpartition("_")[2], 8))
        proc.fs.write(path, NEW.encode(), append=False)
    except OSError as error:
        return await _fail(proc, f"error writing new file {_quoted(path)}: open {path}: {go_error(error)}")
    return await _content(proc, path, flag)


async def _mode(proc: Proc, path: str, _: str) -> bool:
    node = await _stat(proc, path)
    if node is not None:
        await proc.out(f"mode of file {_quoted(path)}: {go_mode(node)}\n")
    return node is not None


async def _perm(proc: Proc, path: str, _: str) -> bool:
    node = await _stat(proc, path)
    if node is not None:
        await proc.out(f"perms of file {_quoted(path)}: -{_bits(node.mode)}\n")
    return node is not None


async def _owner(proc: Proc, path: str, _: str) -> bool:
    node = await _stat(proc, path, "stat")
    if node is not None:
        await proc.out(f"owner UID of {_quoted(path)}: {node.uid}\nowner GID of {_quoted(path)}: {node.gid}\n")
    return node is not None


async def _stat(proc: Proc, path: str, call: str = "Stat") -> Node | None:
    try:
        return proc.fs.lookup(path)
    except OSError as error:
        text = f"stat {path}: {go_error(error)}" if call == "Stat" else go_error(error)
        await _fail(proc, f"error from {call}({_quoted(path)}): {text}")
        return None


async def _content(proc: Proc, path: str, _: str) -> bool:
    try:
        data = proc.read_file(path)
    except OSError as error:
        return await _fail(proc, f"error reading file content for {_quoted(path)}: open {path}: {go_error(error)}")
    await proc.out(f"content of file {_quoted(path)}: {decode(data)}\n")
    return True


async def _loop(proc: Proc, path: str, seconds: int, until_expected: bool) -> bool:
    end, succeeded = proc.kernel.clock.now() + seconds, True
    while proc.kernel.clock.now() < end:
        try:
            data = decode(proc.read_file(path))
            succeeded = True
            await proc.out(f"content of file {_quoted(path)}: {data}\n")
            if until_expected and data == NEW:
                break
            if until_expected:
                await proc.out(f"Unexpected content. Expected: {NEW}. Retrying")
        except OSError as error:
            succeeded = False
            await proc.out(f"Error reading file {path}: open {path}: {go_error(error)}, retrying\n")
        await proc.kernel.clock.sleep(PERIOD)
    return succeeded


async def _fail(proc: Proc, text: str) -> bool:
    await proc.out(f"{text}\n")
    return False


def _quoted(path: str) -> str:
    return json.dumps(path, ensure_ascii=False)


def _bits(mode: int) -> str:
    return "".join(one if mode >> 8 - at & 1 else "-" for at, one in enumerate("rwx" * 3))


def go_mode(node: Node) -> str:
    """As Go prints a file's mode: dtrwxrwxrwx."""
    kind = {"d": "d", "l": "L", "c": "Dc"}.get(node.kind, "")
    special = "".join(one for bit, one in ((0o4000, "u"), (0o2000, "g"), (0o1000, "t")) if node.mode & bit)
    return (kind + special or "-") + _bits(node.mode)
