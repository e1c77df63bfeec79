from __future__ import annotations

import pytest
from fake_client import FakeClient, manager

from fakekube.apis.core.configmaps import RESOURCE as CONFIGMAPS
from fakekube.controllers.controller import Controller, Watch, gone
from fakekube.controllers.manager import AT_ONCE, Rests
from fakekube.machinery.objects import Key, Object
from fakekube.registry.client import Client
from fakekube.runtime.queue import SOON

A = Key("ns", "a")


def config_map() -> Object:
    return {"metadata": {"name": "a", "namespace": "ns"}, "data": {}}


class Seen:
    """A controller that only remembers what it was called for."""

    def __init__(self, *watches: Watch) -> None:
        self.keys: list[Key] = []
        self.api = FakeClient()
        self.manager = manager(self.api, (Controller("seen", watches, self.reconcile),))
        self.manager.start()

    async def reconcile(self, key: Key, _: Client) -> None:
        self.keys.append(key)


async def test_only_changes_that_count_are_looked_at() -> None:
    seen = Seen(Watch(CONFIGMAPS, when=gone))
    await seen.api.create(CONFIGMAPS, config_map())
    await seen.manager.idle()
    assert seen.keys == []
    await seen.api.delete(CONFIGMAPS, A)
    await seen.manager.idle()
    assert seen.keys == [A]


async def test_a_change_that_can_wait_waits() -> None:
    seen = Seen(Watch(CONFIGMAPS, delay=lambda old, new, key, now: 60.0))
    await seen.api.create(CONFIGMAPS, config_map())
    await seen.manager.idle()
    assert seen.keys == []
    seen.api.clock.advance(60.1)
    await seen.manager.idle()
    assert seen.keys == [A]


def test_only_keys_that_change_again_and_again_rest() -> None:
    rests, now = Rests(), 100.0
    for _ in range(AT_ONCE):
        assert rests.remaining(A, now) == 0
        rests.note(A, now)
    assert rests.remaining(A, now) == pytest.approx(SOON)
    assert rests.remaining(A, now + SOON / 2) == pytest.approx(SOON / 2)
    assert rests.remaining(Key("ns", "b"), now) == 0
    rests.note(A, now + 1)
    assert rests.remaining(A, now + 1) == 0
