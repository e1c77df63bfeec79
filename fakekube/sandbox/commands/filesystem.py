"""Programs for files and folders: ls, stat, mkdir, rm, cp, mv, touch, chmod, ln, df, du, mount."""

from __future__ import annotations

import posixpath
import re
import time
from collections.abc import Iterator, Mapping

from fakekube.sandbox.commands.options import moment, parse
from fakekube.sandbox.files import DISK, MEMORY, SPACE, Device, Directory, File, Generated, Link, Node, size_of
from fakekube.sandbox.kernel import Executable, Proc, Program

USERS = {0: "root", 1: "daemon", 65534: "nobody"}
MOUNTED = {DISK: "/dev/vda1", MEMORY: "tmpfs"}
"""What a volume's file system lies on."""
HALF_YEAR = 182 * 86400


def permissions(node: Node) -> str:
    """-rwxr-xr-x"""
    bits = "".join(
        letter if node.mode >> shift & 1 else "-" for shift, letter in zip(range(8, -1, -1), "rwx" * 3, strict=True)
    )
    if node.mode & 0o1000:
        bits = bits[:-1] + ("t" if node.mode & 1 else "T")
    if node.mode & 0o2000:
        bits = bits[:5] + ("s" if node.mode & 0o010 else "S") + bits[6:]
    if node.mode & 0o4000:
        bits = bits[:2] + ("s" if node.mode & 0o100 else "S") + bits[3:]
    return node.kind + bits


def user_name(proc: Proc, uid: int) -> str:
    """By /etc/passwd; the number where it is not there."""
    return names(proc, "/etc/passwd").get(uid, str(uid))


def names(proc: Proc, path: str) -> dict[int, str]:
    """Number -> name of /etc/passwd or /etc/group."""
    try:
        rows = [line.split(":") for line in proc.read_file(path).decode(errors="replace").splitlines()]
    except OSError:
        return USERS
    return {int(row[2]): row[0] for row in rows if len(row) > 2 and row[2].isdigit()}


async def ls(proc: Proc) -> int:
    """What is in folders."""
    options, paths = await parse(proc, "laAdhF1RtrSinsTCcupxLHg", "w", {"color": "C", "all": "a", "full-time": "l"})
    status, shown_files, folders = 0, [], []
    for path in paths or ["."]:
        try:
            node = proc.fs.lookup(proc.path(path), follow="l" not in options and "d" not in options)
        except OSError as error:
            status = await proc.fail(f"{path}: {error.strerror}")
            continue
        if isinstance(node, Link) and "d" not in options and proc.fs.is_dir(proc.path(path)) and path.endswith("/"):
            node = proc.fs.lookup(proc.path(path))
        if isinstance(node, Directory) and "d" not in options:
            folders.append(path)
        else:
            shown_files.append((path, node))
    await _show(proc, shown_files, options)
    for number, path in enumerate(sorted(folders)):
        status |= await _list(
            proc, path, options, titled=len(paths) > 1 or "R" in options, first=not (number or shown_files)
        )
    return status


async def _list(proc: Proc, path: str, options: Mapping[str, object], *, titled: bool, first: bool) -> int:
    node = proc.fs.lookup(proc.path(path))
    if not proc.may(node, 4):
        return await proc.fail(f"can't open '{path}': Permission denied")
    entries: list[tuple[str, Node]] = list(proc.fs.listing(proc.path(path)).items())
    if "a" in options:
        parent = proc.fs.lookup(proc.path(path + "/.."))
        entries += [(".", node), ("..", parent)]
    elif "A" not in options:
        entries = [(name, one) for name, one in entries if not name.startswith(".")]
    if titled:
        await proc.out(f"{'' if first else chr(10)}{path}:\n")
    if "l" in options:
        await proc.out(
            f"total {sum(-(-size_of(one) // 1024) if not isinstance(one, Link) else 0 for _, one in entries)}\n"
        )
    await _show(proc, entries, options)
    if "R" in options:
        for name, one in sorted(entries):
            if isinstance(one, Directory) and name not in (".", ".."):
                await _list(proc, posixpath.join(path, name), options, titled=True, first=False)
    return 0


