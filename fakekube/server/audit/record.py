"""What the audit log says of one request, stage by stage. Follows apiserver's audit/request.go and filters/audit.go."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

import orjson
from aiohttp.web_request import BaseRequest

from fakekube.authz.attributes import Attributes, Verdict
from fakekube.machinery.objects import Object, UserInfo
from fakekube.machinery.times import format_micro
from fakekube.server.audit.formats import Event, Write, as_json
from fakekube.server.audit.logfile import Sink
from fakekube.server.audit.policy import COMPLETE, RECEIVED, STARTED, Level, Policy
from fakekube.server.requestinfo import RequestInfo

AGENT_LIMIT = 1024
LONG_VERBS = frozenset({"watch", "proxy"})
LONG_SUBRESOURCES = frozenset({"attach", "exec", "proxy", "log", "portforward"})
PATCHES = "patch.webhook.admission.k8s.io/"
"""Annotations with what webhooks have changed, which only the detailed levels have."""
STATUS = re.compile(rb'\{"kind":"Status","apiVersion":"v1"')
CLOSED: dict[str, Any] = {"metadata": {}, "status": "Success", "message": "Connection closed early", "code": 200}

DECISION, REASON = "authorization.k8s.io/decision", "authorization.k8s.io/reason"


class Auditor:
    """A policy, where its events go and in what form."""

    def __init__(self, policy: Policy, sink: Sink, form: Write = as_json) -> None:
        self._policy = policy
        self._sink = sink
        self._form = form

    def begin(
        self, request: BaseRequest, attributes: Attributes, audit_id: str, started: float, *, anonymous: bool = False
    ) -> Record | None:
        """The record of a request, if it has one; `anonymous`: nobody vouches for the user."""
        level, omitted = self._policy.judge(attributes, anonymous=anonymous)
        if level is Level.NONE:
            return None
        record = Record(lambda event: self._sink.write(self._form(event)), level, omitted, attributes)
        record.event.update(
            level=level.label,
            auditID=audit_id,
            requestURI=request.path_qs,
            verb=attributes.verb,
            user={} if anonymous else _user(attributes.user),
            sourceIPs=source_addresses(request.headers, request.remote),
            userAgent=_agent(request.headers.get("User-Agent", "")),
            objectRef=_reference(attributes) if attributes.is_resource else None,
            requestReceivedTimestamp=format_micro(started),
        )
        return record


class Record:
    """One request's events."""

    __slots__ = (
        "_annotations",
        "_long",
        "_omitted",
        "_started",
        "_unseen",
        "_write",
        "event",
        "level",
        "unauthenticated",
    )

    def __init__(
        self, write: Callable[[Event], None], level: Level, omitted: frozenset[str], attributes: Attributes
    ) -> None:
        self._write = write
        self._omitted = omitted
        self._long = is_long_running(attributes)
        self._unseen = attributes.verb == "watch"
        """Where all goes well the real server writes the answer past its audit, which is told nothing of it."""
        self._started = False
        self._annotations: dict[str, str] = {}
        self.level = level
        self.unauthenticated = False
        """Nobody vouches for whoever has sent it: the answer is the one event that there is."""
        self.event: dict[str, Any] = {}
        """Fields of the event so far."""

    def received(self) -> None:
        """The request is there."""
        self._emit(RECEIVED, self.event["requestReceivedTimestamp"])

    def impersonated(self, user: UserInfo) -> None:
        """It is made in the name of another user."""
        self.event["impersonatedUser"] = _user(user)

    def judged(self, verdict: Verdict) -> None:
        """What authorization says."""
        failed = bool(verdict.error) and not verdict.allowed
        if not failed:
            self._annotations[DECISION] = "allow" if verdict.allowed else "forbid"
        self._annotations[REASON] = "internal error" if failed else verdict.reason

    def requested(self, metadata: Mapping[str, Any], shown: bytes) -> None:
        """The object that was sent; `shown` is its JSON, b"" at levels that leave it out."""
        reference = self.event["objectRef"]
        for field in ("namespace", "name", "uid", "resourceVersion"):
            if not reference.get(field) and (value := metadata.get(field)):
                reference[field] = value
        self.event["objectRef"] = _in_order(reference)
        self.sent(shown)

    def sent(self, shown: bytes) -> None:
        """What was sent is no object: a patch."""
        if shown and self.level >= Level.REQUEST:
            try:
                orjson.loads(shown)
            except ValueError:
                return
            self.event["requestObject"] = orjson.Fragment(shown)

    def answered(self, shown: bytes) -> None:
        """The object of the answer, as compact JSON."""
        if STATUS.match(shown):
            status = orjson.loads(shown)
            fields = {name: status[name] for name in ("status", "reason", "code") if name in status}
            self.event["responseStatus"] = {"metadata": {}, **fields}
        if self.level >= Level.REQUEST_RESPONSE:
            self.event["responseObject"] = orjson.Fragment(shown)

    def started(self, code: int) -> None:
        """The answer begins; only what takes long has an event of it."""
        if self._unseen and "responseStatus" not in self.event:
            return
        if self._long and not self._started:
            self._started = True
            self._code(code)
            self._emit(STARTED, format_micro(time.time()))

    def complete(self, code: int, annotations: Mapping[str, str]) -> None:
        """The answer is given; `annotations` are those of admission."""
        for name, value in annotations.items():
            if self.level >= Level.REQUEST or not name.startswith(PATCHES):
                self._annotations.setdefault(name, value)
        if self._unseen:
            self.event.setdefault("responseStatus", CLOSED)
        if not self.unauthenticated:
            self.started(code)
        self._code(code)
        self._emit(STARTED if self.unauthenticated else COMPLETE, format_micro(time.time()))

    def closed(self) -> None:
        """The client has gone before there was an answer."""
        if "responseStatus" not in self.event:
            self.event["responseStatus"] = CLOSED
            self.started(CLOSED["code"])
        self._emit(COMPLETE, format_micro(time.time()))

    def _code(self, code: int) -> None:
        self.event["responseStatus"] = {**self.event.get("responseStatus", {"metadata": {}}), "code": code}

    def _emit(self, stage: str, moment: str) -> None:
        if stage in self._omitted:
            return
        self.event.update(stage=stage, stageTimestamp=moment, annotations=self._annotations)
        fields = ((name, self.event.get(name)) for name in ORDER)
        shown = {name: value for name, value in fields if value or name in ALWAYS}
        self._write({"kind": "Event", "apiVersion": "audit.k8s.io/v1", **shown})


