"""AlwaysPullImages: no cached image runs without asking its registry. Follows plugin/pkg/admission/alwayspullimages."""

from __future__ import annotations

from fakekube.admission.plugin import WRITES, On, Plugin, forbidden
from fakekube.apis.podspec.walk import containers
from fakekube.machinery.fielderrors import not_supported
from fakekube.machinery.goformat import aggregate
from fakekube.machinery.status import StatusError, failure
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client

ALWAYS = "Always"


def mutate(a: Attributes, _: Client) -> None:
    """Overwrite the pull policy of every container."""
    assert a.object is not None
    for container, _path in containers(a.object["spec"]):
        container["imagePullPolicy"] = ALWAYS


def validate(a: Attributes, _: Client) -> None:
    """Nobody has changed it back. Raises a 500 without a reason, as the real plugin's list of errors is answered."""
    assert a.object is not None
    texts = [
        forbidden(a, str(not_supported(path / "imagePullPolicy", policy, (ALWAYS,)))).message
        for container, path in containers(a.object["spec"])
        if (policy := container.get("imagePullPolicy", "")) != ALWAYS
    ]
    if texts:
        raise StatusError(failure(500, "", aggregate(texts)))


PLUGIN = Plugin("AlwaysPullImages", On(WRITES, frozenset({"pods"})), mutate, validate)