async def _show(proc: Proc, entries: list[tuple[str, Node]], options: Mapping[str, object]) -> None:
    entries = sorted(entries, key=lambda one: one[0])
    if "t" in options:
        entries.sort(key=lambda one: -one[1].mtime)
    if "S" in options:
        entries.sort(key=lambda one: -size_of(one[1]))
    if "r" in options:
        entries.reverse()
    shown = [name + _mark(node, options) for name, node in entries]
    if "l" in options:
        rows = [_row(proc, text, node, options) for text, (_, node) in zip(shown, entries, strict=True)]
        await proc.out("".join(row + "\n" for row in rows))
        return
    tty = proc.fds[1].tty if 1 in proc.fds else None
    if tty is None or "1" in options:
        await proc.out("".join(text + "\n" for text in shown))
    else:
        await proc.out("".join(columns(shown, tty.size.width or 80)))


def columns(texts: list[str], width: int) -> Iterator[str]:
    """Rows of a list that is read downwards."""
    if not texts:
        return
    cell = max(map(len, texts)) + 2
    count = max(width // cell, 1)
    height = -(-len(texts) // count)
    for row in range(height):
        yield "".join(text.ljust(cell) for text in texts[row::height]).rstrip() + "\n"


def _mark(node: Node, options: Mapping[str, object]) -> str:
    if isinstance(node, Directory) and options.keys() & {"F", "p"}:
        return "/"
    if "F" in options:
        return "@" if isinstance(node, Link) else "*" if node.mode & 0o111 and node.kind == "-" else ""
    return ""


def _row(proc: Proc, text: str, node: Node, options: Mapping[str, object]) -> str:
    numeric = "n" in options
    owner = str(node.uid) if numeric else user_name(proc, node.uid)
    group = str(node.gid) if numeric else names(proc, "/etc/group").get(node.gid, str(node.gid))
    links = 2 + sum(isinstance(one, Directory) for one in node.entries.values()) if isinstance(node, Directory) else 1
    size = human(size_of(node)) if "h" in options else str(size_of(node))
    size = "1,   3" if isinstance(node, Device) else size
    moment = time.gmtime(node.mtime)
    recent = abs(proc.kernel.clock.now() - node.mtime) < HALF_YEAR
    date = time.strftime("%b %e %H:%M" if recent else "%b %e  %Y", moment)
    target = f" -> {node.target}" if isinstance(node, Link) else ""
    return f"{permissions(node)} {links:4} {owner:<8} {group:<8} {size:>9} {date} {text}{target}"


def human(size: float) -> str:
    """1.5K"""
    for unit in ("", "K", "M", "G", "T"):
        if size < 1024 or unit == "T":
            return f"{size:.1f}{unit}" if unit else f"{int(size)}"
        size /= 1024
    return ""


async def stat(proc: Proc) -> int:
    """All about a file."""
    options, paths = await parse(proc, "Ltf", "c", {"format": "c"})
    status = 0
    for path in paths:
        try:
            node = proc.fs.lookup(proc.path(path), follow="L" in options)
        except OSError as error:
            status = await proc.fail(f"can't stat '{path}': {error.strerror}")
            continue
        values = _facts(proc, path, node)
        if "c" in options:
            text = options["c"][-1]
            await proc.out(_filled(text, values) + "\n")
            continue
        moment = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(node.mtime)) + ".000000000 +0000"
        await proc.out(
            f"  File: {values['N']}\n  Size: {values['s']:<10}\tBlocks: {values['b']:<10} IO Block: 4096   "
            f"{values['F']}\n"
            f"Device: 80h/128d\tInode: {values['i']:<11} Links: {values['h']}\n"
            f"Access: ({values['a'].zfill(4)}/{values['A']})  Uid: ({values['u']:>5}/{values['U']:>8})"
            f"   Gid: ({values['g']:>5}/{values['G']:>8})\nAccess: {moment}\nModify: {moment}\nChange: {moment}\n"
        )
    return status


def _facts(proc: Proc, path: str, node: Node) -> dict[str, str]:
    kind = {"d": "directory", "l": "symbolic link", "c": "character special file"}.get(node.kind, "regular file")
    if kind == "regular file" and not size_of(node):
        kind = "regular empty file"
    return {
        "n": path,
        "N": f"{path} -> {node.target}" if isinstance(node, Link) else path,
        "s": str(size_of(node)),
        "b": str(-(-size_of(node) // 512)),
        "F": kind,
        "a": f"{node.mode & 0o7777:o}",
        "A": permissions(node),
        "u": str(node.uid),
        "U": user_name(proc, node.uid),
        "g": str(node.gid),
        "h": "1",
        "i": str(id(node) % 10**7),
        "G": names(proc, "/etc/group").get(node.gid, str(node.gid)),
        "Y": str(int(node.mtime)),
        "y": time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(node.mtime)) + ".000000000 +0000",
    }


def _filled(template: str, values: Mapping[str, str]) -> str:
    return re.sub(r"%([a-zA-Z])", lambda found: values.get(found[1], found[0]), template)


async def mkdir(proc: Proc) -> int:
    """Make folders."""
    options, paths = await parse(proc, "pv", "m")
    status = 0
    for path in paths:
        full = proc.path(path)
        try:
            if "p" in options:
                for end in _ancestors(full):
                    if not proc.fs.is_dir(end):
                        _make(proc, end)
            else:
                _make(proc, full)
            if "m" in options and re.fullmatch("[0-7]+", options["m"][-1]):
                proc.fs.lookup(full).mode = int(options["m"][-1], 8)
        except OSError as error:
            status = await proc.fail(f"can't create directory '{path}': {error.strerror}")
    return status


def _ancestors(path: str) -> list[str]:
    parts = [part for part in path.split("/") if part]
    return ["/" + "/".join(parts[: at + 1]) for at in range(len(parts))]


def _make(proc: Proc, path: str) -> None:
    proc.check_folder(path)
    proc.fs.add(path, Directory(0o777 & ~proc.umask, proc.uid, proc.gid))


async def rmdir(proc: Proc) -> int:
    """Remove empty folders."""
    _, paths = await parse(proc, "p")
    status = 0
    for path in paths:
        try:
            if not proc.fs.is_dir(proc.path(path)):
                proc.fs.listing(proc.path(path))
            proc.check_folder(proc.path(path))
            proc.fs.remove(proc.path(path))
        except OSError as error:
            status = await proc.fail(f"'{path}': {error.strerror}")
    return status


async def rm(proc: Proc) -> int:
    """Remove."""
    options, paths = await parse(proc, "rRfiv")
    status = 0
    for path in paths:
        full = proc.path(path)
        try:
            node = proc.fs.lookup(full, follow=False)
            if isinstance(node, Directory) and not options.keys() & {"r", "R"}:
                status = await proc.fail(f"'{path}' is a directory")
                continue
            proc.check_folder(full)
            for below, _ in reversed(list(proc.fs.walk(full))):
                await proc.kernel.budget.spend()
                proc.fs.remove(below)
        except FileNotFoundError as error:
            if "f" not in options:
                status = await proc.fail(f"can't remove '{path}': {error.strerror}")
        except OSError as error:
            status = await proc.fail(f"can't remove '{path}': {error.strerror}")
    return status


async def cp(proc: Proc) -> int:
    """Copy."""
    options, paths = await parse(proc, "rRafpdLHPivuT")
    if len(paths) < 2:
        return await proc.fail("missing file operand")
    recursive = bool(options.keys() & {"r", "R", "a"})
    return await _each(proc, paths, lambda source, goal: _copy(proc, source, goal, recursive), "can't stat")


async def _copy(proc: Proc, source: str, goal: str, recursive: bool) -> int:
    full = proc.path(source)
    node = proc.fs.lookup(full)
    if isinstance(node, Directory) and not recursive:
        return await proc.fail(f"omitting directory '{source}'")
    for below, one in list(proc.fs.walk(full)):
        await proc.kernel.budget.spend()
        there = goal + below[len(full) :]
        if isinstance(one, Directory):
            if not proc.fs.is_dir(there):
                _make(proc, there)
        elif isinstance(one, Link) and below != full:
            proc.fs.add(there, Link(0o777, target=one.target))
        else:
            await proc.open_to_write(there).write(proc.read_file(below))
            proc.fs.lookup(there).mode = one.mode
    return 0


async def mv(proc: Proc) -> int:
    """Move."""
    options, paths = await parse(proc, "finuvT")

    async def move(source: str, goal: str) -> int:
        proc.check_folder(proc.path(source))
        proc.check_folder(goal)
        proc.fs.move(proc.path(source), goal)
        if "v" in options:
            await proc.out(f"'{source}' -> '{goal}'\n")
        return 0

    if len(paths) < 2:
        return await proc.fail("missing file operand")
    return await _each(proc, paths, move, "can't rename")


async def _each(proc: Proc, paths: list[str], work: object, verb: str) -> int:
    """Sources and a target, which may be a folder."""
    *sources, target = paths
    into = proc.fs.is_dir(proc.path(target))
    if len(sources) > 1 and not into:
        return await proc.fail(f"target '{target}': No such file or directory")
    status = 0
    for source in sources:
        goal = proc.path(posixpath.join(target, posixpath.basename(source.rstrip("/"))) if into else target)
        try:
            status |= await work(source, goal)  # type: ignore[operator]
        except OSError as error:
            about = source if error.filename in (proc.path(source), source) else target
            text = verb if about == source else "can't create"
            status = await proc.fail(f"{text} '{about}': {error.strerror}")
    return status


async def touch(proc: Proc) -> int:
    """Make files, or stamp them."""
    options, paths = await parse(proc, "camh", "drt")
    status, when = 0, None
    if "d" in options or "t" in options:
        try:
            when = moment((options.get("d") or options["t"])[-1], proc.kernel.clock.now())
        except ValueError:
            return await proc.fail(f"invalid date '{(options.get('d') or options['t'])[-1]}'")
    for path in paths:
        full = proc.path(path)
        try:
            if proc.fs.exists(full):
                proc.fs.touched(full)
            elif "c" not in options:
                proc.check_create(full)
                proc.fs.create(full, proc.uid, proc.gid, 0o666 & ~proc.umask)
            if when is not None:
                proc.fs.lookup(full).mtime = when
        except OSError as error:
            status = await proc.fail(f"{path}: {error.strerror}")
    return status


async def chmod(proc: Proc) -> int:
    """Change permissions."""
    options, words = await _modes(proc)
    if len(words) < 2:
        return await proc.fail("missing operand")
    status = 0
    for path in words[1:]:
        try:
            for below, node in (
                list(proc.fs.walk(proc.path(path))) if "R" in options else [(path, proc.fs.lookup(proc.path(path)))]
            ):
                mode = changed_mode(words[0], node.mode, isinstance(node, Directory))
                if mode is None:
                    return await proc.fail(f"invalid mode '{words[0]}'")
                if proc.uid not in (0, node.uid):
                    status = await proc.fail(f"{below}: Operation not permitted")
                    continue
                proc.fs.check_writable(proc.fs.real_path(proc.path(below)))
                if not node.shared:
                    node.mode = mode
        except OSError as error:
            status = await proc.fail(f"{path}: {error.strerror}")
    return status


async def _modes(proc: Proc) -> tuple[dict[str, list[str]], list[str]]:
    """A mode may begin with "-", and is no option then."""
    options = {"R": [""]} if "-R" in proc.argv else {}
    return options, [word for word in proc.argv[1:] if word not in ("-R", "-v", "-f", "-c", "--")]


def changed_mode(text: str, mode: int, folder: bool) -> int | None:
    """755, u+x, go-w, a=r; None for what is none of these."""
    if re.fullmatch("[0-7]{1,4}", text):
        return int(text, 8)
    for clause in text.split(","):
        found = re.fullmatch(r"([ugoa]*)([-+=])([rwxXst]*)", clause)
        if found is None:
            return None
        bits = sum(
            {"r": 4, "w": 2, "x": 1, "X": 1 if folder or mode & 0o111 else 0}.get(one, 0) for one in set(found[3])
        )
        who = "ugo" if not found[1] or "a" in found[1] else found[1]
        for letter in who:
            shift = {"u": 6, "g": 3, "o": 0}[letter]
            if found[2] == "=":
                mode &= ~(7 << shift)
            mode = mode & ~(bits << shift) if found[2] == "-" else mode | bits << shift
        if "t" in found[3]:
            mode = mode & ~0o1000 if found[2] == "-" else mode | 0o1000
    return mode


async def chown(proc: Proc) -> int:
    """Change owners; only root may."""
    _, words = await parse(proc, "RhLvf")
    if len(words) < 2:
        return await proc.fail("missing operand")
    owner, _, group = words[0].replace(".", ":").partition(":")
    numbers = {name: number for number, name in names(proc, "/etc/passwd").items()}
    status = 0
    for path in words[1:]:
        try:
            node = proc.fs.lookup(proc.path(path))
        except OSError as error:
            status = await proc.fail(f"{path}: {error.strerror}")
            continue
        if proc.uid != 0:
            status = await proc.fail(f"{path}: Operation not permitted")
            continue
        if node.shared:
            continue
        node.uid = int(owner) if owner.isdigit() else numbers.get(owner, node.uid)
        node.gid = int(group) if group.isdigit() else numbers.get(group, node.gid)
    return status


async def ln(proc: Proc) -> int:
    """Make links."""
    options, words = await parse(proc, "sfnvT")
    if not words:
        return await proc.fail("missing operand")
    goal = words[1] if len(words) > 1 else posixpath.basename(words[0])
    if proc.fs.is_dir(proc.path(goal)) and "n" not in options:
        goal = posixpath.join(goal, posixpath.basename(words[0]))
    full = proc.path(goal)
    try:
        proc.check_folder(full)
        if "f" in options and proc.fs.exists(full):
            proc.fs.remove(full)
        if "s" in options:
            proc.fs.add(full, Link(0o777, proc.uid, proc.gid, target=words[0]))
        else:
            proc.fs.add(full, proc.fs.lookup(proc.path(words[0])))
    except OSError as error:
        missing = "s" not in options and not proc.fs.exists(proc.path(words[0]))
        return await proc.fail(f"{words[0] if missing else goal}: {error.strerror}")
    return 0


async def readlink(proc: Proc) -> int:
    """Where a link points."""
    options, paths = await parse(proc, "fnm")
    for path in paths:
        try:
            node = proc.fs.lookup(proc.path(path), follow=False)
            real = proc.fs.real_path(proc.path(path))
        except OSError:
            return 1
        if "f" in options:
            await proc.out(f"{real}\n")
        elif isinstance(node, Link):
            await proc.out(f"{node.target}\n")
        else:
            return 1
    return 0


async def realpath(proc: Proc) -> int:
    """Paths without links."""
    for path in proc.argv[1:]:
        try:
            await proc.out(f"{proc.fs.real_path(proc.path(path))}\n")
        except OSError as error:
            return await proc.fail(f"{path}: {error.strerror}")
    return 0


async def basename(proc: Proc) -> int:
    """The last part of a path."""
    if len(proc.argv) < 2:
        return await proc.fail("missing operand")
    name = posixpath.basename(proc.argv[1].rstrip("/")) or "/"
    suffix = proc.argv[2] if len(proc.argv) > 2 else ""
    await proc.out((name.removesuffix(suffix) or name) + "\n")
    return 0


async def dirname(proc: Proc) -> int:
    """A path without its last part."""
    if len(proc.argv) < 2:
        return await proc.fail("missing operand")
    await proc.out(
        (posixpath.dirname(proc.argv[1].rstrip("/")) or ("/" if proc.argv[1].startswith("/") else ".")) + "\n"
    )
    return 0


async def df(proc: Proc) -> int:
    """How full it is."""
    options, _ = await parse(proc, "hkmTPai")
    total = SPACE * 1024 // 1024
    used = max(proc.fs.used, 0)
    rows = [("overlay", total, used, "/"), ("tmpfs", 65536 * 1024, 0, "/dev")]
    rows += [(MOUNTED[mount.kind], total, 0, path) for path, mount in proc.fs.mounts.items()]
    show = human if "h" in options else lambda size: str(int(size) // 1024)
    title = "Size" if "h" in options else "1K-blocks"
    await proc.out(f"Filesystem           {title:>9}      Used Available Use% Mounted on\n")
    for name, size, taken, path in rows:
        share = -(-taken * 100 // size)
        await proc.out(f"{name:<20} {show(size):>9} {show(taken):>9} {show(size - taken):>9} {share:>3}% {path}\n")
    return 0


async def du(proc: Proc) -> int:
    """How much files take."""
    options, paths = await parse(proc, "shkamcx", "d")
    for path in paths or ["."]:
        try:
            sizes = {below: -(-size_of(node) // 1024) for below, node in proc.fs.walk(proc.path(path))}
        except OSError as error:
            return await proc.fail(f"{path}: {error.strerror}")
        total = sum(sizes.values())
        await proc.out(f"{human(total * 1024) if 'h' in options else total}\t{path}\n")
    return 0


async def mount(proc: Proc) -> int:
    """What is mounted; nothing can be."""
    if len(proc.argv) > 1:
        return await proc.fail(
            "permission denied (are you root?)" if proc.uid else "mounting failed: Operation not permitted"
        )
    access = "ro" if proc.fs.read_only else "rw"
    await proc.out(
        f"overlay on / type overlay ({access},relatime)\nproc on /proc type proc (rw,nosuid,nodev,noexec,relatime)\n"
    )
    for path, mount in proc.fs.mounts.items():
        access = "ro" if mount.read_only else "rw"
        await proc.out(f"{MOUNTED[mount.kind]} on {path} type {mount.kind} ({access},relatime)\n")
    return 0


async def truncate(proc: Proc) -> int:
    """Cut files to a size, or fill them with zeros."""
    options, paths = await parse(proc, "c", "s")
    size = options.get("s", ["0"])[-1]
    for path in paths:
        node = proc.fs.create(proc.path(path), proc.uid, proc.gid)
        data = bytes(node.data) if isinstance(node, File) else b""
        wanted = min(int(size), SPACE) if size.isdigit() else 0
        proc.fs.write(proc.path(path), data[:wanted].ljust(wanted, b"\0"), append=False)
    return 0


async def sync(proc: Proc) -> int:
    """Nothing."""
    return 0


async def file(proc: Proc) -> int:
    """What kind of thing it is."""
    for path in proc.argv[1:]:
        try:
            node = proc.fs.lookup(proc.path(path))
        except OSError as error:
            await proc.out(f"{path}: cannot open: {error.strerror}\n")
            continue
        kind = "directory" if isinstance(node, Directory) else "executable" if isinstance(node, Executable) else "data"
        kind = "ASCII text" if isinstance(node, File | Generated) else kind
        await proc.out(f"{path}: {kind}\n")
    return 0


_ALL = (ls, stat, mkdir, rmdir, rm, cp, mv, touch, chmod, chown, ln, readlink, realpath, basename, dirname, df, du)
PROGRAMS: Mapping[str, Program] = {one.__name__: one for one in (*_ALL, mount, truncate, sync, file)}
