"""Which flow a request belongs to: the first FlowSchema that matches user and request, and its priority level.

Follows apiserver's util/flowcontrol/rule.go.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from fakekube.apis.flowcontrol import flowschemas, prioritylevelconfigurations
from fakekube.machinery.objects import Object, UserInfo
from fakekube.registry.client import Reader
from fakekube.server.requestinfo import RequestInfo

REMEMBERED = 1_000
"""Users whose flow schemas are kept, at most."""
SERVICE_ACCOUNT = "system:serviceaccount:"


class Flow(NamedTuple):
    """UIDs of the FlowSchema that a request matches and of its PriorityLevelConfiguration."""

    schema: str
    level: str


class _Candidate(NamedTuple):
    """A rule whose subjects a user is among."""

    rule: Object
    flow: Flow


class Flows:
    """The flow schemas of one world; what was found for a user holds until a schema or level changes."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader
        self._revisions = (-1, -1)
        self._schemas: list[tuple[Object, Flow]] = []
        self._candidates: dict[tuple[str, tuple[str, ...]], list[_Candidate]] = {}

    def classify(self, user: UserInfo, info: RequestInfo) -> Flow | None:
        """The flow of the first schema, by precedence, that matches; None if not even the last resort is there."""
        self._refresh()
        who = user.name, user.groups
        candidates = self._candidates.get(who)
        if candidates is None:
            if len(self._candidates) >= REMEMBERED:
                self._candidates.clear()
            candidates = self._candidates[who] = list(self._of(user))
        for rule, flow in candidates:
            if _covers(rule, info):
                return flow
        return next((flow for schema, flow in self._schemas if schema["metadata"]["name"] == "catch-all"), None)

    def _refresh(self) -> None:
        reader = self._reader
        revisions = reader.revision(flowschemas.RESOURCE), reader.revision(prioritylevelconfigurations.RESOURCE)
        if revisions != self._revisions:
            self._revisions, self._candidates = revisions, {}
            self._schemas = self._read()

    def _read(self) -> list[tuple[Object, Flow]]:
        """Schemas whose levels exist, in order of precedence, then by name."""
        levels = {
            level["metadata"]["name"]: level["metadata"]["uid"]
            for level in self._reader.list(prioritylevelconfigurations.RESOURCE)
        }
        schemas = sorted(
            self._reader.list(flowschemas.RESOURCE),
            key=lambda schema: (schema["spec"].get("matchingPrecedence", 0), schema["metadata"]["name"]),
        )
        named = ((schema, schema["spec"]["priorityLevelConfiguration"]["name"]) for schema in schemas)
        return [(schema, Flow(schema["metadata"]["uid"], levels[level])) for schema, level in named if level in levels]

    def _of(self, user: UserInfo) -> Iterator[_Candidate]:
        for schema, flow in self._schemas:
            for rule in schema["spec"].get("rules") or ():
                if any(_is_subject(user, subject) for subject in rule.get("subjects") or ()):
                    yield _Candidate(rule, flow)


def _is_subject(user: UserInfo, subject: Object) -> bool:
    kind = subject["kind"]
    if kind == "User":
        return subject["user"]["name"] in ("*", user.name)
    if kind == "Group":
        name = subject["group"]["name"]
        return name == "*" or name in user.groups
    account = subject["serviceAccount"]
    prefix = f"{SERVICE_ACCOUNT}{account['namespace']}:"
    return user.name.startswith(prefix) and account["name"] in ("*", user.name.removeprefix(prefix))


def _covers(rule: Object, info: RequestInfo) -> bool:
    if info.is_resource:
        return any(_covers_resource(each, info) for each in rule.get("resourceRules") or ())
    return any(
        _has(each["verbs"], info.verb) and any(_is_below(info.path, url) for url in each["nonResourceURLs"])
        for each in rule.get("nonResourceRules") or ()
    )


def _covers_resource(rule: dict[str, Any], info: RequestInfo) -> bool:
    resource = f"{info.resource}/{info.subresource}" if info.subresource else info.resource
    if not (
        _has(rule["verbs"], info.verb) and _has(rule["resources"], resource) and _has(rule["apiGroups"], info.group)
    ):
        return False
    return _has(rule.get("namespaces") or (), info.namespace) if info.namespace else bool(rule.get("clusterScope"))


def _has(listed: Sequence[str], value: str) -> bool:
    return value in listed or list(listed) == ["*"]


def _is_below(path: str, url: str) -> bool:
    """Whether a path is what a rule names, or below it."""
    return url in ("*", path) or path.startswith(f"{url.removesuffix('*').rstrip('/')}/")
