"""ImagePolicyWebhook: somebody else decides which images run. Follows plugin/pkg/admission/imagepolicy.

The backend is found through a kubeconfig that the plugin's configuration names; it is asked with an ImageReview.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from fakekube.admission.plugin import WRITES, On, Plugin, Wiring, forbidden
from fakekube.machinery.objects import Object
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client
from fakekube.runtime import webhooks
from fakekube.runtime.expiring import Expiring
from fakekube.runtime.https import CallFailed

NAME = "ImagePolicyWebhook"
AUDIT = f"{NAME.lower()}.image-policy.k8s.io/"
VERSION, KIND = "imagepolicy.k8s.io/v1alpha1", "ImageReview"
OVERRIDES = ".image-policy.k8s.io/"
"""In the names of the annotations that the backend is told."""
FAILED_OPEN = "alpha.image-policy.k8s.io/failed-open"
REMEMBERED = 1024


class Settings(Struct, frozen=True):
    """The plugin's configuration; times in seconds, 0 for never."""

    kubeconfig: Path
    allow_for: float
    deny_for: float
    backoff: float
    default_allow: bool


LIMITS = {
    "allowTTL": (1.0, 1.0, 1800.0, 300.0),
    "denyTTL": (1.0, 1.0, 1800.0, 30.0),
    "retryBackoff": (1e-3, 1e-9, 300.0, 0.5),
}
"""Field -> (unit, least, most, default), in seconds."""


def settings(configuration: Object | None) -> Settings:
    """Raises ValueError."""
    if configuration is None:
        raise ValueError("no config specified")
    given = configuration.get("imagePolicy") or {}
    allow, deny, backoff = (_seconds(given, name) for name in LIMITS)
    path = Path(given.get("kubeConfigFile") or "")
    return Settings(path, allow, deny, backoff, bool(given.get("defaultAllow")))


def _seconds(given: Object, name: str) -> float:
    unit, least, most, default = LIMITS[name]
    value = given.get(name) or 0
    if value in (0, -1):
        return default if value == 0 else 0.0
    seconds: float = value * unit
    if not least <= seconds <= most:
        raise ValueError(f"valid value is between {least:g}s and {most:g}s, got {seconds:g}s")
    return seconds


class Backend:
    """Asks the backend, and remembers its answers for a while."""

    def __init__(self, chosen: Settings) -> None:
        self.settings = chosen
        self._backend = webhooks.Backend(chosen.kubeconfig, chosen.backoff)
        self._known: Expiring[bytes, Object] = Expiring(REMEMBERED)

    async def review(self, spec: Object, now: float) -> Object:
        """The status of the review. Raises CallFailed."""
        name = orjson.dumps(spec)
        known = self._known.get(name, now)
        if known is not None:
            return known
        document = {"kind": KIND, "apiVersion": VERSION, "metadata": {"creationTimestamp": None}, "spec": spec}
        status = _status(await self._backend.ask({**document, "status": {"allowed": False}}))
        lasts = self.settings.allow_for if status.get("allowed") else self.settings.deny_for
        self._known.put(name, status, now + lasts)
        return status


def _status(raw: bytes) -> Object:
    try:
        document: Any = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise CallFailed(f"couldn't get version/kind; json parse error: {error}") from None
    status = document.get("status") if isinstance(document, dict) else None
    return status if isinstance(status, dict) else {}


def make(_: Wiring, configuration: Object | None) -> Plugin:
    """The plugin. Raises ValueError for a bad configuration."""
    backend = Backend(settings(configuration))
    return Plugin(NAME, On(WRITES, frozenset({"pods"})), validate=partial(_validate, backend))


async def _validate(backend: Backend, a: Attributes, client: Client) -> None:
    assert a.object is not None
    try:
        status = await backend.review(review_spec(a.object, a.namespace), client.clock.now())
    except CallFailed as error:
        if not backend.settings.default_allow:
            raise forbidden(a, str(error)) from None
        a.annotations[f"{AUDIT}failed-open"] = "true"
        metadata = a.object["metadata"]
        metadata["annotations"] = {**(metadata.get("annotations") or {}), FAILED_OPEN: "true"}
        return
    a.annotations.update({f"{AUDIT}{key}": value for key, value in (status.get("auditAnnotations") or {}).items()})
    if not status.get("allowed"):
        reason = status.get("reason")
        denied = f"image policy webhook backend denied one or more images: {reason}"
        raise forbidden(a, denied if reason else "one or more images rejected by webhook backend")


def review_spec(pod: Object, namespace: str) -> Object:
    """What the backend is told of a pod."""
    spec = pod["spec"]
    containers = (*(spec.get("containers") or ()), *(spec.get("initContainers") or ()))
    annotations = pod["metadata"].get("annotations") or {}
    told = {name: value for name, value in annotations.items() if OVERRIDES in name}
    review: Object = {"containers": [{"image": container.get("image", "")} for container in containers]}
    return {**review, **({"annotations": told} if told else {}), "namespace": namespace}
