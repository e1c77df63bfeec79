from __future__ import annotations

import pytest
from admission_samples import attributes, pod, resources
from hypothesis import given
from hypothesis import strategies as st
from readers import ObjectsReader

from fakekube.admission import limit_ranger
from fakekube.apis.core.limitranges import RESOURCE as LIMITRANGES
from fakekube.machinery import quantity
from fakekube.machinery.objects import Object
from fakekube.machinery.status import StatusError


def limit_range(**item: object) -> Object:
    return {"metadata": {"name": "l", "namespace": "ns"}, "spec": {"limits": [{"type": "Container", **item}]}}


def reader(*ranges: Object) -> ObjectsReader:
    found = ObjectsReader()
    found.put(LIMITRANGES, *ranges)
    return found


def test_defaults_fill_what_is_missing_and_are_noted() -> None:
    subject = pod(resources({"cpu": "1"}), {}, initContainers=[{"name": "i"}])
    limits = limit_range(defaultRequest={"cpu": "2", "memory": "1Mi"}, default={"cpu": "3"})
    limit_ranger.mutate(attributes(subject), reader(limits))
    first, second = subject["spec"]["containers"]
    assert first["resources"] == {"requests": {"cpu": "1", "memory": "1Mi"}, "limits": {"cpu": "3"}}
    assert second["resources"] == {"requests": {"cpu": "2", "memory": "1Mi"}, "limits": {"cpu": "3"}}
    assert subject["metadata"]["annotations"][limit_ranger.ANNOTATION] == (
        "LimitRanger plugin set: memory request for container c0; cpu limit for container c0; cpu, memory request for "
        "container c1; cpu limit for container c1; cpu, memory request for init container i; cpu limit for init "
        "container i"
    )


def test_without_a_limit_range_nothing_changes() -> None:
    subject = pod({})
    limit_ranger.mutate(attributes(subject), reader())
    assert subject == pod({})


@pytest.mark.parametrize(
    ("item", "container", "message"),
    [
        ({"min": {"cpu": "1"}}, {}, "minimum cpu usage per Container is 1.  No request is specified"),
        (
            {"min": {"cpu": "1"}}, resources({"cpu": "999m"}),
            "minimum cpu usage per Container is 1, but request is 999m",
        ),
        (
            {"min": {"cpu": "1"}}, resources({"cpu": "1"}, {"cpu": "500m"}),
            "minimum cpu usage per Container is 1, but limit is 500m",
        ),
        (
            {"max": {"cpu": "1"}}, resources({"cpu": "1"}),
            "maximum cpu usage per Container is 1.  No limit is specified",
        ),
        (
            {"max": {"cpu": "1"}}, resources({"cpu": "2"}, {"cpu": "1"}),
            "maximum cpu usage per Container is 1, but request is 2",
        ),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}}, resources({"cpu": "300m"}, {"cpu": "1"}),
            "cpu max limit to request ratio per Container is 2, but provided ratio is 3.333333",
        ),
        (
            {"maxLimitRequestRatio": {"cpu": "2"}}, resources({"cpu": "0"}, {"cpu": "1"}),
            "cpu max limit to request ratio per Container is 2, but no request is specified or request is 0",
        ),
        (
            {"min": {"cpu": "1", "memory": "1"}}, {},
            "[minimum cpu usage per Container is 1.  No request is specified, "
            "minimum memory usage per Container is 1.  No request is specified]",
        ),
    ],
)  # fmt: skip
def test_refusals(item: Object, container: Object, message: str) -> None:
    with pytest.raises(StatusError) as caught:
        limit_ranger.validate(attributes(pod(container)), reader(limit_range(**item)))
    assert caught.value.message == f'pods "p" is forbidden: {message}'


@pytest.mark.parametrize(
    ("item", "container"),
    [
        ({"min": {"cpu": "1"}, "max": {"cpu": "2"}}, resources({"cpu": "1000m"}, {"cpu": "2"})),
        ({"maxLimitRequestRatio": {"cpu": "2"}}, resources({"cpu": "500m"}, {"cpu": "1"})),
        ({"min": {"memory": "8Ei"}}, resources({"memory": "9Ei"})),
    ],
)
def test_what_is_within_passes(item: Object, container: Object) -> None:
    limit_ranger.validate(attributes(pod(container)), reader(limit_range(**item)))


AMOUNTS = st.dictionaries(st.sampled_from(["cpu", "memory", "x/y"]), st.integers(0, 10**6), max_size=3)


@given(st.lists(AMOUNTS, min_size=1, max_size=4), st.lists(AMOUNTS, max_size=3))
def test_a_pod_needs_the_sum_or_its_largest_init_container(
    containers: list[dict[str, int]], initial: list[dict[str, int]]
) -> None:
    def parsed(amounts: dict[str, int]) -> dict[str, quantity.Quantity]:
        return {name: quantity.Quantity(number) for name, number in amounts.items()}

    found = limit_ranger.effective([parsed(one) for one in containers], [parsed(one) for one in initial])
    for name in ("cpu", "memory", "x/y"):
        sums = [sum(one[name] for one in containers)] if all(name in one for one in containers) else []
        wanted = [*sums, *(one[name] for one in initial if name in one)]
        assert (name in found) == bool(wanted)
        if wanted:
            assert found[name].value() == max(wanted)
