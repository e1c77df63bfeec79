"""For test suites: `Cluster`, a control plane in this process with a synchronous face, and the pytest fixtures.

The plugin is loaded by every run of pytest where fakekube is installed, so `Cluster` is imported when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fakekube.testing.cluster import Cluster

__all__ = ["Cluster"]


def __getattr__(name: str) -> Any:
    if name != "Cluster":
        raise AttributeError(name)
    from fakekube.testing.cluster import Cluster

    return Cluster
