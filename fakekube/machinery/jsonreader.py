"""The reader of json-iterator: a position in JSON, an error, and what it does to both step by step.

Once there is an error the reader goes on, but it does not step back any more and reports nothing new; see
machinery.jsoniter for why that matters.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

SPACES = frozenset(b" \n\t\r")
DIGITS = frozenset(b"0123456789")
NUMBER = frozenset(b"+-.eE0123456789")
AFTER_NUMBER = frozenset(b",]} \t\n\r")
AFTER_FLOAT = frozenset(b",]} \t\n")  # json-iterator forgot \r here
ESCAPES = frozenset(b'"\\/bfnrt')
INVALID = b"\xff"
MAX_DEPTH = 10000


class Reader:
    """A position in the text, and the error with what has been put before it, last part first."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.head = 0
        self.tail = len(data)
        self.depth = 0
        self.parts: list[bytes] = []
        self.ended = False

    @property
    def failed(self) -> bool:
        """There is an error; the end of the text is none."""
        return bool(self.parts)

    def report(self, operation: str, message: bytes) -> None:
        """An error here, unless there has been one before."""
        if self.failed:
            return
        start, end = max(self.head - 10, 0), self.head + 10
        near, around = self.data[start:end], self.data[max(self.head - 50, 0) : self.head + 50]
        where = b"error found in #%d byte of ...|%s|..., bigger context ...|%s|..." % (self.head - start, near, around)
        self.parts.append(b"%s: %s, %s" % (operation.encode(), message, where))

    def name(self, text: str, separator: str = ": ") -> None:
        """Put a name before the error, if there is one."""
        if self.failed:
            self.parts.append(f"{text}{separator}".encode())

    # Bytes

    def end(self) -> int:
        """There is no more: the byte 0, and a state of its own if no error came before."""
        if not self.failed and not self.ended:
            self.head = self.tail
            self.ended = True
        return 0

    def token(self) -> int:
        """The next byte that is no space."""
        data, head, tail = self.data, self.head, self.tail
        while head < tail:
            byte = data[head]
            head += 1
            if byte not in SPACES:
                self.head = head
                return byte
        return self.end()

    def byte(self) -> int:
        """The next byte."""
        if self.head >= self.tail:
            return self.end()
        self.head += 1
        return self.data[self.head - 1]

    def back(self) -> None:
        """One byte back; not any more once something went wrong."""
        if not self.failed and not self.ended:
            self.head -= 1

    def peek(self) -> int:
        """The next byte that is no space, left where it is."""
        byte = self.token()
        self.back()
        return byte

    def literal(self, rest: bytes) -> None:
        """The rest of null, true or false."""
        operation = "skipThreeBytes" if len(rest) == 3 else "skipFourBytes"
        for wanted in rest:
            if self.byte() != wanted:
                self.report(operation, b"expect " + rest)
                return

    def null(self) -> bool:
        """Whether null is next; if so it is read."""
        if self.token() == 0x6E:
            self.literal(b"ull")
            return True
        self.back()
        return False

    @contextmanager
    def nested(self) -> Iterator[bool]:
        """One level deeper; False if that is too deep."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.report("incrementDepth", b"exceeded max depth")
            yield False
            return
        yield True
        self.depth -= 1

    # Strings

    def colon(self, operation: str) -> bool:
        """The colon after a field's name; anything else is an error."""
        byte = self.token()
        if byte != 0x3A:
            self.report(operation, b"expect : after object field, but found " + bytes((byte,)))
        return byte == 0x3A

    def string(self) -> bytes:
        """A string, or null for an empty one."""
        byte = self.token()
        if byte == 0x6E:
            self.literal(b"ull")
            return b""
        if byte != 0x22:
            self.report("ReadString", b'expects " or n, but found ' + bytes((byte,)))
            return b""
        for index in range(self.head, self.tail):
            byte = self.data[index]
            if byte == 0x22:
                text, self.head = self.data[self.head : index], index + 1
                return text
            if byte == 0x5C:
                break
            if byte < 0x20:
                self.report("ReadString", b"invalid control character found: %d" % byte)
                return b""
        return self.long_string()

    def long_string(self) -> bytes:
        """The rest of a string, with its escapes."""
        out = bytearray()
        while not self.failed and not self.ended:
            byte = self.byte()
            if byte == 0x22:
                return bytes(out)
            if byte == 0x5C:
                self.escaped(out)
            else:
                out.append(byte)
        self.report("readStringSlowPath", b"unexpected end of input")
        return b""

    def escaped(self, out: bytearray) -> None:
        """What follows a backslash."""
        byte = self.byte()
        if byte == 0x75:
            self.unicode(out)
        elif byte in ESCAPES:
            out += {0x62: b"\b", 0x66: b"\f", 0x6E: b"\n", 0x72: b"\r", 0x74: b"\t"}.get(byte, bytes((byte,)))
        else:
            self.report("readEscapedChar", b"invalid escape char after \\")

    def unicode(self, out: bytearray) -> None:
        """What follows a \\u; halves of a pair that stand alone become U+FFFD."""
        code = self.hexadecimal()
        if 0xD800 <= code < 0xE000 and self.data[self.head : self.head + 2] == b"\\u":
            self.head += 2
            second = self.hexadecimal()
            if code < 0xDC00 <= second < 0xE000:
                code = 0x10000 + (code - 0xD800) * 0x400 + second - 0xDC00
            else:
                out += _character(code)
                code = second
        out += _character(code)

    def hexadecimal(self) -> int:
        """Four digits of a code point; 0 when they are not."""
        code = 0
        for _ in range(4):
            byte = self.byte()
            if byte not in b"0123456789abcdefABCDEF":
                self.report("readU4", b"expects 0~9 or a~f, but found " + bytes((byte,)))
                return 0
            code = code * 16 + int(chr(byte), 16)
        return code

    # Numbers

    def signed(self, bits: int) -> None:
        """An integer of so many bits."""
        byte = self.token()
        limit = 1 << (bits - 1)
        if byte == 0x2D:
            value = self.unsigned(self.byte(), bits)
        else:
            value, limit = self.unsigned(byte, bits), limit - 1
        if value > limit:
            self.report(f"ReadInt{bits}", b"overflow: %d" % value)

    def unsigned(self, byte: int, bits: int) -> int:
        """Digits, the first of which is `byte`; 0 when something is wrong."""
        if byte == 0x30:
            self.no_fraction()
            return 0
        if byte not in DIGITS:
            self.report(f"readUint{bits}", b"unexpected character: " + INVALID)
            return 0
        value, limit = byte - 0x30, 1 << bits
        if self.tail - self.head > 10:  # the first eight digits are read at once
            for _ in range(7):
                if self.data[self.head] not in DIGITS:
                    self.no_fraction()
                    return value
                value = value * 10 + self.data[self.head] - 0x30
                self.head += 1
        for index in range(self.head, self.tail):
            if (byte := self.data[index]) not in DIGITS:
                self.head = index
                self.no_fraction()
                return value
            longer = (value * 10 + byte - 0x30) % limit
            if value > (limit - 1) // 10 - 1 and longer < value:
                self.report(f"readUint{bits}", b"overflow")
                return 0
            value = longer
        self.end()
        self.no_fraction()
        return value

    def no_fraction(self) -> None:
        """An integer must not go on with a dot."""
        if self.head < self.tail and self.data[self.head] == 0x2E:
            self.report("assertInteger", b"can not decode float as int")

    def float(self, bits: int) -> None:
        """A number with a fraction and an exponent."""
        if self.token() != 0x2D:
            self.back()
        operation = f"readFloat{bits}"
        head, data, tail = self.head, self.data, self.tail
        first = data[head] if head < tail else 0x65
        if first in AFTER_FLOAT:
            self.report(operation, b"empty number")
        elif first == 0x2E:
            self.report(operation, b"leading dot is invalid")
        elif first == 0x30 and head + 1 < tail and data[head + 1] in DIGITS:
            self.report(operation, b"leading zero is invalid")
        else:
            self.any_float(bits)

    def any_float(self, bits: int) -> None:
        """A number that has to be looked at as a whole."""
        text = self.number_text()
        if self.failed:
            return
        if complaint := _float_complaint(text):
            self.report(f"readFloat{bits}SlowPath", complaint)
        elif _out_of_range(text, bits):
            self.parts.append(b'strconv.ParseFloat: parsing "%s": value out of range' % text)

    def number_text(self) -> bytes:
        """All that may be part of a number."""
        start = self.head
        end = start
        while end < self.tail and self.data[end] in NUMBER:
            end += 1
        self.head = end
        if end == self.tail:
            self.end()
        if start == end:
            self.report("readNumberAsString", b"invalid number")
        return self.data[start:end]

    # Whatever there is

    def skip(self) -> None:
        """Read a value of any type. No recursion: it may be nested deeply."""
        open_: list[int] = []
        first = self.skip_start(open_)
        while open_:
            if first or self.skip_separator(open_):
                if open_[-1] == 0x7B:
                    self.string()
                    self.colon("ReadObject")
                first = self.skip_start(open_)

    def skip_start(self, open_: list[int]) -> bool:
        """Read a scalar, or the bracket of an object or array. True if that one's first member comes next."""
        byte = self.token()
        if byte == 0x22:
            self.skip_string()
        elif byte in SKIPPED_LITERALS:
            self.literal(SKIPPED_LITERALS[byte])
        elif byte == 0x30:
            self.back()
            self.float(32)
        elif byte == 0x2D or byte in DIGITS:
            self.skip_number()
        elif byte in b"[{":
            return self.skip_open(byte, open_)
        else:
            self.report("Skip", b"do not know how to skip: %d" % byte)
        return False

    def skip_open(self, byte: int, open_: list[int]) -> bool:
        """An object or array begins. Having stepped back for it, the reader looks at the bracket again."""
        self.back()
        again = self.token()
        if again == 0x6E:
            self.literal(b"ull")
        if again != byte:  # only after an error, when it did not step back
            return False
        self.depth += 1
        if self.depth > MAX_DEPTH:
            self.report("incrementDepth", b"exceeded max depth")
            return False
        following = self.token()
        closing = following == byte + 2  # "}" is two after "{", "]" two after "["
        if byte == 0x7B and following != 0x22 and not closing:
            self.report("ReadObjectCB", b'expect " after {, but found ' + bytes((following,)))
            closing = True
        if closing:
            self.depth -= 1
            return False
        self.back()
        open_.append(byte)
        return True

    def skip_separator(self, open_: list[int]) -> bool:
        """Whether a comma comes; otherwise the innermost object or array ends."""
        byte = self.token()
        if byte == 0x2C:
            return True
        if open_.pop() == 0x7B:
            if byte != 0x7D:
                self.report("ReadObjectCB", b"object not ended with }")
        elif byte != 0x5D:
            self.report("ReadArrayCB", b"expect ] in the end, but found " + bytes((byte,)))
        self.depth -= 1
        return False

    def skip_string(self) -> None:
        """The rest of a string that nobody wants."""
        for index in range(self.head, self.tail):
            byte = self.data[index]
            if byte == 0x22:
                self.head = index + 1
                return
            if byte == 0x5C:
                break
            if byte < 0x20:
                self.report("trySkipString", b"invalid control character found: %d" % byte)
                return
        self.back()
        self.string()

    def skip_number(self) -> None:
        """The rest of a number that nobody wants."""
        if self.skip_plain_number():
            return
        self.back()
        if not self.failed:
            self.float(64)
            if self.failed:  # too large for 64 bits is good enough for being skipped
                self.parts.clear()
                self.ended = False
                self.number_text()

    def skip_plain_number(self) -> bool:
        """Whether it was digits with at most one dot among them. An error counts as done."""
        dotted = False
        for index in range(self.head, self.tail):
            byte = self.data[index]
            if byte in DIGITS:
                continue
            if byte == 0x2E:
                if dotted:
                    self.report("validateNumber", b"more than one dot found in number")
                    return True
                if index + 1 == self.tail:
                    return False
                if self.data[index + 1] not in DIGITS:
                    self.report("validateNumber", b"missing digit after dot")
                    return True
                dotted = True
                continue
            if byte not in AFTER_NUMBER or index == self.head:
                return False
            self.head = index
            return True
        return False


SKIPPED_LITERALS = {0x6E: b"ull", 0x74: b"rue", 0x66: b"alse"}


def _character(code: int) -> bytes:
    return b"\xef\xbf\xbd" if 0xD800 <= code < 0xE000 else chr(code).encode()


def _float_complaint(text: bytes) -> bytes:
    if not text:
        return b"empty number"
    if text[:1] == b"-":
        return b"-- is not valid"
    dot = text.find(b".")
    if dot == len(text) - 1:
        return b"dot can not be last character"
    if dot >= 0 and text[dot + 1] not in DIGITS:
        return b"missing digit after dot"
    return b""


def _out_of_range(text: bytes, bits: int) -> bool:
    try:
        value = float(text)
    except ValueError:
        return True
    return value > (1.7976931348623157e308 if bits == 64 else 3.4028235677973366e38)
