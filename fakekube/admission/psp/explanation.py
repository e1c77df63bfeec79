"""Evaluations for a person to read: in the decision record of a request, and as the answer to "what if"."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from fakekube.admission.psp import selection
from fakekube.admission.psp.evaluation import Evaluation, evaluate
from fakekube.machinery.fielderrors import Path
from fakekube.machinery.objects import Object

ROOT = Path()
ANNOTATIONS = Path("metadata") / "annotations"


def explain(policies: Iterable[Object], pod: Object, usable: Mapping[str, bool]) -> list[Object]:
    """How a new pod would fare under each policy, in the order of trying.

    `usable` says by name which policies may be used. The answer has for each {"policy", "usable", "outcome",
    "reasons": what stands in the way, "changes": what it fills in, "used": whether it is the one that decides}.
    """
    evaluations = [
        evaluate(policy, pod, usable=usable.get(policy["metadata"]["name"], False))
        for policy in selection.ordered(policies)
    ]
    chosen = selection.choose(evaluations, may_mutate=True)
    return [
        {
            **_row(replace(one, usable=True), may_mutate=True),
            "changes": [f"{path}: {json.dumps(value)}" for path, value in changes(pod, one.pod)],
            "usable": one.usable,
            "used": one is chosen,
        }
        for one in evaluations
    ]


def changes(before: Any, after: Any, path: Path = ROOT) -> Iterator[tuple[Path, Any]]:
    """The values that are new in `after`, each with its path. Policies add to lists as a whole or not at all."""
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name, value in after.items():
            yield from changes(before.get(name), value, path @ name if path == ANNOTATIONS else path / name)
    elif isinstance(before, list) and isinstance(after, list) and before and isinstance(before[0], dict):
        for index, value in enumerate(after):
            yield from changes(before[index], value, path @ index)
    elif isinstance(after, dict) and after:
        yield from changes({}, after, path)
    else:
        yield path, after


def record(evaluations: Iterable[Evaluation], *, may_mutate: bool) -> list[Object]:
    """What was found out for a request: {"policy", "outcome", "reasons"} each, in the order of trying."""
    return [_row(evaluation, may_mutate=may_mutate) for evaluation in evaluations]


def _row(evaluation: Evaluation, *, may_mutate: bool) -> Object:
    errors = [evaluation.fault] if evaluation.fault else [str(error) for error in evaluation.errors]
    return {"policy": evaluation.policy, "outcome": _outcome(evaluation, may_mutate=may_mutate), "reasons": errors}


def _outcome(evaluation: Evaluation, *, may_mutate: bool) -> str:
    if evaluation.fault:
        return "cannot be tried"
    if not evaluation.usable:
        return "may not be used"
    if evaluation.errors:
        return "refuses the pod"
    if evaluation.mutated:
        return "admits the pod with changes" if may_mutate else "would have to change the pod"
    return "admits the pod as it is"
