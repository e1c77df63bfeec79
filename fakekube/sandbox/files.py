"""The file system that one container sees: files in memory, volumes mounted over them, and the few devices.

Errors are OSErrors with Linux' numbers. What may be written is bounded; the host's file system is never touched.
"""

from __future__ import annotations

import errno
import os
import posixpath
from collections.abc import Callable, Iterator, Mapping
from typing import ClassVar

from msgspec import Struct, field

SPACE = 32 * 1024 * 1024
"""Bytes that a container may keep in files."""
INODES = 20_000
LINKS = 16
"""Symbolic links that are followed on the way to one file."""
NAME_LIMIT, PATH_LIMIT = 255, 4096
SET_GROUP = 0o2000
"""The bit of a folder that hands its group on to what is made in it."""


def fail(number: int, path: str) -> OSError:
    """An error as the system call gives it."""
    return OSError(number, os.strerror(number), path)


class Node(Struct):
    """What every file has."""

    mode: int
    uid: int = 0
    gid: int = 0
    mtime: float = 0.0
    kind: ClassVar[str] = "-"

    @property
    def shared(self) -> bool:
        """Whether it belongs to many containers, so that none may change it."""
        return False


class File(Node):
    """A regular file."""

    data: bytearray = field(default_factory=bytearray)


class Directory(Node):
    """A folder."""

    entries: dict[str, Node] = field(default_factory=dict)
    kind: ClassVar[str] = "d"


class Link(Node):
    """A symbolic link."""

    target: str = ""
    kind: ClassVar[str] = "l"


class Device(Node):
    """A character device, known by its name."""

    name: str = ""
    kind: ClassVar[str] = "c"


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


DISK, MEMORY = "ext4", "tmpfs"
"""Kinds of file systems."""


class Mount(Struct, frozen=True):
    """A folder or a file of a volume at an absolute path of the container; others may have it mounted as well."""

    path: str
    node: Node
    read_only: bool = False
    kind: str = DISK


class FileSystem:
    """Paths are absolute and need not be normal."""

    def __init__(self, now: Callable[[], float], read_only: bool = False) -> None:
        self._now = now
        self._started = now()
        self.root = Directory(0o755, mtime=self._started)
        self.read_only = read_only
        self.used = 0
        self.inodes = 1
        self.mounts: dict[str, Mount] = {}
        """By their real paths."""

    # building

    def place(self, path: str, data: bytes = b"", mode: int = 0o644, uid: int = 0) -> None:
        """Put a file there, with its folders; no checks."""
        self.place_node(path, File(mode, uid, uid, self._started, bytearray(data)))

    def place_node(self, path: str, node: Node) -> None:
        """Put anything there."""
        node.mtime = node.mtime or self._started
        self.make_folders(posixpath.dirname(path))[1].entries[posixpath.basename(path)] = node

    def make_folders(self, path: str, links: int = LINKS) -> tuple[str, Directory]:
        """Folders up to a path, also in what is mounted; no checks. Gives the real path and the last folder.

        Raises OSError (ELOOP).
        """
        where, folder = "/", self.root
        for name in [part for part in path.split("/") if part]:
            here = posixpath.join(where, name)
            found = self._entry(here, folder, name)
            if isinstance(found, Link):
                if not links:
                    raise fail(errno.ELOOP, path)
                where, folder = self.make_folders(posixpath.join(where, found.target), links - 1)
                continue
            if not isinstance(found, Directory):
                found = folder.entries[name] = Directory(0o755, mtime=self._started)
            where, folder = here, found
        return where, folder

    def mount(self, mount: Mount) -> None:
        """Show a folder or a file in its place, which is made if need be."""
        parent, name = posixpath.split(posixpath.normpath(mount.path))
        where, folder = self.make_folders(mount.path if isinstance(mount.node, Directory) else parent)
        if not isinstance(mount.node, Directory):
            folder.entries.setdefault(name, File(0o644, mtime=self._started))
            where = posixpath.join(where, name)
        self.mounts[where] = mount

    def _entry(self, path: str, folder: Directory, name: str) -> Node | None:
        """What a folder has under a name; what is mounted there hides it."""
        mounted = self.mounts.get(path)
        return folder.entries.get(name) if mounted is None else mounted.node

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
        where, node = self._walk(path, True, [LINKS])
        if not isinstance(node, Directory):
            raise fail(errno.ENOTDIR, path)
        mounted = {path: one.node for path, one in self.mounts.items() if posixpath.dirname(path) == where}
        return {**node.entries, **{posixpath.basename(path): one for path, one in mounted.items()}}

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
        while parts:
            name = parts.pop(0)
            where, node = trail[-1]
            if name == "..":
                trail = trail[:-1] or trail
                continue
            if not isinstance(node, Directory):
                raise fail(errno.ENOTDIR, path)
            here = posixpath.join(where, name)
            found = self._entry(here, node, name)
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

    def _mount_of(self, path: str) -> Mount | None:
        """The mount that a real path lies in, the innermost."""
        while path != "/":
            if path in self.mounts:
                return self.mounts[path]
            path = posixpath.dirname(path)
        return None

    def kind_of(self, path: str) -> str:
        """Of which kind the file system is that has a path. Raises OSError."""
        mount = self._mount_of(self.real_path(path))
        return "overlay" if mount is None else mount.kind

    # changing

    def check_writable(self, path: str) -> None:
        """Raises OSError (EROFS) for a path on a read-only file system."""
        mount = self._mount_of(path)
        if self.read_only and not path.startswith("/dev/") if mount is None else mount.read_only:
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
        found = self._entry(posixpath.join(where, name), folder, name)
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
        if folder.mode & SET_GROUP:
            node.gid = folder.gid
            node.mode |= SET_GROUP if isinstance(node, Directory) else 0
        folder.entries[name] = node

    def create(self, path: str, uid: int = 0, gid: int = 0, mode: int = 0o644) -> Node:
        """The file at a path, made empty if there is none. Raises OSError."""
        where, folder, name = self._target(path)
        real = posixpath.join(where, name)
        found = self._entry(real, folder, name) if name else self.root
        if isinstance(found, Directory):
            raise fail(errno.EISDIR, path)
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
        real = posixpath.join(where, name)
        node = self._entry(real, folder, name)
        if not isinstance(node, File):
            raise fail(errno.EISDIR if isinstance(node, Directory) else errno.ENOENT, path)
        self.check_writable(real)
        self._charge(len(data) - (0 if append else len(node.data)), 0, path)
        if not append:
            node.data.clear()
        node.data += data
        node.mtime = self._now()

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
        made.make_folders(path)
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
