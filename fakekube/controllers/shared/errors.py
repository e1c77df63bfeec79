"""Which failures of a write are worth another attempt."""

from __future__ import annotations

from fakekube.machinery.status import StatusError


def is_terminating(error: StatusError) -> bool:
    """Whether a create failed because the namespace is being deleted: no use to try again."""
    causes = error.status.get("details", {}).get("causes", ())
    return any(cause.get("reason") == "NamespaceTerminating" for cause in causes)


def raise_unless(error: StatusError, *reasons: str) -> None:
    """Raise the error again, unless its reason is one of these."""
    if error.reason not in reasons:
        raise error
