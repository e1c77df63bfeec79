"""AlwaysAdmit and AlwaysDeny. Follow plugin/pkg/admission/admit and /deny."""

from __future__ import annotations

from fakekube.admission.plugin import ALL, On, Plugin, forbidden
from fakekube.registry.attributes import Attributes
from fakekube.registry.client import Client


def _deny(a: Attributes, _: Client) -> None:
    raise forbidden(a, "admission control is denying all modifications")


ADMIT = Plugin("AlwaysAdmit", On(frozenset()))
DENY = Plugin("AlwaysDeny", On(ALL, subresources=None), _deny, _deny)
