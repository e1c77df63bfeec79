"""From a command's name to the program that it runs, and running one from another."""

from __future__ import annotations

import errno
import posixpath
from collections.abc import Mapping, Sequence
from contextlib import suppress

from fakekube.sandbox.files import Directory, fail
from fakekube.sandbox.kernel import Executable, Handle, Proc, Program, decode

SET_USER_ID = 0o4000


def locate(proc: Proc, name: str, path: str | None) -> str:
    """Where a command is. Raises OSError."""
    if "/" in name:
        full = proc.path(name)
        proc.fs.lookup(full)
        return full
    for folder in (path or "").split(":"):
        full = posixpath.join(proc.cwd, folder, name)
        with suppress(OSError):
            node = proc.fs.lookup(full)
            if not isinstance(node, Directory) and node.mode & 0o111:
                return full
    raise fail(errno.ENOENT, name)


def program_at(proc: Proc, words: Sequence[str], path: str | None) -> Program:
    """What a command runs. Raises OSError."""
    found = locate(proc, words[0], path)
    node = proc.fs.lookup(found)
    if isinstance(node, Executable):
        program = proc.kernel.programs[node.name]
        return _as_owner(program, node.uid) if node.mode & SET_USER_ID and proc.kernel.may_gain else program
    if isinstance(node, Directory) or not node.mode & 0o111:
        raise fail(errno.EACCES, words[0])
    return proc.kernel.script(decode(proc.read_file(found)), list(words))


def _as_owner(program: Program, owner: int) -> Program:
    """The program as whoever owns its file."""

    async def run(proc: Proc) -> int:
        proc.uid = owner
        return await program(proc)

    return run


def start(
    proc: Proc, words: Sequence[str], env: Mapping[str, str] | None = None, fds: Mapping[int, Handle] | None = None
) -> Proc:
    """Start a command as a child with the same files but for `fds`. Raises OSError."""
    env = proc.env if env is None else env
    program = program_at(proc, words, env.get("PATH", "/bin:/usr/bin"))
    changed = fds or {}
    files = {number: handle.share() for number, handle in proc.fds.items() if number not in changed}
    return proc.kernel.spawn(
        proc, words, program, env=env, cwd=proc.cwd, fds={**files, **changed}, user=(proc.uid, proc.gid)
    )