ORDER = (
    "level", "auditID", "stage", "requestURI", "verb", "user", "impersonatedUser", "sourceIPs", "userAgent",
    "objectRef", "responseStatus", "requestObject", "responseObject", "requestReceivedTimestamp", "stageTimestamp",
    "annotations",
)  # fmt: skip
ALWAYS = frozenset({"verb", "user"})


def is_long_running(a: Attributes | RequestInfo) -> bool:
    """Whether the answer may take as long as the client likes."""
    if not a.is_resource:
        return a.path.startswith("/debug/pprof/")
    return a.verb in LONG_VERBS or a.subresource in LONG_SUBRESOURCES


def source_addresses(headers: Mapping[str, str], remote: str | None) -> list[str]:
    """Where a request comes from: what proxies say, then the other end of the connection."""
    found = [text for part in headers.get("X-Forwarded-For", "").split(",") if (text := _address(part))]
    real = _address(headers.get("X-Real-Ip", ""))
    if real and real not in found:
        found.append(real)
    other = _address(remote or "")
    if other and found[-1:] != [other]:
        found.append(other)
    return found


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""


def _agent(text: str) -> str:
    return text if len(text) <= AGENT_LIMIT else f"{text[:AGENT_LIMIT]}...TRUNCATED"


def _user(user: UserInfo) -> Object:
    extra = {name: list(values) for name, values in user.extra.items()}
    fields = {"username": user.name, "uid": user.uid, "groups": list(user.groups), "extra": extra}
    return {name: value for name, value in fields.items() if value}


REFERENCE = ("resource", "namespace", "name", "uid", "apiGroup", "apiVersion", "resourceVersion", "subresource")


def _reference(a: Attributes) -> Object:
    values = {
        "resource": a.resource, "namespace": a.namespace, "name": a.name, "apiGroup": a.group,
        "apiVersion": a.version, "subresource": a.subresource,
    }  # fmt: skip
    return _in_order(values)


def _in_order(reference: Object) -> Object:
    return {field: value for field in REFERENCE if (value := reference.get(field))}
