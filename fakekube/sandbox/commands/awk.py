"""awk: the language without user-defined functions, getline and pipes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fakekube.sandbox.commands import basic
from fakekube.sandbox.commands.options import Inputs, lines, parse
from fakekube.sandbox.kernel import MEMORY, OutOfMemory, Proc, Program, decode, encode
from fakekube.sandbox.regex import RegexProblem, compiled

TOKEN = re.compile(
    r"""[ \t]*(?:\\\n|(?P<comment>\#[^\n]*)|(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?|\.\d+)"""
    r"""|(?P<string>"(?:\\.|[^"\\])*")|(?P<name>[A-Za-z_]\w*)|(?P<op>\|\||&&|[-+*/%^<>=!]=|>>|\+\+|--|[-+*/%^<>=!~?:,;(){}\[\]$\n]))"""
)
KEYWORDS = frozenset(("if", "else", "while", "for", "do", "in", "print", "printf", "next", "exit", "delete", "break"))
KEYWORDS |= {"continue", "BEGIN", "END"}
FIELDS = 10_000
CELLS = 50_000
DEPTH = 40


class AwkProblem(Exception):
    """Not a program, or one that asks for too much."""


class _Jump(Exception):
    """next, exit, break, continue."""

    def __init__(self, kind: str, code: int = 0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.code = code


Node = tuple[Any, ...]


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._depth = 0

    def rules(self) -> list[tuple[Node | None, Node | None, Node | None]]:
        """(pattern, end of a range, action)."""
        found = []
        self._skip()
        while self._peek() != "":
            first = second = action = None
            if self._peek() != "{":
                first = ("special", self._next()) if self._peek() in ("BEGIN", "END") else self._expression()
                if self._take(","):
                    second = self._expression()
            if self._peek() == "{":
                action = self._block()
            found.append((first, second, action))
            self._skip()
        return found

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _kind(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _take(self, *wanted: str) -> str:
        if self._kind() != "string" and self._peek() in wanted and self._peek():
            return self._next()
        return ""

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise AwkProblem(f"syntax error at '{self._peek() or 'end'}'")

    def _skip(self) -> None:
        while self._take("\n", ";"):
            pass

    def _block(self) -> Node:
        self._expect("{")
        self._depth += 1
        if self._depth > DEPTH:
            raise AwkProblem("too deep")
        statements = []
        self._skip()
        while not self._take("}"):
            if self._peek() == "":
                raise AwkProblem("unexpected end of program")
            statements.append(self._statement())
            self._skip()
        self._depth -= 1
        return ("block", statements)

    def _statement(self) -> Node:
        if self._peek() == "{":
            return self._block()
        if self._kind() == "name" and self._peek() in KEYWORDS:
            return self._keyword(self._next())
        return ("expr", self._expression())

    def _body(self) -> Node:
        while self._take("\n"):
            pass
        if self._take(";"):
            return ("block", [])
        return self._statement()

    def _keyword(self, word: str) -> Node:
        if word in ("print", "printf"):
            return self._print(word)
        if word == "if":
            self._expect("(")
            condition = self._expression()
            self._expect(")")
            then = self._body()
            mark = self._at
            self._skip()
            if self._take("else"):
                return ("if", condition, then, self._body())
            self._at = mark
            return ("if", condition, then, None)
        if word == "while":
            self._expect("(")
            condition = self._expression()
            self._expect(")")
            return ("while", condition, self._body())
        if word == "for":
            return self._for()
        if word in ("next", "break", "continue"):
            return ("jump", word, None)
        if word == "exit":
            return ("jump", "exit", None if self._peek() in ("\n", ";", "}", "") else self._expression())
        if word == "delete":
            name = self._next()
            keys = self._subscript() if self._take("[") else None
            return ("delete", name, keys)
        raise AwkProblem(f"syntax error at '{word}'")

    def _for(self) -> Node:
        self._expect("(")
        if self._kind() == "name" and self._tokens[self._at + 1 : self._at + 2] == [("name", "in")]:
            name = self._next()
            self._next()
            array = self._next()
            self._expect(")")
            return ("forin", name, array, self._body())
        first = None if self._peek() == ";" else ("expr", self._expression())
        self._expect(";")
        condition = None if self._peek() == ";" else self._expression()
        self._expect(";")
        step = None if self._peek() == ")" else ("expr", self._expression())
        self._expect(")")
        return ("for", first, condition, step, self._body())

    def _print(self, word: str) -> Node:
        values: list[Node] = []
        if self._peek() not in ("\n", ";", "}", "", ">", ">>"):
            values.append(self._expression(redirects=False))
            while self._take(","):
                values.append(self._expression(redirects=False))
        if len(values) == 1 and values[0][0] == "group":
            values = values[0][1]
        target = self._take(">", ">>")
        return (word, values, target, self._binary(5) if target else None)

    def _expression(self, redirects: bool = True) -> Node:
        self._depth += 1
        if self._depth > DEPTH:
            raise AwkProblem("too deep")
        node = self._ternary(redirects)
        operator = self._take("=", "+=", "-=", "*=", "/=", "%=", "^=")
        if operator:
            if node[0] not in ("var", "field", "cell"):
                raise AwkProblem("assignment to what is no variable")
            node = ("assign", operator, node, self._expression(redirects))
        self._depth -= 1
        return node

    def _ternary(self, redirects: bool) -> Node:
        node = self._binary(0, redirects)
        if self._take("?"):
            first = self._expression(redirects)
            self._expect(":")
            return ("cond", node, first, self._expression(redirects))
        return node

    LEVELS = (
        ("||",),
        ("&&",),
        ("in",),
        ("~", "!~"),
        ("<", "<=", "!=", "==", ">", ">="),
        (),
        ("+", "-"),
        ("*", "/", "%"),
    )

    def _binary(self, level: int, redirects: bool = True) -> Node:
        if level == len(self.LEVELS):
            return self._unary()
        if level == 5:
            return self._concatenation(redirects)
        node = self._binary(level + 1, redirects)
        while True:
            operators = [one for one in self.LEVELS[level] if redirects or one != ">"]
            operator = self._take(*operators)
            if (
                operator == ""
                and level == 3
                and self._peek() == "!"
                and self._tokens[self._at + 1 : self._at + 2] == [("op", "~")]
            ):
                self._at += 2
                operator = "!~"
            if not operator:
                return node
            if operator == "in":
                node = ("in", node, self._next())
            else:
                node = ("bin", operator, node, self._binary(level + 1, redirects))

    def _concatenation(self, redirects: bool) -> Node:
        node = self._binary(6, redirects)
        while (
            self._kind() in ("number", "string", "regex")
            or (self._kind() == "name" and self._peek() not in KEYWORDS)
            or (
                self._kind() == "op"
                and self._peek() in ("$", "(", "!", "-")
                and not (self._peek() == "!" and self._tokens[self._at + 1 : self._at + 2] == [("op", "~")])
            )
        ):
            node = ("cat", node, self._binary(6, redirects))
        return node

    def _unary(self) -> Node:
        if operator := self._take("!", "-", "+"):
            return ("unary", operator, self._unary())
        node = self._postfix()
        if self._take("^"):
            return ("bin", "^", node, self._unary())
        return node

    def _postfix(self) -> Node:
        if operator := self._take("++", "--"):
            return ("step", operator, self._primary(), True)
        node = self._primary()
        if node[0] in ("var", "field", "cell") and (operator := self._take("++", "--")):
            return ("step", operator, node, False)
        return node

    def _primary(self) -> Node:
        kind, word = self._kind(), self._next()
        if kind == "number":
            return ("const", float(word))
        if kind == "string":
            return ("const", basic.unescaped(word[1:-1].replace('\\"', '"').replace("\\/", "/"))[0])
        if kind == "regex":
            return ("match", word)
        if word == "$":
            return ("field", self._postfix_field())
        if word == "(":
            inner = [self._expression()]
            while self._take(","):
                inner.append(self._expression())
            self._expect(")")
            if len(inner) > 1 and self._take("in"):
                return ("in", ("join", inner), self._next())
            return inner[0] if len(inner) == 1 else ("group", inner)
        if kind == "name" and word not in KEYWORDS:
            if self._take("("):
                arguments = []
                while not self._take(")"):
                    arguments.append(self._expression())
                    self._take(",")
                return ("call", word, arguments)
            if self._take("["):
                return ("cell", word, self._subscript())
            return ("call", "length", []) if word == "length" else ("var", word)
        raise AwkProblem(f"syntax error at '{word or 'end'}'")

    def _postfix_field(self) -> Node:
        if operator := self._take("++", "--"):
            return ("step", operator, self._primary(), True)
        return ("unary", "-", self._primary()) if self._take("-") else self._primary()

    def _subscript(self) -> Node:
        keys = [self._expression()]
        while self._take(","):
            keys.append(self._expression())
        self._expect("]")
        return ("join", keys)


def _tokens(text: str) -> list[tuple[str, str]]:
    """(kind, text); a "/" begins a regular expression where no value is before it."""
    found: list[tuple[str, str]] = []
    at = 0
    while at < len(text):
        before = found[-1] if found else ("", "")
        value = (
            before[0] in ("number", "string", "regex")
            or before[1] in (")", "]", "$")
            or (before[0] == "name" and before[1] not in KEYWORDS)
        )
        regex = None if value else re.compile(r"[ \t]*/((?:\\.|\[[^\]]*\]|[^/\\\n])*)/", re.DOTALL).match(text, at)
        match = regex or TOKEN.match(text, at)
        if match is None or match.end() == at:
            if not text[at:].strip(" \t\r"):
                break
            raise AwkProblem(f"syntax error at '{text[at : at + 10]}'")
        at = match.end()
        if regex is not None:
            found.append(("regex", regex[1].replace("\\/", "/")))
        elif match.lastgroup and match.lastgroup != "comment":
            found.append((match.lastgroup, match[match.lastgroup]))
    return found


class _Awk:
    """A running program. Values are floats and strings; what comes from the input is a _Text that may be a number."""

    def __init__(self, proc: Proc, rules: list[tuple[Node | None, Node | None, Node | None]]) -> None:
        self._proc = proc
        self._rules = rules
        self._active: set[int] = set()
        self._fields: list[str] = [""]
        self.variables: dict[str, Any] = {"FS": " ", "OFS": " ", "ORS": "\n", "NR": 0.0, "NF": 0.0, "SUBSEP": "\x1c"}
        self._arrays: dict[str, dict[str, Any]] = {"ENVIRON": {name: _Text(one) for name, one in proc.env.items()}}
        self._opened: set[str] = set()

    async def special(self, name: str) -> None:
        """BEGIN, END."""
        for first, _, action in self._rules:
            if first == ("special", name) and action is not None:
                await self._do(action)

    @property
    def reads(self) -> bool:
        """Whether the input matters."""
        return any(first is None or first != ("special", "BEGIN") for first, _, _ in self._rules)

    async def line(self, text: str) -> None:
        """One record."""
        self.variables["NR"] += 1.0
        self._set_line(text)
        try:
            for number, (first, second, action) in enumerate(self._rules):
                if first is not None and first[0] == "special":
                    continue
                if await self._selected(number, first, second):
                    await self._do(action or ("print", [], "", None))
        except _Jump as jump:
            if jump.kind != "next":
                raise

    async def _selected(self, number: int, first: Node | None, second: Node | None) -> bool:
        if first is None:
            return True
        if second is None:
            return _true(await self._value(first))
        if number not in self._active and not _true(await self._value(first)):
            return False
        self._active.add(number)
        if _true(await self._value(second)):
            self._active.discard(number)
        return True

    def _set_line(self, text: str) -> None:
        self._fields = [text, *self._split(text, str(self.variables["FS"]))]
        self.variables["NF"] = float(len(self._fields) - 1)

    def _split(self, text: str, separator: str) -> list[str]:
        if separator == " ":
            return text.split()[:FIELDS]
        if not text:
            return []
        if len(separator) == 1:
            return text.split(separator)[:FIELDS]
        parts, at = [], 0
        for match in compiled(separator, extended=True).each(text):
            if match.end > match.start:
                parts.append(text[at : match.start])
                at = match.end
        return [*parts, text[at:]][:FIELDS]

    async def _do(self, node: Node) -> None:
        await self._proc.kernel.budget.spend()
        match node:
            case ("block", statements):
                for statement in statements:
                    await self._do(statement)
            case ("expr", expression):
                await self._value(expression)
            case ("print" | "printf", _, _, _):
                await self._print(node)
            case ("if", condition, then, otherwise):
                if _true(await self._value(condition)):
                    await self._do(then)
                elif otherwise is not None:
                    await self._do(otherwise)
            case ("while", condition, body):
                while _true(await self._value(condition)) and await self._round(body):
                    pass
            case ("for", first, condition, step, body):
                if first is not None:
                    await self._do(first)
                while (condition is None or _true(await self._value(condition))) and await self._round(body):
                    if step is not None:
                        await self._do(step)
            case ("forin", name, array, body):
                for key in list(self._arrays.get(array, {})):
                    self.variables[name] = _Text(key)
                    if not await self._round(body):
                        break
            case ("delete", name, keys):
                if keys is None:
                    self._arrays.pop(name, None)
                else:
                    self._arrays.get(name, {}).pop(_text(await self._value(keys)), None)
            case ("jump", kind, value):
                raise _Jump(kind, int(_number(await self._value(value))) & 0xFF if value is not None else 0)

    async def _round(self, body: Node) -> bool:
        try:
            await self._do(body)
        except _Jump as jump:
            if jump.kind == "break":
                return False
            if jump.kind != "continue":
                raise
        return True

    async def _print(self, node: Node) -> None:
        word, expressions, operator, target = node
        values = [await self._value(one) for one in expressions]
        if word == "printf":
            text = basic._formatted(_text(values[0]), [_text(one) for one in values[1:]])[0] if values else ""
        else:
            shown = str(self.variables["OFS"]).join(map(_text, values)) if expressions else self._fields[0]
            text = shown + str(self.variables["ORS"])
        if not operator:
            await self._proc.out(text)
            return
        path = _text(await self._value(target))
        if path in ("/dev/stderr", "/dev/stdout"):
            await (self._proc.err if path == "/dev/stderr" else self._proc.out)(text)
            return
        handle = self._proc.open_to_write(path, append=operator == ">>" or path in self._opened)
        self._opened.add(path)
        await handle.write(encode(text))

    async def _value(self, node: Node) -> Any:
        match node:
            case ("const", value):
                return value
            case ("var", name):
                return self.variables.get(name, _Text(""))
            case ("field", inner):
                at = int(_number(await self._value(inner)))
                if at < 0:
                    raise AwkProblem("access to negative field")
                return _Text(self._fields[at]) if at < len(self._fields) else _Text("")
            case ("cell", name, keys):
                array = self._arrays.setdefault(name, {})
                return array.setdefault(_text(await self._value(keys)), _Text(""))
            case ("join", keys):
                return "\x1c".join([_text(await self._value(key)) for key in keys])
            case ("in", key, name):
                return float(_text(await self._value(key)) in self._arrays.get(name, {}))
            case ("match", pattern):
                return float(compiled(pattern, extended=True).search(self._fields[0]) is not None)
            case ("cat", left, right):
                return self._bounded(_text(await self._value(left)) + _text(await self._value(right)))
            case ("cond", condition, first, second):
                return await self._value(first if _true(await self._value(condition)) else second)
            case ("unary", operator, inner):
                value = await self._value(inner)
                return float(not _true(value)) if operator == "!" else _number(value) * (-1 if operator == "-" else 1)
            case ("assign", operator, place, inner):
                value = await self._value(inner)
                if operator != "=":
                    value = _arithmetic(operator[0], _number(await self._value(place)), _number(value))
                await self._store(place, value)
                return value
            case ("step", operator, place, before):
                old = _number(await self._value(place))
                new = old + (1 if operator == "++" else -1)
                await self._store(place, new)
                return new if before else old
            case ("call", name, arguments):
                return await self._call(name, arguments)
            case ("bin", operator, left, right):
                return await self._operate(operator, left, right)
        raise AwkProblem("syntax error")

    def _bounded(self, text: str) -> str:
        if len(text) > MEMORY // 4:
            raise OutOfMemory
        return text

    async def _operate(self, operator: str, left: Node, right: Node) -> Any:
        if operator in ("&&", "||"):
            first = _true(await self._value(left))
            if first == (operator == "||"):
                return float(first)
            return float(_true(await self._value(right)))
        if operator in ("~", "!~"):
            pattern = right[1] if right[0] == "match" else _text(await self._value(right))
            found = compiled(pattern, extended=True).search(_text(await self._value(left))) is not None
            return float(found == (operator == "~"))
        one, other = await self._value(left), await self._value(right)
        if operator in ("<", "<=", "==", "!=", ">", ">="):
            return float(_compared(one, operator, other))
        return _arithmetic(operator, _number(one), _number(other))

    async def _store(self, place: Node, value: Any) -> None:
        if place[0] == "var":
            self.variables[place[1]] = value
            if place[1] == "NF":
                count = max(min(int(_number(value)), FIELDS), 0)
                self._fields = [*self._fields, *[""] * count][: count + 1]
                self._rejoin()
        elif place[0] == "cell":
            array = self._arrays.setdefault(place[1], {})
            array[_text(await self._value(place[2]))] = value
            if len(array) > CELLS:
                raise OutOfMemory
        else:
            at = int(_number(await self._value(place[1])))
            if at == 0:
                self._set_line(_text(value))
                return
            if not 0 < at <= FIELDS:
                raise AwkProblem("bad field number")
            self._fields += [""] * (at + 1 - len(self._fields))
            self._fields[at] = _text(value)
            self._rejoin()

    def _rejoin(self) -> None:
        self.variables["NF"] = float(len(self._fields) - 1)
        self._fields[0] = str(self.variables["OFS"]).join(self._fields[1:])

    async def _call(self, name: str, arguments: list[Node]) -> Any:
        if name in ("sub", "gsub"):
            return await self._substitute(name, arguments)
        if name == "split":
            text = _text(await self._value(arguments[0]))
            separator = str(self.variables["FS"])
            if len(arguments) > 2:
                separator = arguments[2][1] if arguments[2][0] == "match" else _text(await self._value(arguments[2]))
            parts = self._split(text, separator)
            self._arrays[arguments[1][1]] = {str(at): _Text(part) for at, part in enumerate(parts, 1)}
            return float(len(parts))
        if name == "length" and arguments and arguments[0][0] == "var" and arguments[0][1] in self._arrays:
            return float(len(self._arrays[arguments[0][1]]))
        if name == "match":
            pattern = arguments[1][1] if arguments[1][0] == "match" else _text(await self._value(arguments[1]))
            found = compiled(pattern, extended=True).search(_text(await self._value(arguments[0])))
            self.variables["RSTART"] = float(found.start + 1) if found else 0.0
            self.variables["RLENGTH"] = float(found.end - found.start) if found else -1.0
            return self.variables["RSTART"]
        return _simple(name, [await self._value(one) for one in arguments], self)

    async def _substitute(self, name: str, arguments: list[Node]) -> float:
        from fakekube.sandbox.commands.editing import _replacement

        pattern = arguments[0][1] if arguments[0][0] == "match" else _text(await self._value(arguments[0]))
        replacement = _text(await self._value(arguments[1]))
        place: Node = arguments[2] if len(arguments) > 2 else ("field", ("const", 0.0))
        text, out, at, count = _text(await self._value(place)), [], 0, 0
        for match in compiled(pattern, extended=True).each(text):
            out += [text[at : match.start], _replacement(replacement, match)]
            at, count = match.end, count + 1
            if name == "sub":
                break
        if count:
            await self._store(place, self._bounded("".join(out) + text[at:]))
        return float(count)


class _Text(str):
    """A string of the input: compared as a number if it looks like one."""

    __slots__ = ()


NUMERIC = re.compile(r"\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+)\s*")


def _number(value: Any) -> float:
    if isinstance(value, float):
        return value
    found = re.match(r"\s*[-+]?(\d{1,300}\.?\d*([eE][-+]?\d{1,3})?|\.\d+)", value)
    return float(found[0]) if found is not None else 0.0


def _text(value: Any) -> str:
    if isinstance(value, str):
        return str(value)
    if value == value and abs(value) < 1e16 and value == int(value):
        return str(int(value))
    return f"{value:.6g}"


def _true(value: Any) -> bool:
    if isinstance(value, _Text) and NUMERIC.fullmatch(value):
        return _number(value) != 0
    return value != 0.0 if isinstance(value, float) else value != ""


def _compared(one: Any, operator: str, other: Any) -> bool:
    numbers = [
        isinstance(value, float) or (isinstance(value, _Text) and (NUMERIC.fullmatch(value) or value == ""))
        for value in (one, other)
    ]
    left, right = (_number(one), _number(other)) if all(numbers) else (_text(one), _text(other))
    order = (left > right) - (left < right)  # type: ignore[operator]
    return order in {"<": (-1,), "<=": (-1, 0), "==": (0,), "!=": (-1, 1), ">": (1,), ">=": (0, 1)}[operator]


def _arithmetic(operator: str, left: float, right: float) -> float:
    try:
        match operator:
            case "+":
                return left + right
            case "-":
                return left - right
            case "*":
                return left * right
            case "/":
                return left / right
            case "%":
                return left - right * int(left / right)
        power = left**right
        return power if isinstance(power, float) else 0.0
    except ZeroDivisionError:
        raise AwkProblem("division by zero") from None
    except OverflowError:
        return float("inf")


def _simple(name: str, values: list[Any], awk: _Awk) -> Any:
    text = _text(values[0]) if values else awk._fields[0]
    match name:
        case "length":
            return float(len(text))
        case "toupper":
            return text.upper()
        case "tolower":
            return text.lower()
        case "substr":
            start = round(_number(values[1]))
            end = start + round(_number(values[2])) if len(values) > 2 else len(text) + 1
            return text[max(start - 1, 0) : max(end - 1, 0)]
        case "index":
            return float(text.find(_text(values[1])) + 1)
        case "int":
            return float(int(_number(values[0])))
        case "sprintf":
            return basic._formatted(text, [_text(one) for one in values[1:]])[0]
        case "systime":
            return float(int(awk._proc.kernel.clock.now()))
        case "rand" | "srand":
            import random

            return random.random() if name == "rand" else 0.0
        case "sqrt":
            return max(_number(values[0]), 0.0) ** 0.5
    raise AwkProblem(f"call to undefined function {name}")


async def awk(proc: Proc) -> int:
    """Run a program over lines."""
    options, words = await parse(proc, "", "Fvf", permute=False)
    texts = [decode(proc.read_file(path)) for path in options.get("f", [])]
    if not texts:
        if not words:
            return await proc.fail("usage: awk [-F SEP] [-v VAR=VAL] 'PROGRAM' [FILE]...")
        texts.append(words.pop(0))
    try:
        running = _Awk(proc, _Parser("\n".join(texts)).rules())
        if "F" in options:
            separator = basic.unescaped(options["F"][-1])[0]
            running.variables["FS"] = "\t" if separator == "t" else separator
        for text in options.get("v", []):
            name, _, value = text.partition("=")
            running.variables[name] = _Text(basic.unescaped(value)[0])
        return await _run(proc, running, words)
    except (AwkProblem, RegexProblem, IndexError, TypeError) as problem:
        return await proc.fail(f"cmd. line:1: {problem}", 2)


async def _run(proc: Proc, running: _Awk, paths: list[str]) -> int:
    inputs, code = Inputs(proc, paths), 0
    try:
        await running.special("BEGIN")
        if running.reads:
            async for path, handle in inputs:
                running.variables["FILENAME"] = "" if path == "-" else path
                async for line in lines(handle, proc):
                    await running.line(decode(line).removesuffix("\n"))
    except _Jump as jump:
        code = jump.code
    try:
        await running.special("END")
    except _Jump as jump:
        code = jump.code or code
    return code or inputs.status * 2


PROGRAMS: Mapping[str, Program] = {"awk": awk}
