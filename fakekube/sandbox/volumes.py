"""Volumes: trees of files that the containers of a pod share and may see change.

What shows objects (secrets, config maps, the downward API, tokens) changes as a whole, as the kubelet's atomic writer
does it: the files lie in a folder named by the time, "..data" is a link to it, and each name a link into "..data".
"""

from __future__ import annotations

import errno
from collections.abc import Mapping
from itertools import count
from time import gmtime, strftime

from msgspec import Struct

from fakekube.sandbox.files import DISK, MEMORY, SET_GROUP, Directory, File, FileSystem, Link, Node, fail

FOLDER, PUBLIC = 0o755, 0o777
STICKY = 0o1000
DATA = "..data"
GROUP_READS, GROUP_WRITES, GROUP_SEARCHES = 0o440, 0o660, 0o110
"""What the group of a pod's files (`fsGroup`) may do with them at least."""


class Content(Struct, frozen=True):
    """A file that a volume shows, and whose it is."""

    data: bytes
    mode: int = 0o644
    uid: int = 0


class Volume:
    """One volume; `root` is its folder (or file, for a file of a node)."""

    __slots__ = ("_group", "contents", "kind", "read_only", "root")

    def __init__(self, root: Node | None = None, *, kind: str = DISK, read_only: bool = False) -> None:
        self.kind = kind
        self.read_only = read_only
        """Secrets, config maps, tokens and the downward API cannot be written to."""
        self.root = root or Directory(PUBLIC | (STICKY if kind == MEMORY else 0))
        self.contents: Mapping[str, Content] | None = None
        """What it shows, by path; None if it is none that shows objects."""
        self._group: int | None = None

    def give(self, group: int | None) -> None:
        """To a group, now and whenever it shows something else."""
        self._group = group
        if group is not None:
            self._give(self.root, group)

    def show(self, contents: Mapping[str, Content], now: float) -> None:
        """Show these files instead of those before."""
        assert isinstance(self.root, Directory)
        stamp = strftime("..%Y_%m_%d_%H_%M_%S", gmtime(now))
        name = next(name for number in count() if (name := f"{stamp}.{number:09d}") not in self.root.entries)
        shown: dict[str, Node] = {name: _folder(contents, now), DATA: Link(PUBLIC, mtime=now, target=name)}
        for first in dict.fromkeys(path.partition("/")[0] for path in contents):
            shown[first] = Link(PUBLIC, mtime=now, target=f"{DATA}/{first}")
        self.root.entries.clear()
        self.root.entries.update(shown)
        self.root.mtime = now
        self.contents = contents
        self.give(self._group)

    def find(self, sub_path: str, now: float) -> Node:
        """What is at a path of it; a folder is made where there is nothing. Raises OSError."""
        if not sub_path:
            return self.root
        if not isinstance(self.root, Directory):
            raise fail(errno.ENOTDIR, sub_path)
        tree = FileSystem(lambda: now)
        tree.root = self.root
        if not tree.exists(sub_path):
            made = tree.make_folders(sub_path)[1]
            made.mode, made.gid = self.root.mode, self.root.gid
        return tree.lookup(sub_path)

    def _give(self, node: Node, group: int) -> None:
        node.gid = group
        if isinstance(node, Link):
            return
        node.mode |= GROUP_READS if self.read_only else GROUP_WRITES
        if isinstance(node, Directory):
            node.mode |= GROUP_SEARCHES | SET_GROUP
            for entry in node.entries.values():
                self._give(entry, group)


def _folder(contents: Mapping[str, Content], now: float) -> Directory:
    tree = FileSystem(lambda: now)
    for path, content in contents.items():
        tree.place_node(f"/{path}", File(content.mode, content.uid, 0, now, bytearray(content.data)))
    return tree.root


def shown(contents: Mapping[str, Content], now: float = 0.0) -> Volume:
    """A volume that shows objects; it cannot be written to."""
    volume = Volume(kind=MEMORY, read_only=True)
    volume.show(contents, now)
    return volume
