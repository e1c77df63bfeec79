"""What the real server says about JSON that does not fit a type: json-iterator's errors, byte for byte.

A type error quotes the bytes around the place where the reader stood, and names the fields around it as they are left.
The reader goes on after an error (without stepping back any more, and reporting nothing new), so that fields that come
later in the text are named, too: "v1.Pod.Spec: Status: ...". Only a faithful replay gives those texts. It is made after
the quick way of machinery.decoding has failed; what is read is thrown away.
"""

from __future__ import annotations

from collections.abc import Callable

from fakekube.machinery.jsonreader import Reader
from fakekube.machinery.schema import Field, Form, Type
from fakekube.machinery.unmarshal import unmarshal_error

GENERAL = 10
"""Structs of more fields are read by another routine than smaller ones."""


def error_text(data: bytes, type_: Type) -> str | None:
    """What decoding the JSON as a value of this type is answered with, or None if nothing is wrong with it."""
    reader = _TypedReader(data)
    reader.value(type_)
    if reader.depth:
        reader.report("ReadVal", b"unexpected mismatched nesting")
    if reader.token() != 0:
        reader.report("Unmarshal", b"there are bytes left after unmarshal")
    if not reader.failed:
        return None
    return go_text(b"".join(reversed(reader.parts)))


def custom_error_text(data: bytes, has_kind: bool) -> str | None:
    """The same for a custom resource, which has to say its kind and may be anything else."""
    reader = Reader(data)
    reader.peek()
    start = reader.head
    reader.skip()
    if not has_kind:
        body = data[start : reader.head]
        reader.report("unmarshalerDecoder", b"Object 'Kind' is missing in '%s'" % body)
    return go_text(b"".join(reversed(reader.parts))) if reader.failed else None


def go_text(data: bytes) -> str:
    """Bytes as text; Go's encoder shows each byte that is no UTF-8 as U+FFFD."""
    text = data.decode("utf-8", "surrogateescape")
    if text.isascii():
        return text
    return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)


class _TypedReader(Reader):
    """Reads values of known types."""

    def value(self, type_: Type) -> None:
        """Read a value of this type."""
        READERS[type_.form](self, type_)

    def field(self, field: Field) -> None:
        """Read the value of a field, and name the field in an error."""
        if not (field.pointer and self.null()):
            self.value(field.type)
        if self.failed:
            for part in reversed(field.go.split(".")):
                self.name(part)

    def struct(self, type_: Type) -> None:
        """Known fields by their types; others are skipped."""
        if not type_.fields:
            self.empty_struct()
        elif self.object_start():
            with self.nested() as fits:
                if fits:
                    (self.large_struct if len(type_.fields) > GENERAL else self.small_struct)(type_)

    def empty_struct(self) -> None:
        if self.peek() not in b"{n":
            self.report("skipObjectDecoder", b"expect object or null")
            return
        self.skip()

    def object_start(self) -> bool:
        byte = self.token()
        if byte == 0x7B:
            if self.token() == 0x7D:
                return False
            self.back()
            return True
        if byte == 0x6E:
            self.literal(b"ull")
        else:
            self.report("readObjectStart", b"expect { or n, but found " + bytes((byte,)))
        return False

    def small_struct(self, type_: Type) -> None:
        while True:
            field = type_.fields.get(self.short_name())
            if field is None:
                self.skip()
            else:
                self.field(field)
            if self.object_end():
                break
        self.name(type_.go, ".")

    def short_name(self) -> str:
        """A field's name and the colon after it; "" if that is not what comes."""
        if (byte := self.token()) != 0x22:
            self.report("readFieldHash", b'expect ", but found ' + bytes((byte,)))
            return ""
        end = self.head
        while end < self.tail and self.data[end] not in b'"\\':
            end += 1
        if end >= self.tail:
            self.end()
            self.report("readFieldHash", b"incomplete field name")
            return ""
        name, self.head = self.data[self.head : end], end
        if self.data[end] == 0x22:
            self.head += 1
        else:
            name += self.long_string()
        if (byte := self.token()) != 0x3A:
            self.report("readFieldHash", b"expect :, but found " + bytes((byte,)))
            return ""
        return name.decode("utf-8", "replace")

    def object_end(self) -> bool:
        byte = self.token()
        if byte == 0x2C:
            return False
        if byte != 0x7D:
            self.report("isObjectEnd", b"object ended prematurely, unexpected char " + bytes((byte,)))
        return True

    def large_struct(self, type_: Type) -> None:
        byte = 0x2C
        while byte == 0x2C:
            field = type_.fields.get(self.string().decode("utf-8", "replace"))
            self.colon("ReadObject")
            if field is None:
                self.skip()
            else:
                self.field(field)
            byte = self.token()
        self.name(type_.go, ".")
        if byte != 0x7D:
            self.report("struct Decode", b"expect }, but found " + bytes((byte,)))

    def mapping(self, type_: Type) -> None:
        byte = self.token()
        if byte == 0x6E:
            self.literal(b"ull")
            return
        if byte != 0x7B:
            self.report("ReadMapCB", b"expect { or n, but found " + bytes((byte,)))
            return
        if self.token() == 0x7D:
            return
        self.back()
        byte = 0x2C
        while byte == 0x2C:
            self.string()
            if not self.colon("ReadMapCB"):
                return
            self.element(type_)
            byte = self.token()
        if byte != 0x7D:
            self.report("ReadMapCB", b"expect }, but found " + bytes((byte,)))

    def element(self, type_: Type) -> None:
        """One value of a list or map."""
        if type_.element is not None and not (type_.go.endswith(f"]*{type_.element.go}") and self.null()):
            self.value(type_.element)

    def array(self, type_: Type) -> None:
        self.items(type_)
        self.name(type_.go)

    def items(self, type_: Type) -> None:
        byte = self.token()
        if byte == 0x6E:
            self.literal(b"ull")
            return
        if byte != 0x5B:
            self.report("decode slice", b"expect [ or n, but found " + bytes((byte,)))
            return
        if self.token() == 0x5D:
            return
        self.back()
        byte = 0x2C
        while byte == 0x2C:
            self.element(type_)
            byte = self.token()
        if byte != 0x5D:
            self.report("decode slice", b"expect ], but found " + bytes((byte,)))

    def text(self, _: Type) -> None:
        self.string()

    def boolean(self, _: Type) -> None:
        if self.null():
            return
        byte = self.token()
        if byte == 0x74:
            self.literal(b"rue")
        elif byte == 0x66:
            self.literal(b"alse")
        else:
            self.report("ReadBool", b"expect t or f, but found " + bytes((byte,)))

    def encoded(self, type_: Type) -> None:
        """Bytes: base64, or a list of numbers."""
        if self.null():
            return
        byte = self.peek()
        if byte == 0x22:
            if (position := bad_base64(self.string())) is not None:
                self.report("decode base64", b"illegal base64 data at input byte %d" % position)
        elif byte == 0x5B:
            self.array(BYTE_LIST)
        else:
            self.report("base64Codec", b"invalid input")

    def unmarshaler(self, type_: Type) -> None:
        """What reads itself out of the bytes of one value."""
        self.peek()
        start = self.head
        self.skip()
        if not self.failed and (text := unmarshal_error(self.data[start : self.head], type_)) is not None:
            self.report("unmarshalerDecoder", text.encode("utf-8", "surrogatepass"))

    def integer(self, type_: Type) -> None:
        if self.null():
            return
        self.signed(32 if type_.bits == 32 else 64)

    def octet(self, _: Type) -> None:
        """An item of a list that stands for bytes."""
        if not self.null() and (value := self.unsigned(self.token(), 32)) > 255:
            self.report("ReadUint8", b"overflow: %d" % value)

    def number(self, _: Type) -> None:
        if not self.null():
            self.float(64)


