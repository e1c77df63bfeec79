"""Owner references that stand there twice are dropped, with a warning. Follows apiserver's handlers/rest.go."""

from __future__ import annotations

from fakekube.machinery.objects import Object

AFTER_ADMISSION = " after mutating admission happens"
TEXT = (
    ".metadata.ownerReferences contains duplicate entries{}; API server dedups owner references in 1.20+, "
    "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}"
)


def drop_duplicates(obj: Object, warnings: list[str], when: str = "") -> None:
    """Drop them in place. `when` is AFTER_ADMISSION where plugins may have added them."""
    owners = obj["metadata"].get("ownerReferences") or ()
    if len(owners) < 2:
        return
    kept: list[Object] = []
    repeated: list[str] = []
    for owner in owners:
        if owner in kept:
            repeated.append(owner.get("uid", ""))
        else:
            kept.append(owner)
    if repeated:
        obj["metadata"]["ownerReferences"] = kept
        warnings.append(TEXT.format(when, ", ".join(repeated)))
