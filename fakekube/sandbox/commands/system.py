"""Programs about the system: ps, id, hostname, date, uname and so on."""

from __future__ import annotations

import posixpath
import random
import string
import time
from collections.abc import Mapping

from fakekube.sandbox.commands.filesystem import names, user_name
from fakekube.sandbox.commands.options import moment, parse
from fakekube.sandbox.executing import locate
from fakekube.sandbox.files import Directory, File
from fakekube.sandbox.kernel import Proc, Program

KERNEL_RELEASE = "5.4.0-58-generic"


async def ps(proc: Proc) -> int:
    """The processes."""
    wide = any("u" in word or "f" in word for word in proc.argv[1:])
    await proc.out("USER       PID TTY      STAT START   TIME COMMAND\n" if wide else "PID   USER     TIME  COMMAND\n")
    for pid, one in sorted(proc.kernel.procs.items()):
        user, command = user_name(proc, one.uid), " ".join(one.argv)
        if wide:
            began = time.strftime("%H:%M", time.gmtime(one.started))
            await proc.out(f"{user:<8} {pid:5} ?        S    {began}   0:00 {command}\n")
        else:
            await proc.out(f"{pid:5} {user:<8}  0:00 {command}\n")
    return 0


async def id_(proc: Proc) -> int:
    """Who runs this."""
    options, _ = await parse(proc, "ugnGr")
    users, groups = names(proc, "/etc/passwd"), names(proc, "/etc/group")
    every = [proc.gid, *sorted(proc.kernel.groups - {proc.gid})]
    if "u" in options or "g" in options or "G" in options:
        numbers, known = ([proc.uid], users) if "u" in options else (every if "G" in options else every[:1], groups)
        shown = [known.get(number, str(number)) if "n" in options else str(number) for number in numbers]
        await proc.out(f"{' '.join(shown)}\n")
        return 0
    tail = f" groups={','.join(_named(gid, groups) for gid in every)}" if proc.kernel.groups else ""
    await proc.out(f"uid={_named(proc.uid, users)} gid={_named(proc.gid, groups)}{tail}\n")
    return 0


def _named(number: int, known: Mapping[int, str]) -> str:
    """0(root)"""
    return f"{number}({known[number]})" if number in known else str(number)


async def whoami(proc: Proc) -> int:
    """The user's name."""
    name = names(proc, "/etc/passwd").get(proc.uid)
    if name is None:
        return await proc.fail(f"unknown uid {proc.uid}")
    await proc.out(f"{name}\n")
    return 0


async def hostname(proc: Proc) -> int:
    """The pod's name."""
    options, words = await parse(proc, "fsid")
    if words:
        return await proc.fail("sethostname: Operation not permitted")
    if "i" in options and proc.kernel.network is not None:
        await proc.out(f"{proc.kernel.network.address}\n")
        return 0
    await proc.out(f"{proc.kernel.hostname}\n")
    return 0


PRECISIONS = {"hours": "%Y-%m-%dT%H+00:00", "minutes": "%Y-%m-%dT%H:%M+00:00", "seconds": "%Y-%m-%dT%H:%M:%S+00:00"}


async def date(proc: Proc) -> int:
    """The time."""
    proc.argv = [word if word != "-I" else "-Idate" for word in proc.argv]
    options, words = await parse(proc, "uR", "dsIrD", {"utc": "u", "date": "d"})
    now = proc.kernel.clock.now()
    if "r" in options:
        now = proc.fs.lookup(proc.path(options["r"][-1])).mtime
    if "d" in options:
        try:
            now = moment(options["d"][-1], now)
        except ValueError:
            return await proc.fail(f"invalid date '{options['d'][-1]}'")
    usual = "%a %b %e %H:%M:%S UTC %Y"
    if "I" in options:
        usual = PRECISIONS.get(options["I"][-1], "%Y-%m-%d")
    elif "R" in options:
        usual = "%a, %d %b %Y %H:%M:%S +0000"
    form = next((word[1:] for word in words if word.startswith("+")), usual)
    form = form.replace("%s", str(int(now))).replace("%N", "000000000").replace("%Z", "UTC").replace("%z", "+0000")
    await proc.out(time.strftime(form[:1000], time.gmtime(now)) + "\n")
    return 0


