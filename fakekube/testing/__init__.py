"""For test suites: `Cluster`, a control plane in this process with a synchronous face, and the pytest fixtures."""

from __future__ import annotations

from fakekube.testing.cluster import Cluster

__all__ = ["Cluster"]
