"""Which of several policies a pod is admitted under. Follows plugin/pkg/admission/security/podsecuritypolicy.

Policies are tried by name. The first that lets the pod pass as it is wins; otherwise, for a new pod, the first that
lets it pass once it has filled in what is missing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fakekube.admission.psp.evaluation import Evaluation
from fakekube.machinery.objects import Object


def ordered(policies: Iterable[Object], first: str = "") -> list[Object]:
    """By name. `first` names the one to begin with: that which an earlier decision found."""
    return sorted(policies, key=lambda policy: (policy["metadata"]["name"] != first, policy["metadata"]["name"]))


def choose(evaluations: Sequence[Evaluation], *, may_mutate: bool) -> Evaluation | None:
    """The one that decides; None if the pod is refused."""
    fitting = [evaluation for evaluation in evaluations if evaluation.fits]
    unchanged = next((evaluation for evaluation in fitting if not evaluation.mutated), None)
    if unchanged is None and may_mutate:
        return next(iter(fitting), None)
    return unchanged


def reasons(evaluations: Iterable[Evaluation]) -> str:
    """All that the policies refused which may be used, as the denial prints it."""
    errors = [str(error) for evaluation in evaluations if evaluation.usable for error in evaluation.errors]
    return f"[{' '.join(errors)}]"
