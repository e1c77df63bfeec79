"""Decision records as objects of the API: RequestRecords that live in a collection of their own.

They count their own revisions, since a mere read must not move the store's. An object is made of a record when somebody
looks at it, so that a request which nobody asks about pays next to nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fakekube.apis.sim.requestrecords import RESOURCE
from fakekube.authz.closest import closest
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.times import format_time
from fakekube.registry.client import Reader
from fakekube.registry.codec import Codec
from fakekube.server.context import Decision
from fakekube.storage.cache import Collection, Entry

KEPT = 1_000
Render = Callable[[Decision], Object]


class RecordEntry(Entry):
    """An entry whose object is made when first asked for."""

    __slots__ = ("_decision", "_made", "_render")

    def __init__(self, key: Key, decision: Decision, revision: int, render: Render) -> None:
        self.key = key
        self.revision = self.created = revision
        self.encoded = {}
        self._decision, self._render = decision, render
        self._made: Object | None = None

    @property
    def object(self) -> Object:
        """The RequestRecord."""
        if self._made is None:
            body = self._render(self._decision)
            metadata = {"name": self.key.name, "uid": self._decision.audit_id, "resourceVersion": str(self.revision)}
            metadata["creationTimestamp"] = format_time(self._decision.started)
            self._made = {"kind": RESOURCE.kind, "apiVersion": VERSION, "metadata": metadata, **body}
        return self._made

    @object.setter
    def object(self, _: Object) -> None:
        """Entry wants to set one; there is none yet."""

    def forget(self) -> None:
        """Let go of what would take much room."""
        self._decision.findings.clear()


VERSION = f"{RESOURCE.group}/{RESOURCE.storage_version.name}"


class Journal(Collection):
    """The latest records, the oldest first, each under a running number."""

    def __init__(self, render: Render) -> None:
        super().__init__(f"{RESOURCE.group}/{RESOURCE.plural}", 0, KEPT)
        self._render = render

    def add(self, decision: Decision) -> None:
        """Take a record in and tell those who watch."""
        revision = self.revision + 1
        name = f"{revision:08d}"
        entry = RecordEntry(Key("", name), decision, revision, self._render)
        dropped = self.add_last(name, entry, KEPT)
        if isinstance(dropped, RecordEntry):
            dropped.forget()


class Recorder:
    """Writes decisions down, with the roles that come closest to what was refused."""

    def __init__(self, codec: Codec, reader: Reader) -> None:
        self._codec, self._reader = codec, reader

    def __call__(self, decision: Decision) -> Object:
        """A RequestRecord's fields beside its metadata."""
        record = {
            "request": _request(decision),
            "user": _user(decision),
            "authorization": self._authorization(decision),
            "admission": _admission(decision),
            "response": {"code": decision.code, "message": decision.message},
            "latency": {name: round(seconds, 6) for name, seconds in decision.latency.items()},
        }
        whole: Object = self._codec.shown(RESOURCE, RESOURCE.storage_version.name, {"metadata": {}, **record})
        return {name: value for name, value in whole.items() if name in record}

    def _authorization(self, decision: Decision) -> Object:
        verdict, asked = decision.verdict, decision.asked
        if verdict is None:
            return {}
        found: Object = {
            "decision": verdict.decision.value,
            "authorizer": verdict.authorizer,
            "reason": verdict.reason,
            "rule": verdict.rule,
        }
        if asked is not None and not verdict.allowed:
            found["closest"] = closest(asked, self._reader)
        return found


def _request(decision: Decision) -> Object:
    found: Object = {
        "auditID": decision.audit_id,
        "method": decision.method,
        "uri": decision.uri,
        "userAgent": decision.user_agent,
    }
    info = decision.info
    if info is not None and info.is_resource:
        found |= {
            "verb": info.verb,
            "apiGroup": info.group,
            "apiVersion": info.version,
            "resource": info.resource,
            "subresource": info.subresource,
            "namespace": info.namespace,
            "name": info.name,
        }
    return found


def _user(decision: Decision) -> Object:
    if decision.identity is None:
        return {"rejected": list(decision.rejected)}
    user = decision.impersonated or decision.identity.user
    found: Object = {
        "username": user.name,
        "groups": list(user.groups),
        "authenticator": decision.identity.authenticator,
    }
    if decision.impersonated is not None:
        found["impersonatedBy"] = decision.identity.user.name
    return found


def _admission(decision: Decision) -> list[dict[str, Any]]:
    return [
        {"plugin": plugin, "findings": [found() if callable(found) else found for found in findings]}
        for plugin, findings in decision.findings.items()
    ]
