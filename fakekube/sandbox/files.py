"""The file system that one container sees: files in memory, volumes mounted over them, and the few devices.

Errors are OSErrors with Linux' numbers. What may be written is bounded; the host's file system is never touched.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from fakekube.sandbox.containers import File as Content
from fakekube.sandbox.containers import Mount

SPACE = 32 * 1024 * 1024
"""Bytes that a container may keep in files."""
INODES = 20_000
LINKS = 16
"""Symbolic links that are followed on the way to one file."""
NAME_LIMIT, PATH_LIMIT = 255, 4096


def fail(number: int, path: str) -> OSError:
    """An error as the system call gives it."""
    return OSError(number, os.strerror(number), path)


@dataclass(slots=True)
class Node:
    """What every file has."""

    mode: int
    uid: int = 0
    gid: int = 0
    mtime: float = 0.0
    kind: str = field(default="-", init=False)

    @property
    def shared(self) -> bool:
        """Whether it belongs to many containers, so that none may change it."""
        return False


@dataclass(slots=True)
class File(Node):
    """A regular file."""

    data: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class Directory(Node):
    """A folder."""

    entries: dict[str, Node] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.kind = "d"


@dataclass(slots=True)
class Link(Node):
    """A symbolic link."""

    target: str = ""

    def __post_init__(self) -> None:
        self.kind = "l"


@dataclass(slots=True)
class Device(Node):
    """A character device, known by its name."""

    name: str = ""

    def __post_init__(self) -> None:
        self.kind = "c"


@dataclass(slots=True)
class Generated(Node):
    """A file of /proc: made when it is read."""

    make: Callable[[], bytes] = bytes


def size_of(node: Node) -> int:
    """As stat shows it."""
    match node:
        case File(data=data):
            return len(data)
        case Directory():
            return 4096
        case Link(target=target):
            return len(target.encode())
    return 0


@dataclass(slots=True)
class MountPoint:
    """A volume in its place."""

    path: str
    mount: Mount
    seen: dict[str, tuple[Content, File]] = field(default_factory=dict)
    """Files as they were read out of the volume, so that writes can be told from what the volume shows anew."""


class FileSystem:
    """Paths are absolute and need not be normal."""

    def __init__(self, now: Callable[[], float], read_only: bool = False) -> None:
        self._now = now
        self._started = now()
        self.root = Directory(0o755, mtime=self._started)
        self.read_only = read_only
        self.used = 0
        self.inodes = 1
        self.mounts: dict[str, MountPoint] = {}

    # building

    def place(self, path: str, data: bytes = b"", mode: int = 0o644, uid: int = 0) -> None:
        """Put a file there, with its folders; no checks."""
        folder = self._folders(posixpath.dirname(path))
        folder.entries[posixpath.basename(path)] = File(mode, uid, uid, self._started, bytearray(data))

    def place_node(self, path: str, node: Node) -> None:
        """Put anything there."""
        node.mtime = node.mtime or self._started
        self._folders(posixpath.dirname(path)).entries[posixpath.basename(path)] = node

    def make_folders(self, path: str) -> None:
        """Folders up to a path; no checks."""
        self._folders(path)

    def mount(self, mount: Mount) -> None:
        """Show a volume in its place."""
        path = posixpath.normpath(mount.path)
        single = mount.volume.files.get(mount.sub_path) if mount.sub_path else None
        if single is not None:
            self.place(path, single.data, single.mode)
        else:
            self._folders(path)
        self.mounts[path] = MountPoint(path, mount)

    def _folders(self, path: str) -> Directory:
        folder = self.root
        for name in [part for part in path.split("/") if part]:
            found = folder.entries.get(name)
            if not isinstance(found, Directory):
                found = folder.entries[name] = Directory(0o755, mtime=self._started)
            folder = found
        return folder

    # looking up

    def lookup(self, path: str, *, follow: bool = True) -> Node:
        """What is at a path. Raises OSError."""
        return self._walk(path, follow, [LINKS])[1]

    def real_path(self, path: str) -> str:
        """The path without links. Raises OSError."""
        return self._walk(path, True, [LINKS])[0]

    def exists(self, path: str) -> bool:
        """Whether anything is there."""
        try:
            self.lookup(path)
        except OSError:
            return False
        return True

    def is_dir(self, path: str) -> bool:
        """Whether a folder is there."""
        try:
            return isinstance(self.lookup(path), Directory)
        except OSError:
            return False

    def listing(self, path: str) -> dict[str, Node]:
        """What is in a folder. Raises OSError."""
        node = self.lookup(path)
        if not isinstance(node, Directory):
            raise fail(errno.ENOTDIR, path)
        return dict(node.entries)

    def walk(self, path: str) -> Iterator[tuple[str, Node]]:
        """Everything below a path and itself, the folders first; links are not followed. Raises OSError."""
        node = self.lookup(path, follow=False)
        yield path, node
        if isinstance(node, Directory):
            for name in sorted(self.listing(path)):
                yield from self.walk(posixpath.join(path, name))

    def _walk(self, path: str, follow: bool, links: list[int]) -> tuple[str, Node]:
        if not path or len(path) > PATH_LIMIT:
            raise fail(errno.ENAMETOOLONG if path else errno.ENOENT, path)
        parts = [part for part in path.split("/") if part not in ("", ".")]
        trail: list[tuple[str, Node]] = [("/", self.root)]
        self._refresh("/")
        while parts:
            name = parts.pop(0)
            where, node = trail[-1]
            if name == "..":
                trail = trail[:-1] or trail
                continue
            if not isinstance(node, Directory):
                raise fail(errno.ENOTDIR, path)
            here = posixpath.join(where, name)
            self._refresh(here)
            found = node.entries.get(name)
            if found is None:
                raise fail(errno.ENAMETOOLONG if len(name) > NAME_LIMIT else errno.ENOENT, path)
            if isinstance(found, Link) and (parts or follow):
                links[0] -= 1
                if links[0] < 0:
                    raise fail(errno.ELOOP, path)
                target = self._walk(posixpath.join(where, found.target), True, links)
                trail.append(target)
                continue
            trail.append((here, found))
        if path.endswith("/") and not isinstance(trail[-1][1], Directory):
            raise fail(errno.ENOTDIR, path)
        return trail[-1]

    # volumes

    def _refresh(self, path: str) -> None:
        """A volume may have changed since it was looked at last."""
        point = self.mounts.get(path)
        if point is None or (point.mount.sub_path and point.mount.sub_path in point.mount.volume.files):
            return
        prefix = f"{point.mount.sub_path.strip('/')}/" if point.mount.sub_path else ""
        shown = {name[len(prefix) :]: one for name, one in point.mount.volume.files.items() if name.startswith(prefix)}
        for name in [name for name in point.seen if name not in shown]:
            del point.seen[name]
            self._drop(posixpath.join(path, name))
        for name, content in shown.items():
            known = point.seen.get(name)
            if known is None or known[0] is not content:
                self._show(point, name, content)

    def _show(self, point: MountPoint, name: str, content: Content) -> None:
        folder = self._folders(posixpath.join(point.path, posixpath.dirname(name)))
        made = File(content.mode, mtime=self._now(), data=bytearray(content.data))
        folder.entries[posixpath.basename(name)] = made
        point.seen[name] = (content, made)

    def _drop(self, path: str) -> None:
        try:
            folder = self._walk(posixpath.dirname(path), True, [LINKS])[1]
        except OSError:
            return
        if isinstance(folder, Directory):
            folder.entries.pop(posixpath.basename(path), None)

    def _point(self, path: str) -> MountPoint | None:
        """The mount that a real path lies in, the innermost."""
        best = None
        for point in self.mounts.values():
            if (path == point.path or path.startswith(point.path + "/")) and (
                best is None or len(point.path) > len(best.path)
            ):
                best = point
        return best

    def _publish(self, path: str, node: Node | None) -> None:
        """What was written in a volume is seen by everyone who mounts it."""
        point = self._point(path)
        if point is None:
            return
        volume, prefix = point.mount.volume, point.mount.sub_path.strip("/")
        name = path[len(point.path) :].strip("/")
        whole = "/".join(part for part in (prefix, name) if part)
        if isinstance(node, File):
            content = Content(bytes(node.data), node.mode)
            volume.files[whole] = content
            point.seen[name] = (content, node)
        elif node is None:
            volume.files.pop(whole, None)
            point.seen.pop(name, None)

    # changing

    def check_writable(self, path: str) -> None:
        """Raises OSError (EROFS) for a path on a read-only file system."""
        point = self._point(path)
        if point is None:
            if self.read_only and not path.startswith("/dev/"):
                raise fail(errno.EROFS, path)
        elif point.mount.read_only or point.mount.volume.read_only:
            raise fail(errno.EROFS, path)

    def parent(self, path: str) -> tuple[str, Directory, str]:
        """The real path of a folder, the folder, and the name in it. Raises OSError."""
        clean = path.rstrip("/") or "/"
        folder, name = posixpath.split(clean)
        where, node = self._walk(folder or "/", True, [LINKS])
        if not isinstance(node, Directory):
            raise fail(errno.ENOTDIR, path)
        return where, node, name

    def _target(self, path: str, links: int = LINKS) -> tuple[str, Directory, str]:
        """Like `parent`, for what is written through links."""
        where, folder, name = self.parent(path)
        found = folder.entries.get(name)
        if isinstance(found, Link):
            if not links:
                raise fail(errno.ELOOP, path)
            return self._target(posixpath.join(where, found.target), links - 1)
        return where, folder, name

    def add(self, path: str, node: Node) -> None:
        """Make something new. Raises OSError."""
        where, folder, name = self.parent(path)
        if not name or name in (".", ".."):
            raise fail(errno.EEXIST, path)
        if len(name) > NAME_LIMIT:
            raise fail(errno.ENAMETOOLONG, path)
        real = posixpath.join(where, name)
        if name in folder.entries:
            raise fail(errno.EEXIST, path)
        self.check_writable(real)
        self._charge(size_of(node) if isinstance(node, File) else 0, 1, path)
        node.mtime = folder.mtime = self._now()
        folder.entries[name] = node
        self._publish(real, node)

    def create(self, path: str, uid: int = 0, gid: int = 0, mode: int = 0o644) -> Node:
        """The file at a path, made empty if there is none. Raises OSError."""
        where, folder, name = self._target(path)
        found = folder.entries.get(name) if name else self.root
        if isinstance(found, Directory):
            raise fail(errno.EISDIR, path)
        real = posixpath.join(where, name)
        if found is None:
            if path.endswith("/"):
                raise fail(errno.EISDIR, path)
            self.add(real, File(mode, uid, gid))
            return folder.entries[name]
        if not isinstance(found, Device):
            self.check_writable(real)
        return found

    def write(self, path: str, data: bytes, *, append: bool = True) -> None:
        """Add to a regular file, or replace it. Raises OSError."""
        where, folder, name = self._target(path)
        node = folder.entries.get(name)
        if not isinstance(node, File):
            raise fail(errno.EISDIR if isinstance(node, Directory) else errno.ENOENT, path)
        real = posixpath.join(where, name)
        self.check_writable(real)
        self._charge(len(data) - (0 if append else len(node.data)), 0, path)
        if not append:
            node.data.clear()
        node.data += data
        node.mtime = self._now()
        self._publish(real, node)

    def remove(self, path: str) -> None:
        """Remove a file or an empty folder. Raises OSError."""
        where, folder, name = self.parent(path)
        node = folder.entries.get(name)
        if node is None:
            raise fail(errno.ENOENT, path)
        real = posixpath.join(where, name)
        if real in self.mounts:
            raise fail(errno.EBUSY, path)
        self.check_writable(real)
        if isinstance(node, Directory) and node.entries:
            raise fail(errno.ENOTEMPTY, path)
        del folder.entries[name]
        folder.mtime = self._now()
        self.used -= size_of(node) if isinstance(node, File) else 0
        self.inodes -= 1
        self._publish(real, None)

    def move(self, old: str, new: str) -> None:
        """Rename. Raises OSError."""
        where, folder, name = self.parent(old)
        node = folder.entries.get(name)
        if node is None:
            raise fail(errno.ENOENT, old)
        there, target, new_name = self.parent(new)
        source, goal = posixpath.join(where, name), posixpath.join(there, new_name)
        if goal == source:
            return
        if goal.startswith(source + "/"):
            raise fail(errno.EINVAL, new)
        existing = target.entries.get(new_name)
        if isinstance(existing, Directory) and existing.entries:
            raise fail(errno.ENOTEMPTY, new)
        for path in (source, goal):
            self.check_writable(path)
        del folder.entries[name]
        target.entries[new_name] = node
        for below, one in list(self.walk(goal)):
            self._publish(source + below[len(goal) :], None)
            self._publish(below, one)

    def touched(self, path: str) -> None:
        """Stamp it. Raises OSError."""
        node = self.lookup(path)
        self.check_writable(self.real_path(path))
        if not node.shared:
            node.mtime = self._now()

    def _charge(self, size: int, inodes: int, path: str) -> None:
        if self.used + max(size, 0) > SPACE or self.inodes + inodes > INODES:
            raise fail(errno.ENOSPC, path)
        self.used += size
        self.inodes += inodes


STANDARD_FOLDERS: tuple[str, ...] = (
    *("/bin", "/dev", "/etc", "/home", "/lib", "/proc", "/root", "/run", "/sbin", "/sys", "/tmp"),  # noqa: S108
    *("/usr/bin", "/usr/sbin", "/var/log", "/var/tmp"),  # noqa: S108
)


def standard(now: Callable[[], float], files: Mapping[str, str], read_only: bool = False) -> FileSystem:
    """A small Linux, and the files of an image."""
    made = FileSystem(now, read_only)
    for path in STANDARD_FOLDERS:
        made._folders(path)
    for path in ("/tmp", "/var/tmp"):  # noqa: S108
        made.lookup(path).mode = 0o1777
    made.lookup("/root").mode = 0o700
    for name in ("null", "zero", "random", "urandom", "tty", "full"):
        made.place_node(f"/dev/{name}", Device(0o666, name=name))
    for name, number in (("stdin", 0), ("stdout", 1), ("stderr", 2)):
        made.place_node(f"/dev/{name}", Link(0o777, target=f"/dev/fd/{number}"))
        made.place_node(f"/dev/fd/{number}", Device(0o666, name=f"fd{number}"))
    for path, text in files.items():
        made.place(path, text.encode())
    return made
