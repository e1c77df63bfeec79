"""Taints of nodes, as fields and in the annotations of old. Follows pkg/apis/core/validation of v1.20."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from fakekube.apis.podspec.scheduling import EFFECTS
from fakekube.machinery import jsontext, metarules
from fakekube.machinery.fielderrors import FieldError, Path, invalid, not_supported, required
from fakekube.machinery.goformat import Go
from fakekube.machinery.names import label_value
from fakekube.machinery.objects import Object

TAINTS = "scheduler.alpha.kubernetes.io/taints"
AVOID_PODS = "scheduler.alpha.kubernetes.io/preferAvoidPods"
UNIQUE = "taints must be unique by key and effect pair"
FIELDS = {"key": "key", "value": "value", "effect": "effect", "timeadded": "timeAdded"}


def validate_taints(taints: Sequence[Object], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with taints."""
    seen: set[tuple[str, str]] = set()
    for index, taint in enumerate(taints):
        here = path @ index
        key, value, effect = (taint.get(name) or "" for name in ("key", "value", "effect"))
        yield from metarules.validate_label_name(key, here / "key")
        if wrong := ";".join(label_value(value)):
            yield invalid(here / "value", value, wrong)
        if not effect:
            yield required(here / "effect")
        elif effect not in EFFECTS:
            yield not_supported(here / "effect", effect, EFFECTS)
        if (key, effect) in seen:
            yield _duplicate(taint, here)
        seen.add((key, effect))


def _duplicate(taint: Object, path: Path) -> FieldError:
    shown = Go(taint, "core.Taint")
    return FieldError("FieldValueDuplicate", "Duplicate value", path, UNIQUE, shown, shows_value=True)


def validate_annotations(annotations: Mapping[str, str], path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with the annotations of a node that mean something."""
    if annotations.get(TAINTS):
        yield from _taints(annotations[TAINTS], path)
    if annotations.get(AVOID_PODS):
        yield from _avoid_pods(annotations[AVOID_PODS], path)


def _taints(text: str, path: Path) -> Iterator[FieldError]:
    try:
        items = _load(text, list, "[]core.Taint")
        taints = [_fields(_expect(item, dict, "core.Taint")) for item in items or ()]
    except ValueError as error:
        yield invalid(path, TAINTS, str(error))
        return
    yield from validate_taints(taints, path / TAINTS)


def _fields(item: Object | None) -> Object:
    """The fields in the case of ours: Go takes them in any."""
    return {FIELDS[name.lower()]: value for name, value in (item or {}).items() if name.lower() in FIELDS}


def _avoid_pods(text: str, path: Path) -> Iterator[FieldError]:
    try:
        avoided = _load(text, dict, "v1.AvoidPods") or {}
        entries = _expect(avoided.get("preferAvoidPods"), list, "[]v1.PreferAvoidPodsEntry") or ()
        entries = [_expect(entry, dict, "v1.PreferAvoidPodsEntry") or {} for entry in entries]
    except ValueError as error:
        yield invalid(path / "AvoidPods", AVOID_PODS, str(error))
        return
    for index, entry in enumerate(entries):
        here = path / AVOID_PODS @ index / "PodSignature"
        controller = (entry.get("podSignature") or {}).get("podController")
        if controller is None:
            yield required(here)
        elif not controller.get("controller"):
            yield invalid(here / "PodController" / "Controller", False, "must point to a controller")


def _load(text: str, kind: type, go_type: str) -> Any:
    """The JSON value. Raises ValueError in Go's words."""
    return _expect(jsontext.loads(text.encode(errors="surrogatepass")), kind, go_type)


def _expect(value: Any, kind: type, go_type: str) -> Any:
    if value is not None and not isinstance(value, kind):
        raise ValueError(jsontext.mismatch(value, go_type))
    return value
