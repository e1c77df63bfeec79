"""find and xargs."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Awaitable, Callable, Mapping

from fakekube.sandbox.commands.basic import run
from fakekube.sandbox.commands.options import everything, parse
from fakekube.sandbox.files import Device, Directory, Link, Node, size_of
from fakekube.sandbox.kernel import MEMORY, Proc, Program, decode
from fakekube.sandbox.shell.expansion import glob

Test = Callable[[str, Node], Awaitable[bool]]


class FindProblem(Exception):
    """The expression makes no sense."""


class _Expression:
    """The command line of find after the paths, by recursive descent."""

    def __init__(self, proc: Proc, words: list[str]) -> None:
        self._proc = proc
        self._words = words
        self._at = 0
        self.acts = False
        self.depth = (0, 10**6)
        self.status = 0

    def parse(self) -> Test:
        test = self._or() if self._words else self._always
        if self._at < len(self._words):
            raise FindProblem(f"unrecognized: {self._words[self._at]}")
        return test

    async def _always(self, path: str, node: Node) -> bool:
        return True

    def _peek(self) -> str:
        return self._words[self._at] if self._at < len(self._words) else ""

    def _or(self) -> Test:
        tests = [self._and()]
        while self._peek() in ("-o", "-or"):
            self._at += 1
            tests.append(self._and())
        if len(tests) == 1:
            return tests[0]

        async def any_(path: str, node: Node) -> bool:
            for test in tests:
                if await test(path, node):
                    return True
            return False

        return any_

    def _and(self) -> Test:
        tests = [self._not()]
        while self._peek() not in ("", "-o", "-or", ")"):
            if self._peek() in ("-a", "-and"):
                self._at += 1
            tests.append(self._not())

        async def all_(path: str, node: Node) -> bool:
            for test in tests:
                if not await test(path, node):
                    return False
            return True

        return all_

    def _not(self) -> Test:
        if self._peek() in ("!", "-not"):
            self._at += 1
            test = self._not()

            async def negated(path: str, node: Node) -> bool:
                return not await test(path, node)

            return negated
        return self._primary()

    def _value(self) -> str:
        self._at += 1
        if self._at > len(self._words):
            raise FindProblem("argument missing")
        return self._words[self._at - 1]

    def _primary(self) -> Test:
        word = self._value()
        if word == "(":
            inner = self._or()
            if self._value() != ")":
                raise FindProblem("unpaired '('")
            return inner
        if word in ("-maxdepth", "-mindepth"):
            number = int(self._value()[:6])
            low, high = self.depth
            self.depth = (low, number) if word == "-maxdepth" else (number, high)
            return self._always
        if word in ("-name", "-iname", "-path", "-wholename"):
            return _matching(word, self._value())
        if word == "-type":
            return _of_type(self._value())
        if word in ("-print", "-print0"):
            return self._printing("\0" if word == "-print0" else "\n")
        if word == "-exec":
            return self._executing()
        if word == "-delete":
            return self._deleting()
        if word in ("-size", "-perm", "-mtime", "-mmin", "-user", "-newer", "-group", "-uid"):
            return self._property(word, self._value())
        if word in ("-empty", "-depth", "-xdev", "-prune", "-true", "-follow"):
            return _empty if word == "-empty" else self._always
        raise FindProblem(f"unrecognized: {word}")

    def _printing(self, end: str) -> Test:
        self.acts = True

        async def show(path: str, node: Node) -> bool:
            await self._proc.out(path + end)
            return True

        return show

    def _executing(self) -> Test:
        self.acts = True
        words = []
        while (word := self._value()) not in (";", "+"):
            words.append(word)

        async def execute(path: str, node: Node) -> bool:
            return await run(self._proc, [word.replace("{}", path) for word in words]) == 0

        return execute

    def _deleting(self) -> Test:
        self.acts = True

        async def delete(path: str, node: Node) -> bool:
            try:
                self._proc.fs.remove(self._proc.path(path))
            except OSError as error:
                self.status = await self._proc.fail(f"{path}: {error.strerror}")
            return True

        return delete

    def _property(self, word: str, value: str) -> Test:
        sign = value[:1] if value[:1] in "+-/" else ""
        digits = re.sub(r"\D", "", value)
        number = int(digits[:12] or 0)

        async def test(path: str, node: Node) -> bool:
            if word == "-size":
                unit = {"c": 1, "k": 1024, "M": 1 << 20, "G": 1 << 30}.get(value[-1:], 512)
                return _compare(-(-size_of(node) // unit), sign, number)
            if word == "-perm":
                mode = int(digits[:5] or "0", 8)
                return node.mode & mode == mode if sign else node.mode & 0o7777 == mode
            if word in ("-mtime", "-mmin"):
                age = self._proc.kernel.clock.now() - node.mtime
                return _compare(int(age // (86400 if word == "-mtime" else 60)), sign, number)
            if word == "-newer":
                return node.mtime > self._proc.fs.lookup(self._proc.path(value)).mtime
            owner = node.gid if word == "-group" else node.uid
            return str(owner) == value or (owner == 0 and value == "root")

        return test


def _compare(found: int, sign: str, wanted: int) -> bool:
    return found > wanted if sign == "+" else found < wanted if sign == "-" else found == wanted


async def _empty(path: str, node: Node) -> bool:
    return not node.entries if isinstance(node, Directory) else size_of(node) == 0


def _matching(word: str, pattern: str) -> Test:
    async def test(path: str, node: Node) -> bool:
        name = path if word in ("-path", "-wholename") else posixpath.basename(path.rstrip("/")) or path
        return glob(name.lower(), pattern.lower()) if word == "-iname" else glob(name, pattern)

    return test


def _of_type(letter: str) -> Test:
    kinds = {"d": Directory, "l": Link, "c": Device}

    async def test(path: str, node: Node) -> bool:
        if letter == "f":
            return not isinstance(node, Directory | Link | Device)
        return letter in kinds and isinstance(node, kinds[letter])

    return test


async def find(proc: Proc) -> int:
    """Files by their properties."""
    words = proc.argv[1:]
    paths = []
    while words and not words[0].startswith(("-", "(", "!")):
        paths.append(words.pop(0))
    expression = _Expression(proc, words)
    try:
        test = expression.parse()
    except (FindProblem, ValueError) as problem:
        return await proc.fail(str(problem))
    if not expression.acts:
        show = expression._printing("\n")
        wanted = test

        async def test(path: str, node: Node) -> bool:
            return await wanted(path, node) and await show(path, node)

    status = 0
    for path in paths or ["."]:
        full = proc.path(path)
        try:
            found = list(proc.fs.walk(full))
        except OSError as error:
            status = await proc.fail(f"{path}: {error.strerror}")
            continue
        for below, node in reversed(found) if "-delete" in words or "-depth" in words else found:
            rest = below[len(full.rstrip("/")) :] if full != "/" else below
            if expression.depth[0] <= rest.rstrip("/").count("/") <= expression.depth[1]:
                await proc.kernel.budget.spend()
                await test(path.rstrip("/") + rest if rest else path, node)
    return status or expression.status


async def xargs(proc: Proc) -> int:
    """A command with arguments that come as input."""
    options, words = await parse(proc, "0rtxp", "nIisLPEd", permute=False)
    text = decode(await everything(proc.stdin, MEMORY))
    template = options["I"][-1] if "I" in options else ""
    if "0" in options:
        items = [item for item in text.split("\0") if item]
    elif template:
        items = [line.strip() for line in text.splitlines() if line.strip()]
    else:
        items = [re.sub(r"^(['\"])(.*)\1$", r"\2", item) for item in re.findall(r"'[^']*'|\"[^\"]*\"|\S+", text)]
    words = words or ["echo"]
    if not items and ("r" in options or template):
        return 0
    size = int(options["n"][-1]) if options.get("n", ["x"])[-1].isdigit() else len(items) or 1
    batches = (
        [[item] for item in items] if template else [items[at : at + size] for at in range(0, max(len(items), 1), size)]
    )
    status = 0
    for batch in batches:
        command = [word.replace(template, batch[0]) for word in words] if template else words + batch
        if "t" in options:
            await proc.err(" ".join(command) + "\n")
        code = await run(proc, command)
        if code in (126, 127):
            return code
        status = 123 if code else status
    return status


PROGRAMS: Mapping[str, Program] = {"find": find, "xargs": xargs}
