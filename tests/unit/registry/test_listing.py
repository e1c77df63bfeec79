"""Lists: revisions, pages and continue tokens, and what is wrong with them."""

from __future__ import annotations

import asyncio
from base64 import urlsafe_b64encode
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.apis.core.configmaps import RESOURCE
from fakekube.apis.core.events import RESOURCE as EVENTS
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.status import StatusError
from fakekube.registry import continuation, listing
from fakekube.registry.listing import Page
from fakekube.storage.cache import Cache
from fakekube.storage.memory import Memory

NOT_A_NUMBER = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax'
FUTURE = "etcdserver: mvcc: required revision is a future revision"


async def filled(*names: str) -> Cache:
    """Config maps a/NAME, labelled "odd" by turns."""
    cache = Cache(Memory())
    await cache.start()
    for number, name in enumerate(names):
        labels = {"odd": str(number % 2)}
        metadata = {"namespace": "a", "name": name, "resourceVersion": "0", "labels": labels}
        obj: Object = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata}
        await cache.commit("core/configmaps", Key("a", name), obj, 0)
    return cache


def page(cache: Cache, *, resource: Any = RESOURCE, namespace: str = "a", **options: Any) -> Page:
    chosen = listing.predicate(resource, "v1", namespace, "", listing.read_selectors(options))
    named = {"continue" if name == "token" else name: value for name, value in options.items()}
    return listing.page(cache, resource, cache.collection("core/configmaps"), chosen, named)


def names(found: Page) -> list[str]:
    return [entry.key.name for entry in found.entries]


@given(st.integers(1, 6), st.sampled_from(["a", ""]), st.sampled_from(["", "odd=1", "odd=2"]))
def test_pages_are_the_whole_list_in_parts(limit: int, namespace: str, selector: str) -> None:
    cache = asyncio.run(filled(*"abcde"))
    options = {"namespace": namespace, "labelSelector": selector}
    found, token, remaining = [], "", []
    while True:
        part = page(cache, limit=limit, token=token, **options)
        found += names(part)
        remaining.append(part.remaining)
        if not (token := part.token):
            break
    assert found == names(page(cache, **options))
    assert remaining[-1] is None
    if not selector and limit < 5:
        assert remaining[0] == 5 - limit


async def test_a_token_keeps_to_its_revision() -> None:
    cache = await filled("a", "b", "c")
    first = page(cache, limit=1)
    gone = cache.collection("core/configmaps").get(Key("a", "b"))
    assert gone is not None
    await cache.commit("core/configmaps", gone.key, None, gone.revision)
    rest = page(cache, token=first.token)
    assert (names(rest), rest.revision) == (["b", "c"], first.revision)


@pytest.mark.parametrize(
    ("options", "found", "now"),
    [
        ({}, "abc", True),
        ({"resourceVersion": "0"}, "abc", True),
        ({"resourceVersion": "0", "limit": 1}, "abc", True),  # from the watch cache, which does not cut
        ({"resourceVersion": "3"}, "abc", True),
        ({"resourceVersion": "3", "limit": 5}, "ab", False),
        ({"resourceVersion": "3", "resourceVersionMatch": "Exact"}, "ab", False),
        ({"resourceVersion": "3", "resourceVersionMatch": "NotOlderThan"}, "abc", True),
        ({"resourceVersion": "3", "resourceVersionMatch": "NotOlderThan", "limit": 5}, "abc", True),
        ({"limit": -1}, "abc", True),
        ({"fieldSelector": "metadata.name=b"}, "b", True),
        ({"fieldSelector": "metadata.name=c", "resourceVersion": "3", "resourceVersionMatch": "Exact"}, "", True),
    ],
)
async def test_revisions(options: dict[str, Any], found: str, now: bool) -> None:
    cache = await filled("a", "b", "c")
    shown = page(cache, **options)
    assert names(shown) == list(found)
    assert shown.revision == (cache.revision if now else 3)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ({"resourceVersion": "x"}, 500, NOT_A_NUMBER),
        ({"resourceVersion": "x", "limit": 1}, 400, f"invalid resource version: {NOT_A_NUMBER}"),
        ({"resourceVersion": "x", "resource": EVENTS}, 400, f"invalid resource version: {NOT_A_NUMBER}"),
        ({"resourceVersion": "99"}, 504, "Timeout: Too large resource version: 99, current: 2"),
        ({"resourceVersion": "99", "limit": 1}, 500, FUTURE),
        ({"resourceVersion": "99", "resourceVersionMatch": "Exact"}, 500, FUTURE),
        ({"resourceVersion": "5", "token": continuation.encode(2, "x")}, 400,
         "specifying resource version is not allowed when using continue"),
        ({"labelSelector": "a b"}, 400,
         "unable to parse requirement: found 'b', expected: '=', '!=', '==', 'in', notin'"),
        ({"fieldSelector": "x"}, 400, "invalid selector: 'x'; can't understand 'x'"),
        ({"fieldSelector": "x=y"}, 400,
         '"x" is not a known field selector: only "metadata.name", "metadata.namespace"'),
    ],
)  # fmt: skip
async def test_faults(options: dict[str, Any], code: int, message: str) -> None:
    cache = await filled("a")
    with pytest.raises(StatusError) as error:
        page(cache, **options)
    assert (error.value.code, error.value.message) == (code, message)


async def test_the_future_says_when_to_come_back() -> None:
    cache = await filled("a")
    with pytest.raises(StatusError) as error:
        page(cache, resourceVersion="99")
    assert error.value.status["details"]["retryAfterSeconds"] == 1
    assert error.value.headers == {"Retry-After": "1"}


def token(text: str) -> str:
    return urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nonsense", "invalid character '\\u009e' looking for beginning of value"),
        ("a", "illegal base64 data at input byte 0"),
        ("ab=d", "illegal base64 data at input byte 2"),
        (token("{}"), 'server does not recognize this encoded version ""'),
        (token('{"v":"v2"}'), 'server does not recognize this encoded version "v2"'),
        (token('{"v":"meta.k8s.io/v1"}'), "incorrect encoded start resourceVersion (version meta.k8s.io/v1)"),
        (token('{"v":"meta.k8s.io/v1","rv":5}'), "encoded start key empty (version meta.k8s.io/v1)"),
        (token('{"v":"meta.k8s.io/v1","rv":5,"start":"../x"}'), "../x"),
        (token('{"v":"meta.k8s.io/v1","rv":5,"start":"a//x"}'), "a//x"),
        (token('{"v":"meta.k8s.io/v1","rv":"5","start":"x"}'),
         "json: cannot unmarshal string into Go struct field continueToken.rv of type int64"),
        (token("[]"), "json: cannot unmarshal array into Go value of type etcd3.continueToken"),
    ],
)  # fmt: skip
def test_faulty_tokens(text: str, problem: str) -> None:
    with pytest.raises(StatusError) as error:
        continuation.decode(text)
    assert error.value.message == f"invalid continue token: continue key is not valid: {problem}"


@given(st.integers(-1, 2**62).filter(bool), st.from_regex(r"[a-z.-]*[a-z]/?[a-z][a-z0-9-]*\x00?", fullmatch=True))
def test_tokens_say_what_they_were_made_of(revision: int, start: str) -> None:
    assert continuation.decode(continuation.encode(revision, start)) == (revision, start)


@given(st.text(max_size=40))
def test_any_token_is_read_or_refused(text: str) -> None:
    with suppress(StatusError):
        assert continuation.decode(text)[1]
