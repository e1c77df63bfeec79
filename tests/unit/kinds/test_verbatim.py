"""A ControllerRevision's data is a text: what means the same in other words is another one."""

from __future__ import annotations

import pytest
from stores import CATALOG, codec, registry_of_its_own, scope

from fakekube.machinery.decoding import decode_json
from fakekube.machinery.jsontext import Verbatim, as_sent, text_of
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError

BODY = '{"apiVersion": "apps/v1", "kind": "ControllerRevision", "metadata": {"name": "x"}, "revision": 1, "data": %s}'


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"data": {"a" : 1}}', b'{"a" : 1}'),
        (b' { "x":"}" ,\n"data":{"a":[ {} ]} } ', b'{"a":[ {} ]}'),
        (b'{"data":{"a":1},"data":{ }}', b"{ }"),
        (b"{}", None),
        (b'{"data":[1]}', None),
        (b"", None),
    ],
)
def test_text(data: bytes, text: bytes | None) -> None:
    value = as_sent(decode_json(data or b"{}").get("data", Verbatim(a=1)), "data", data)
    assert (text_of(value) if isinstance(value, Verbatim) else None) == text


@pytest.mark.parametrize(
    ("sent", "again", "same"),
    [
        ('{"a":1}', '{"a":1}', True),
        ('{"a": 1}', '{"a": 1}', True),
        ('{"a": 1}', '{"a":1}', False),
        ('{"a":1,"b":2}', '{"b":2,"a":1}', False),
    ],
)
async def test_update(sent: str, again: str, same: bool) -> None:
    resource = CATALOG.get("apps", "controllerrevisions")
    assert resource is not None
    version = resource.storage_version
    store = (await registry_of_its_own()).store(resource)

    def read(data: str) -> Object:
        raw = (BODY % data).encode()
        return codec().decode(resource, version, decode_json(raw), raw)

    async def make(_: object) -> Object:
        return read(again)

    await store.create(scope(resource, version), read(sent))
    there = scope(resource, version, "x")
    if same:
        await store.update(there, make)
    else:
        with pytest.raises(StatusError, match="field is immutable"):
            await store.update(there, make)
