"""Whether what a scenario's step leaves behind is there: looked up in a cluster, with the rights of whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from fakekube.cli import discovery
from fakekube.cli.connected import Refused, ask
from fakekube.cli.connection import Connection
from fakekube.cli.scenarios import Check
from fakekube.machinery.jsonpath import JSONPath, PathError
from fakekube.machinery.objects import Key, Object
from fakekube.machinery.users import (
    AUTHENTICATED,
    SERVICE_ACCOUNT_PREFIX,
    service_account_groups,
    service_account_name,
)

REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class Examiner:
    """Answers checks. Discovery is asked once, when the first check needs it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: discovery.Index | None = None

    def problem(self, check: Check) -> str:
        """What is wrong; "" if nothing is. Raises ConnectionProblem."""
        try:
            return self._permission(check) if check.can else self._object(check)
        except Refused as error:
            return f"it cannot be looked up: {error.message}"

    def _find(self, name: str) -> discovery.Known | None:
        if self._known is None:
            self._known = discovery.discover(self._connection)
        return discovery.find(self._known, name)

    def _object(self, check: Check) -> str:
        kind, _, name = check.get.partition("/")
        path, called = check.path, check.path
        if check.get:
            known = self._find(kind)
            if known is None:
                return f"the cluster has no {kind}"
            namespace = (check.namespace or self._connection.namespace) if known.namespaced else ""
            path = known.path(namespace, name)
            called = f"{known.kind} {name}" if name else known.plural
            called += f" in the namespace {namespace}" if namespace else ""
        if check.selector:
            called += f" with {check.selector}"
            path += f"?{urlencode({'labelSelector': check.selector})}"
        return judged(check, called, self._read(path))

    def _read(self, path: str) -> Object | None:
        try:
            return ask(self._connection, "GET", path)
        except Refused as error:
            if error.code == 404:
                return None
            raise

    def _permission(self, check: Check) -> str:
        verb, resource = check.can.split()
        name, _, subresource = resource.partition("/")
        known = self._find(name)
        if known is None:
            return f"the cluster has no {name}"
        namespace = check.namespace or self._connection.namespace
        asked = {"verb": verb, "group": known.group, "resource": known.plural, "subresource": subresource}
        if known.namespaced:
            asked["namespace"] = namespace
        user, groups = person(check.user, namespace)
        spec = {"resourceAttributes": asked, "user": user, "groups": [*groups, *check.groups]}
        answer = ask(self._connection, "POST", REVIEWS, {"spec": spec})
        allowed = bool((answer.get("status") or {}).get("allowed"))
        if allowed == (check.answer == "yes"):
            return ""
        where = f" in the namespace {namespace}" if known.namespaced else ""
        return f"{user} {'may' if allowed else 'may not'} {verb} {resource}{where}"


def person(name: str, namespace: str) -> tuple[str, tuple[str, ...]]:
    """(user, groups) for a user's name, or for "serviceaccount:NAME" or "serviceaccount:NAMESPACE:NAME"."""
    kind, _, rest = name.partition(":")
    if kind == "serviceaccount":
        where, _, account = rest.rpartition(":")
        key = Key(where or namespace, account)
        return service_account_name(key), (*service_account_groups(key.namespace), AUTHENTICATED)
    if name.startswith(SERVICE_ACCOUNT_PREFIX):
        where = name.removeprefix(SERVICE_ACCOUNT_PREFIX).partition(":")[0]
        return name, (*service_account_groups(where), AUTHENTICATED)
    return name, (AUTHENTICATED,)


def judged(check: Check, called: str, found: Object | None) -> str:
    """What is wrong with an object or a list that was found, or not."""
    candidates = [] if found is None else found.get("items", [found])
    problems = [next(wrong(check, candidate), "") for candidate in candidates]
    fitting = [problem for problem in problems if not problem]
    if check.absent:
        return f"there is still {called}" if fitting else ""
    if fitting:
        return ""
    return f"{called}: {problems[0]}" if problems else f"there is no {called}"


def wrong(check: Check, obj: Object) -> Iterator[str]:
    """Each value that is not what it should be."""
    for path, expected in check.where.items():
        try:
            values = [shown(value) for value in JSONPath(path).find(obj)]
        except PathError as error:
            yield f"{path}: {error}"
            continue
        if shown(expected) not in values:
            yield f"{path} is {', '.join(values) or 'not set'}, not {shown(expected)}"


def shown(value: Any) -> str:
    """A value as it is written in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)
