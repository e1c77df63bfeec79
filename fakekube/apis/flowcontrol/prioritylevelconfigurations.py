"""PriorityLevelConfiguration. Follows pkg/apis/flowcontrol and pkg/registry/flowcontrol of v1.20."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

from fakekube.apis.columns import AGE, NAME
from fakekube.apis.flowcontrol.shared import SPEC, configuration, same
from fakekube.apis.resource import Column
from fakekube.machinery.fielderrors import FieldError, Path, forbidden, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.objects import Object

EXEMPT = "exempt"
MANDATORY: dict[str, Object] = {
    EXEMPT: {"type": "Exempt"},
    "catch-all": {
        "type": "Limited",
        "limited": {"assuredConcurrencyShares": 5, "limitResponse": {"type": "Reject"}},
    },
}
"""Specs of the levels that always exist."""
QUEUING = {"handSize": 8, "queues": 64, "queueLengthLimit": 50}
MAX_QUEUES = 10_000_000
MAX_HASH_BITS = 60


def default(level: Object) -> None:
    """Fill in numbers where requests are limited."""
    spec = level.get("spec")
    if spec is None:
        spec = level["spec"] = {}
    limited = spec.get("limited")
    if limited is None:
        return
    if not limited.get("assuredConcurrencyShares"):
        limited["assuredConcurrencyShares"] = 30
    queuing = (limited.get("limitResponse") or {}).get("queuing")
    if queuing is not None:
        queuing.update({name: number for name, number in QUEUING.items() if not queuing.get(name)})


def validate(level: Object) -> Iterator[FieldError]:
    """Yield what is wrong with the spec."""
    name, spec = level["metadata"].get("name", ""), level["spec"]
    type_, limited = spec.get("type", ""), spec.get("limited")
    if (name == EXEMPT) != (type_ == "Exempt"):
        yield invalid(SPEC / "type", type_, "type must be 'Exempt' if and only if name is 'exempt'")
    if type_ == "Exempt":
        if limited is not None:
            yield forbidden(SPEC / "limited", "must be nil if the type is not Limited")
    elif type_ != "Limited":
        yield not_supported(SPEC / "type", type_, ("Exempt", "Limited"))
    elif limited is None:
        yield required(SPEC / "limited", "must not be empty when type is Limited")
    else:
        yield from _limited(limited, SPEC / "limited")
    if name in MANDATORY and not same(spec, MANDATORY[name]):
        shown = Go(spec, "flowcontrol.PriorityLevelConfigurationSpec")
        yield invalid(SPEC, shown, f"spec of '{name}' must equal the fixed value")


def _limited(limited: Object, path: Path) -> Iterator[FieldError]:
    shares = limited.get("assuredConcurrencyShares", 0)
    if shares <= 0:
        yield invalid(path / "assuredConcurrencyShares", shares, "must be positive")
    response, here = limited.get("limitResponse") or {}, path / "limitResponse"
    type_, queuing = response.get("type", ""), response.get("queuing")
    if type_ == "Reject":
        if queuing is not None:
            yield forbidden(here / "queuing", "must be nil if limited.limitResponse.type is not Limited")
    elif type_ != "Queue":
        yield not_supported(here / "type", type_, ("Queue", "Reject"))
    elif queuing is None:
        yield required(here / "queuing", "must not be empty if limited.limitResponse.type is Limited")
    else:
        yield from _queuing(queuing, here / "queuing")


def _queuing(queuing: Object, path: Path) -> Iterator[FieldError]:
    length, queues, hand = (queuing.get(name, 0) for name in ("queueLengthLimit", "queues", "handSize"))
    if length <= 0:
        yield invalid(path / "queueLengthLimit", length, "must be positive")
    if queues <= 0:
        yield invalid(path / "queues", queues, "must be positive")
    elif queues > MAX_QUEUES:
        yield invalid(path / "queues", queues, f"must not be greater than {MAX_QUEUES}")
    if hand <= 0:
        yield invalid(path / "handSize", hand, "must be positive")
    elif hand > queues:
        yield invalid(path / "handSize", hand, f"should not be greater than queues ({queues})")
    elif math.ceil(math.log2(queues) * hand) > MAX_HASH_BITS:
        text = f"required entropy bits of deckSize {queues} and handSize {hand} should not be greater than"
        yield invalid(path / "handSize", hand, f"{text} {MAX_HASH_BITS}")


def _cell(name: str) -> Callable[[Object, float], Any]:
    """A number of the queues, or of the limit itself."""

    def cell(level: Object, _: float) -> Any:
        limited = level["spec"].get("limited")
        if limited is None:
            return "<none>"
        if name in limited:
            return limited[name]
        return ((limited.get("limitResponse") or {}).get("queuing") or {}).get(name, "<none>")

    return cell


RESOURCE = configuration(
    "PriorityLevelConfiguration",
    default,
    validate,
    (
        NAME,
        Column("Type", "string", ".spec.type"),
        Column("AssuredConcurrencyShares", "string", _cell("assuredConcurrencyShares")),
        Column("Queues", "string", _cell("queues")),
        Column("HandSize", "string", _cell("handSize")),
        Column("QueueLengthLimit", "string", _cell("queueLengthLimit")),
        AGE,
    ),
)