def bad_base64(data: bytes) -> int | None:
    """Where Go's base64.StdEncoding sees the first wrong byte, or None."""
    alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    position, size = 0, len(data)
    while True:
        count = 0
        while count < 4:
            if position == size:
                return None if count == 0 else position - count
            byte = data[position]
            position += 1
            if byte in alphabet:
                count += 1
            elif byte in b"\r\n":
                continue
            elif byte != 0x3D or count < 2:
                return position - 1
            else:
                return _bad_padding(data, position, count)


def _bad_padding(data: bytes, position: int, count: int) -> int | None:
    """The same, from after the first "=", which stands after `count` characters of four."""
    size = len(data)
    if count == 2:
        while position < size and data[position] in b"\r\n":
            position += 1
        if position == size:
            return size
        if data[position] != 0x3D:
            return position - 1
        position += 1
    while position < size and data[position] in b"\r\n":
        position += 1
    return position if position < size else None


BYTE_LIST = Type(Form.LIST, go="[]uint8", element=Type(Form.INTEGER, go="uint8", bits=8))

READERS: dict[Form, Callable[[_TypedReader, Type], None]] = {
    Form.OBJECT: _TypedReader.struct,
    Form.MAP: _TypedReader.mapping,
    Form.LIST: _TypedReader.array,
    Form.STRING: _TypedReader.text,
    Form.INTEGER: lambda reader, type_: (reader.octet if type_.bits == 8 else reader.integer)(type_),
    Form.NUMBER: _TypedReader.number,
    Form.BOOLEAN: _TypedReader.boolean,
    Form.BYTES: _TypedReader.encoded,
    Form.TIME: _TypedReader.unmarshaler,
    Form.MICRO_TIME: _TypedReader.unmarshaler,
    Form.QUANTITY: _TypedReader.unmarshaler,
    Form.INT_OR_STRING: _TypedReader.unmarshaler,
    Form.ANY: _TypedReader.unmarshaler,
    Form.UNION: _TypedReader.unmarshaler,
}
