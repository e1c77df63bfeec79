"""What an update through the status subresource changes. Follows the status strategies and ResetObjectMetaForStatus."""

from __future__ import annotations

from typing import Any

BOOKKEEPING = ("managedFields", "resourceVersion")
TYPED = ("kind", "apiVersion", "metadata", "status")


def keep_all_but_status(new: Any, old: Any) -> None:
    """Most built-in kinds: status and metadata are the new ones, the rest stays."""
    status, metadata = new.get("status"), new["metadata"]
    for name in [name for name in new if name not in TYPED]:
        del new[name]
    new.update({name: value for name, value in old.items() if name not in TYPED})
    new["metadata"] = metadata
    new.pop("status", None)
    if status is not None:
        new["status"] = status  # at the end, where the real server writes it


def keep_metadata_too(new: Any, old: Any) -> None:
    """Custom resources and some newer kinds: of the metadata only the bookkeeping changes."""
    metadata = new["metadata"]
    keep_all_but_status(new, old)
    new["metadata"] = {**old["metadata"], **{name: metadata[name] for name in BOOKKEEPING if name in metadata}}


def without_status(obj: Any, exact: bool) -> None:
    """What an export leaves out of kinds whose status clients may write."""
    if not exact:
        obj.pop("status", None)


def keep_labels_too(new: Any, old: Any) -> None:
    """Deployments: annotations may change, labels may not."""
    keep_all_but_status(new, old)
    if "labels" in old["metadata"]:
        new["metadata"]["labels"] = old["metadata"]["labels"]
    else:
        new["metadata"].pop("labels", None)
