"""A program that runs over records."""

from __future__ import annotations

from typing import Any

from fakekube.sandbox.awk.parser import AwkProblem, Node, Parser
from fakekube.sandbox.awk.values import Input, arithmetic, compared, is_true, number_of, text_of
from fakekube.sandbox.commands import basic
from fakekube.sandbox.kernel import MEMORY, OutOfMemory, Proc, encode
from fakekube.sandbox.regex import compiled

FIELDS = 10_000
CELLS = 50_000
CALLS = 50
"""Functions inside one another."""


class Jump(Exception):
    """next, exit, break, continue."""

    def __init__(self, kind: str, code: int = 0) -> None:
        super().__init__(kind)
        self.kind = kind
        self.code = code


class Return(Exception):
    """A function ends with this value."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


class Machine:
    """A running program. Values are floats and strings; what comes from the input is a Input that may be a number."""

    def __init__(self, proc: Proc, parser: Parser) -> None:
        self._proc = proc
        self._rules = parser.rules()
        self._functions = parser.functions
        self._calls = 0
        self._active: set[int] = set()
        self._fields: list[str] = [""]
        self.variables: dict[str, Any] = {"FS": " ", "OFS": " ", "ORS": "\n", "NR": 0.0, "NF": 0.0, "SUBSEP": "\x1c"}
        self._arrays: dict[str, dict[str, Any]] = {"ENVIRON": {name: Input(one) for name, one in proc.env.items()}}
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
        except Jump as jump:
            if jump.kind != "next":
                raise

    async def _selected(self, number: int, first: Node | None, second: Node | None) -> bool:
        if first is None:
            return True
        if second is None:
            return is_true(await self._value(first))
        if number not in self._active and not is_true(await self._value(first)):
            return False
        self._active.add(number)
        if is_true(await self._value(second)):
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
                if is_true(await self._value(condition)):
                    await self._do(then)
                elif otherwise is not None:
                    await self._do(otherwise)
            case ("while", condition, body):
                while is_true(await self._value(condition)) and await self._round(body):
                    pass
            case ("for", first, condition, step, body):
                if first is not None:
                    await self._do(first)
                while (condition is None or is_true(await self._value(condition))) and await self._round(body):
                    if step is not None:
                        await self._do(step)
            case ("forin", name, array, body):
                for key in list(self._arrays.get(array, {})):
                    self.variables[name] = Input(key)
                    if not await self._round(body):
                        break
            case ("delete", name, keys):
                if keys is None:
                    self._arrays.pop(name, None)
                else:
                    self._arrays.get(name, {}).pop(text_of(await self._value(keys)), None)
            case ("return", value):
                raise Return(await self._value(value) if value is not None else Input(""))
            case ("jump", kind, value):
                raise Jump(kind, int(number_of(await self._value(value))) & 0xFF if value is not None else 0)

    async def _round(self, body: Node) -> bool:
        try:
            await self._do(body)
        except Jump as jump:
            if jump.kind == "break":
                return False
            if jump.kind != "continue":
                raise
        return True

    async def _print(self, node: Node) -> None:
        word, expressions, operator, target = node
        values = [await self._value(one) for one in expressions]
        if word == "printf":
            text = basic.formatted(text_of(values[0]), [text_of(one) for one in values[1:]])[0] if values else ""
        else:
            shown = str(self.variables["OFS"]).join(map(text_of, values)) if expressions else self._fields[0]
            text = shown + str(self.variables["ORS"])
        if not operator:
            await self._proc.out(text)
            return
        path = text_of(await self._value(target))
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
                return self.variables.get(name, Input(""))
            case ("field", inner):
                at = int(number_of(await self._value(inner)))
                if at < 0:
                    raise AwkProblem("access to negative field")
                return Input(self._fields[at]) if at < len(self._fields) else Input("")
            case ("cell", name, keys):
                array = self._arrays.setdefault(name, {})
                return array.setdefault(text_of(await self._value(keys)), Input(""))
            case ("join", keys):
                return "\x1c".join([text_of(await self._value(key)) for key in keys])
            case ("in", key, name):
                return float(text_of(await self._value(key)) in self._arrays.get(name, {}))
            case ("match", pattern):
                return float(compiled(pattern, extended=True).search(self._fields[0]) is not None)
            case ("cat", left, right):
                return self._bounded(text_of(await self._value(left)) + text_of(await self._value(right)))
            case ("cond", condition, first, second):
                return await self._value(first if is_true(await self._value(condition)) else second)
            case ("unary", operator, inner):
                value = await self._value(inner)
                if operator == "!":
                    return float(not is_true(value))
                return number_of(value) * (-1 if operator == "-" else 1)
            case ("assign", operator, place, inner):
                value = await self._value(inner)
                if operator != "=":
                    value = arithmetic(operator[0], number_of(await self._value(place)), number_of(value))
                await self._store(place, value)
                return value
            case ("step", operator, place, before):
                old = number_of(await self._value(place))
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
            first = is_true(await self._value(left))
            if first == (operator == "||"):
                return float(first)
            return float(is_true(await self._value(right)))
        if operator in ("~", "!~"):
            pattern = right[1] if right[0] == "match" else text_of(await self._value(right))
            found = compiled(pattern, extended=True).search(text_of(await self._value(left))) is not None
            return float(found == (operator == "~"))
        one, other = await self._value(left), await self._value(right)
        if operator in ("<", "<=", "==", "!=", ">", ">="):
            return float(compared(one, operator, other))
        return arithmetic(operator, number_of(one), number_of(other))

    async def _store(self, place: Node, value: Any) -> None:
        if place[0] == "var":
            self.variables[place[1]] = value
            if place[1] == "NF":
                count = max(min(int(number_of(value)), FIELDS), 0)
                self._fields = [*self._fields, *[""] * count][: count + 1]
                self._rejoin()
        elif place[0] == "cell":
            array = self._arrays.setdefault(place[1], {})
            array[text_of(await self._value(place[2]))] = value
            if len(array) > CELLS:
                raise OutOfMemory
        else:
            at = int(number_of(await self._value(place[1])))
            if at == 0:
                self._set_line(text_of(value))
                return
            if not 0 < at <= FIELDS:
                raise AwkProblem("bad field number")
            self._fields += [""] * (at + 1 - len(self._fields))
            self._fields[at] = text_of(value)
            self._rejoin()

    def _rejoin(self) -> None:
        self.variables["NF"] = float(len(self._fields) - 1)
        self._fields[0] = str(self.variables["OFS"]).join(self._fields[1:])

    async def _function(self, name: str, arguments: list[Node]) -> Any:
        """Call a function of the program's; its parameters are its own, arrays are the caller's."""
        parameters, body = self._functions[name]
        if self._calls >= CALLS:
            raise AwkProblem("functions call each other too deeply")
        arrays = [one[1] if one[0] == "var" and one[1] not in self.variables else "" for one in arguments]
        values = [Input("") if array else await self._value(one) for one, array in zip(arguments, arrays, strict=True)]
        given = [self._arrays.setdefault(array, {}) if array else None for array in arrays]
        before = {one: (self.variables.pop(one, None), self._arrays.pop(one, None)) for one in parameters}
        for parameter, value, array in zip(parameters, values, given, strict=False):
            if array is not None:
                self._arrays[parameter] = array
            else:
                self.variables[parameter] = value
        self._calls += 1
        try:
            await self._do(body)
        except Return as end:
            return end.value
        finally:
            self._calls -= 1
            for parameter, (scalar, cells) in before.items():
                self._restore(self.variables, parameter, scalar)
                self._restore(self._arrays, parameter, cells)
        return Input("")

    @staticmethod
    def _restore(where: dict[str, Any], name: str, value: Any) -> None:
        where.pop(name, None)
        if value is not None:
            where[name] = value

    async def _call(self, name: str, arguments: list[Node]) -> Any:
        if name in self._functions:
            return await self._function(name, arguments)
        if name in ("sub", "gsub"):
            return await self._substitute(name, arguments)
        if name == "split":
            text = text_of(await self._value(arguments[0]))
            separator = str(self.variables["FS"])
            if len(arguments) > 2:
                separator = arguments[2][1] if arguments[2][0] == "match" else text_of(await self._value(arguments[2]))
            parts = self._split(text, separator)
            self._arrays[arguments[1][1]] = {str(at): Input(part) for at, part in enumerate(parts, 1)}
            return float(len(parts))
        if name == "length" and arguments and arguments[0][0] == "var" and arguments[0][1] in self._arrays:
            return float(len(self._arrays[arguments[0][1]]))
        if name == "match":
            pattern = arguments[1][1] if arguments[1][0] == "match" else text_of(await self._value(arguments[1]))
            found = compiled(pattern, extended=True).search(text_of(await self._value(arguments[0])))
            self.variables["RSTART"] = float(found.start + 1) if found else 0.0
            self.variables["RLENGTH"] = float(found.end - found.start) if found else -1.0
            return self.variables["RSTART"]
        return _simple(name, [await self._value(one) for one in arguments], self)

    async def _substitute(self, name: str, arguments: list[Node]) -> float:
        from fakekube.sandbox.commands.editing import replaced_by

        pattern = arguments[0][1] if arguments[0][0] == "match" else text_of(await self._value(arguments[0]))
        replacement = text_of(await self._value(arguments[1]))
        place: Node = arguments[2] if len(arguments) > 2 else ("field", ("const", 0.0))
        text, out, at, count = text_of(await self._value(place)), [], 0, 0
        for match in compiled(pattern, extended=True).each(text):
            out += [text[at : match.start], replaced_by(replacement, match)]
            at, count = match.end, count + 1
            if name == "sub":
                break
        if count:
            await self._store(place, self._bounded("".join(out) + text[at:]))
        return float(count)


def _simple(name: str, values: list[Any], awk: Machine) -> Any:
    text = text_of(values[0]) if values else awk._fields[0]
    match name:
        case "length":
            return float(len(text))
        case "toupper":
            return text.upper()
        case "tolower":
            return text.lower()
        case "substr":
            start = round(number_of(values[1]))
            end = max(start, 1) + round(number_of(values[2])) if len(values) > 2 else len(text) + 1
            return text[max(start - 1, 0) : max(end - 1, 0)]
        case "index":
            return float(text.find(text_of(values[1])) + 1)
        case "int":
            return float(int(number_of(values[0])))
        case "sprintf":
            return basic.formatted(text, [text_of(one) for one in values[1:]])[0]
        case "systime":
            return float(int(awk._proc.kernel.clock.now()))
        case "rand" | "srand":
            import random

            return random.random() if name == "rand" else 0.0
        case "sqrt":
            return max(number_of(values[0]), 0.0) ** 0.5
    raise AwkProblem(f"call to undefined function {name}")
