"""pytest fixtures: what is dear lives for the session, what holds state for one test.

    @pytest.mark.fakekube(enable_admission_plugins=["AlwaysPullImages"])
    def test_x(fakekube): ...

The marker's arguments are fields of `fakekube.options.Options` that a world takes on at its reset.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from fakekube.testing.cluster import Cluster


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "fakekube(**options): options of the cluster that the test gets")


@pytest.fixture(scope="session")
def fakekube_cluster() -> Iterator[Cluster]:
    """One control plane for the session (and for each worker of pytest-xdist)."""
    from fakekube.testing.cluster import Cluster

    with Cluster() as cluster:
        yield cluster


@pytest.fixture
def fakekube(fakekube_cluster: Cluster, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A clean cluster, set up by the `fakekube` markers (the closest to the test wins)."""
    markers = reversed(list(request.node.iter_markers("fakekube")))
    fakekube_cluster.reset(**{name: value for marker in markers for name, value in marker.kwargs.items()})
    yield fakekube_cluster
    fakekube_cluster.check()
