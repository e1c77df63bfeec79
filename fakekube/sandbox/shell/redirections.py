"""Opens what redirections name, with the words of ash for what cannot be opened (XCU 2.7)."""

from __future__ import annotations

import errno

from fakekube.sandbox.files import File
from fakekube.sandbox.kernel import Handle, Proc, Reading, encode
from fakekube.sandbox.shell.expansion import Expander
from fakekube.sandbox.shell.syntax import Redirect

REASONS = {errno.ENOENT: "no such file", errno.ENOTDIR: "not a directory"}
CREATE_REASONS = {errno.ENOENT: "nonexistent directory", errno.EISDIR: "Is a directory"}


class RedirectProblem(Exception):
    """A file cannot be opened as a redirection asks."""


async def opened(redirect: Redirect, proc: Proc, expander: Expander, *, spares_files: bool) -> Handle | None:
    """The file; None closes the descriptor. `spares_files`: what is there is not overwritten (set -C).

    Raises RedirectProblem.
    """
    if redirect.document is not None:
        text = "".join(text for text, _ in await expander.pieces(tuple(redirect.document)))
        return Handle(Reading(encode(text)))
    target = await expander.text(redirect.word)
    if redirect.operator in ("<&", ">&"):
        return _duplicate(proc, target)
    try:
        if redirect.operator == "<":
            return proc.open_to_read(target)
        if redirect.operator == "<>":
            return proc.open_to_update(target)
        if redirect.operator == ">" and spares_files and isinstance(_existing(proc, target), File):
            raise RedirectProblem(f"can't create {target}: File exists")
        return proc.open_to_write(target, append=redirect.operator == ">>")
    except OSError as error:
        verb, reasons = ("open", REASONS) if redirect.operator == "<" else ("create", CREATE_REASONS)
        reason = reasons.get(error.errno or 0, error.strerror)
        raise RedirectProblem(f"can't {verb} {target}: {reason}") from None


def _existing(proc: Proc, path: str) -> object:
    try:
        return proc.fs.lookup(proc.path(path))
    except OSError:
        return None


def _duplicate(proc: Proc, target: str) -> Handle | None:
    if target == "-":
        return None
    if not target.isdigit():
        raise RedirectProblem(f"syntax error: bad fd number {target}")
    handle = proc.fds.get(int(target))
    if handle is None:
        raise RedirectProblem(f"{target}: Bad file descriptor")
    return handle.share()
