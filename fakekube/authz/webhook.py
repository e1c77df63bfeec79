"""Somebody else decides: SubjectAccessReviews posted to the server of --authorization-webhook-config-file.

Follows apiserver's plugin/pkg/authorizer/webhook.
"""

from __future__ import annotations

import logging
from pathlib import Path

import orjson

from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.modes import UserRules
from fakekube.machinery.goformat import quote
from fakekube.machinery.objects import Object, UserInfo
from fakekube.runtime.clock import Clock
from fakekube.runtime.expiring import Expiring
from fakekube.runtime.https import CallFailed
from fakekube.runtime.webhooks import Backend

NAME = "Webhook"
GROUP, KIND = "authorization.k8s.io", "SubjectAccessReview"
VERSIONS = {"v1": "groups", "v1beta1": "group"}
"""Version -> what it calls the groups of the user."""
REMEMBERED = 8192
MOST_REMEMBERED = 10_000
"""Characters of what clients choose: longer requests are not remembered."""
CONTRADICTION = "webhook subject access review returned both allow and deny response"
_LOG = logging.getLogger("fakekube.authz")


class Webhook:
    """The mode Webhook of --authorization-mode."""

    def __init__(
        self, kubeconfig: Path, version: str, clock: Clock, authorized_for: float = 300, unauthorized_for: float = 30
    ) -> None:
        """Answers are remembered for so many seconds. Raises ValueError for what cannot be used."""
        if version not in VERSIONS:
            known = ", ".join(quote(name) for name in VERSIONS)
            raise ValueError(f"unsupported webhook authorizer version {quote(version)}, supported versions are {known}")
        self._backend = Backend(kubeconfig)
        self._version = version
        self._clock = clock
        self._ttl = {True: authorized_for, False: unauthorized_for}
        self._known: Expiring[bytes, Object] = Expiring(REMEMBERED)

    async def decide(self, attributes: Attributes) -> Verdict:
        """What the backend says; NO_OPINION with an error if it says nothing."""
        try:
            status = await self._status(attributes)
        except CallFailed as error:
            _LOG.error("Failed to make webhook authorizer request: %s", error)
            return Verdict(Decision.NO_OPINION, authorizer=NAME, error=str(error))
        allowed, denied, reason = bool(status.get("allowed")), bool(status.get("denied")), status.get("reason") or ""
        if denied:
            return Verdict(Decision.DENY, reason, NAME, error=CONTRADICTION if allowed else "")
        return Verdict(Decision.ALLOW if allowed else Decision.NO_OPINION, reason, NAME)

    def rules_for(self, user: UserInfo, namespace: str) -> UserRules:
        """Nobody can ask a backend for all its rules."""
        return UserRules(incomplete=True, errors=("webhook authorizer does not support user rule resolution",))

    async def _status(self, a: Attributes) -> Object:
        """Raises CallFailed."""
        spec = spec_of(a, VERSIONS[self._version])
        name, now = orjson.dumps(spec), self._clock.now()
        known = self._known.get(name, now)
        if known is not None:
            return known
        review = {
            "kind": KIND,
            "apiVersion": f"{GROUP}/{self._version}",
            "metadata": {"creationTimestamp": None},
            "spec": spec,
            "status": {"allowed": False},
        }
        status = await self._backend.status(review, VERSIONS)
        if _chosen(a) < MOST_REMEMBERED:
            self._known.put(name, status, now + self._ttl[bool(status.get("allowed"))])
        return status


def spec_of(a: Attributes, groups: str) -> Object:
    """The spec of the review; `groups` is the name of the user's groups in it."""
    if a.is_resource:
        fields = {
            "namespace": a.namespace,
            "verb": a.verb,
            "group": a.group,
            "version": a.version,
            "resource": a.resource,
            "subresource": a.subresource,
            "name": a.name,
        }
        about: Object = {"resourceAttributes": {name: value for name, value in fields.items() if value}}
    else:
        about = {"nonResourceAttributes": {"path": a.path, "verb": a.verb}}
    extra = {key: list(values) for key, values in a.user.extra.items()}
    user: Object = {"user": a.user.name, groups: list(a.user.groups), "extra": extra, "uid": a.user.uid}
    return {**about, **{name: value for name, value in user.items() if value}}


def _chosen(a: Attributes) -> int:
    """How much of the request its sender chose."""
    return sum(map(len, (a.namespace, a.verb, a.group, a.version, a.resource, a.subresource, a.name, a.path)))
