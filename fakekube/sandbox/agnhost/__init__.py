"""agnhost, the image that Kubernetes' own tests run: its subcommands as small programs.

Follows test/images/agnhost of v1.20: what each prints, serves and ends with.
"""

from __future__ import annotations

from collections.abc import Mapping

from fakekube.sandbox.agnhost import guestbook, mounttest, netexec, servers, small, webhooks
from fakekube.sandbox.agnhost.flags import Usage
from fakekube.sandbox.kernel import Proc, Program

COMMANDS: Mapping[str, Program] = {
    **small.COMMANDS,
    "mounttest": mounttest.mounttest,
    "netexec": netexec.netexec,
    "guestbook": guestbook.guestbook,
    **servers.COMMANDS,
    **webhooks.COMMANDS,
}


async def agnhost(proc: Proc) -> int:
    """Run a subcommand."""
    name = proc.argv[1] if len(proc.argv) > 1 else ""
    command = COMMANDS.get(name)
    if command is None:
        await proc.err(f'Error: unknown command "{name}" for "app"\nRun \'app --help\' for usage.\n')
        return 0
    try:
        return await command(proc)
    except Usage as problem:
        await proc.err(f"Error: {problem}\n")
        return 0


async def nnp(proc: Proc) -> int:
    """The image nonewprivs: as which user its set-user-ID program runs."""
    await proc.out(f"Effective uid: {proc.uid}\n")
    return 0


PROGRAMS: Mapping[str, Program] = {"agnhost": agnhost, "agnhost-2": agnhost, "nnp": nnp}
