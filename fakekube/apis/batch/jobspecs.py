"""The spec of a job: of the kind, and of the template of a CronJob. Follows pkg/apis/batch/validation of v1.20."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from fakekube.apis.apps.workloads import not_negative
from fakekube.apis.podspec import options_for, validate_pod_template
from fakekube.apis.resource import Column
from fakekube.machinery import selectors
from fakekube.machinery.fielderrors import FieldError, Path, not_supported, required
from fakekube.machinery.objects import Object

COUNTS = ("parallelism", "completions", "activeDeadlineSeconds", "backoffLimit", "ttlSecondsAfterFinished")
RESTART_POLICIES = ("OnFailure", "Never")


def validate_job_spec(spec: Object, old: Object | None, path: Path) -> Iterator[FieldError]:
    """Yield what is wrong with a spec apart from its selector; `old` is the spec before an update."""
    yield from not_negative(spec, COUNTS, path)
    template = spec["template"]
    yield from validate_pod_template(template, path / "template", options_for(old and old["template"].get("spec")))
    policy = template["spec"].get("restartPolicy", "")
    path = path / "template" / "spec" / "restartPolicy"
    if policy in ("Always", ""):
        yield required(path, 'valid values: "OnFailure", "Never"')
    elif policy not in RESTART_POLICIES:
        yield not_supported(path, policy, RESTART_POLICIES)


def wide(spec_of: Callable[[Object], Object]) -> tuple[Column, ...]:
    """The columns of the wide Table; `spec_of` gives the job spec of an object."""

    def each(name: str) -> Callable[[Object, float], str]:
        def cell(obj: Object, now: float) -> str:
            containers = spec_of(obj)["template"]["spec"].get("containers") or ()
            return ",".join(container.get(name, "") for container in containers)

        return cell

    def selector(obj: Object, now: float) -> str:
        return selectors.format_object(spec_of(obj).get("selector"))

    names, images = (f"{what} each container in the template." for what in ("Names of", "Images referenced by"))
    return (
        Column("Containers", "string", each("name"), priority=1, description=names),
        Column("Images", "string", each("image"), priority=1, description=images),
        Column("Selector", "string", selector, priority=1),
    )