async def uname(proc: Proc) -> int:
    """The system's name."""
    options, _ = await parse(proc, "asnrvmpio")
    facts = {
        "s": "Linux",
        "n": proc.kernel.hostname,
        "r": KERNEL_RELEASE,
        "v": "#64-Ubuntu SMP Wed Dec 9 08:16:25 UTC 2020",
    }
    facts |= {"m": "x86_64", "o": "GNU/Linux"}
    wanted = "snrvmo" if "a" in options else [letter for letter in facts if letter in options] or "s"
    await proc.out(" ".join(facts[letter] for letter in wanted) + "\n")
    return 0


async def uptime(proc: Proc) -> int:
    """How long it runs."""
    now = proc.kernel.clock.now()
    minutes = int(now - proc.kernel.booted) // 60
    clock = time.strftime("%H:%M:%S", time.gmtime(now))
    await proc.out(f" {clock} up {minutes} min,  0 users,  load average: 0.00, 0.00, 0.00\n")
    return 0


async def free(proc: Proc) -> int:
    """Memory."""
    await proc.out(
        "              total        used        free      shared  buff/cache   available\n"
        "Mem:        2041280      412840     1012344        1184      616096     1474204\n"
        "Swap:             0           0           0\n"
    )
    return 0


async def nproc(proc: Proc) -> int:
    """Processors."""
    await proc.out("2\n")
    return 0


async def tty(proc: Proc) -> int:
    """The terminal's name."""
    on_terminal = 0 in proc.fds and proc.fds[0].tty is not None
    await proc.out("/dev/pts/0\n" if on_terminal else "not a tty\n")
    return int(not on_terminal)


async def groups(proc: Proc) -> int:
    """The groups that this runs in."""
    known = names(proc, "/etc/group")
    every = [proc.gid, *sorted(proc.kernel.groups - {proc.gid})]
    await proc.out(f"{' '.join(known.get(gid, str(gid)) for gid in every)}\n")
    return 0


async def mktemp(proc: Proc) -> int:
    """A file, or (-d) a folder, that nobody had before."""
    options, words = await parse(proc, "dqut", "p")
    folder = options["p"][-1] if "p" in options else proc.env.get("TMPDIR", "/tmp")  # noqa: S108
    template = words[0] if words else "tmp.XXXXXX"
    if not template.endswith("XXXXXX"):
        return await proc.fail("Invalid argument")
    if not words or options.keys() & {"p", "t"}:
        template = posixpath.join(folder, template)
    path = template[:-6] + "".join(random.choices(string.ascii_letters + string.digits, k=6))
    try:
        full = proc.path(path)
        proc.check_folder(full)
        if "u" not in options:
            proc.fs.add(full, (Directory if "d" in options else File)(0o700 if "d" in options else 0o600, proc.uid))
    except OSError as error:
        return await proc.fail(f"{template}: {error.strerror}")
    await proc.out(path + "\n")
    return 0


async def clear(proc: Proc) -> int:
    """An empty screen."""
    await proc.out("\x1b[H\x1b[J")
    return 0


async def stty(proc: Proc) -> int:
    """The terminal's settings."""
    terminal = proc.fds[0].tty if 0 in proc.fds else None
    if terminal is None:
        return await proc.fail("standard input: Not a tty")
    for word in proc.argv[1:]:
        if word == "size":
            await proc.out(f"{terminal.size.height} {terminal.size.width}\n")
        elif word in ("raw", "-icanon", "cbreak"):
            terminal.modes.canonical = False
        elif word in ("sane", "cooked", "-raw", "icanon"):
            terminal.set_raw(False)
        elif word in ("echo", "-echo"):
            terminal.modes.echo = word == "echo"
    return 0


async def which(proc: Proc) -> int:
    """Where commands are."""
    status = 0
    for name in proc.argv[1:]:
        try:
            await proc.out(locate(proc, name, proc.env.get("PATH")) + "\n")
        except OSError:
            status = 1
    return status


async def dmesg(proc: Proc) -> int:
    """Nothing that a container may see."""
    return await proc.fail("klogctl: Operation not permitted")


async def su(proc: Proc) -> int:
    """Nobody else."""
    return await proc.fail("must be suid to work properly" if proc.uid else "can't execute: Operation not permitted")


_ALL = (ps, groups, mktemp, whoami, hostname, date, uname, uptime, free, nproc, tty, clear, stty, which, dmesg, su)
PROGRAMS: Mapping[str, Program] = {**{one.__name__: one for one in _ALL}, "id": id_, "top": ps, "reset": clear}
