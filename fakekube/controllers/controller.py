"""The shape of a controller: what it watches, and how to bring one key's part of the world in line.

`reconcile` gets a key, never the event: it reads the world and makes it right, as often as it is called. Its contract:
it returns None when done, or the seconds after which to come back; a StatusError makes the queue come back with a
back-off. Pure plans do the thinking (tested by tables); the reconciler carries them out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable

from msgspec import Struct

from fakekube.apis.resource import Resource
from fakekube.machinery.objects import Key, Object, key_of
from fakekube.registry.changes import Changes
from fakekube.registry.client import Client, Reader

Reconcile = Callable[[Key, Client], Awaitable[float | None]]
Keys = Callable[[Object, Reader], Iterable[Key]]
Concerns = Callable[[Object | None, Object | None], bool]
"""(old, new): whether that change is worth a look; None for what did not exist before or does not any more."""
Delay = Callable[[Object | None, Object | None, Key, float], float]
"""(old, new, key, now): seconds after which the key is looked at."""
Listen = Callable[[Changes, Callable[[Key], None]], None]
"""Subscribes to changes by itself and adds keys by the second argument; for controllers of any kind of object."""


def itself(obj: Object, _: Reader) -> Iterable[Key]:
    """The key of the object that changed."""
    return (key_of(obj),)


class Watch(Struct, frozen=True):
    """Each change of such an object, by its old and its new state, puts the keys it concerns into the queue."""

    resource: Resource
    keys: Keys = itself
    when: Concerns | None = None
    """Which changes count; None: all."""
    delay: Delay | None = None
    """How long a change can wait; None: not at all."""


def gone(_: Object | None, new: Object | None) -> bool:
    """The change is the object's end."""
    return new is None


class Controller(Struct, frozen=True):
    """One controller. `name` is also its service account in kube-system, as whom it writes."""

    name: str
    watches: tuple[Watch, ...]
    reconcile: Reconcile
    manager: str = "kube-controller-manager"
    """The field manager of its writes."""
    workers: int = 1
    """How many keys are reconciled at the same time."""
    listen: Listen | None = None
    """What it watches beyond `watches`."""
    component: str = ""
    """Whom its events name as their source, where that is not the name."""
    start: tuple[Key, ...] = ()
    """Keys that are reconciled once at the start, whatever exists."""
