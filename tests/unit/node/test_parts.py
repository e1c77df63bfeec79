"""The pure parts of a node, by tables."""

from __future__ import annotations

from typing import Any

import pytest
from imagesamples import some_images
from readers import ObjectsReader

from fakekube.apis.sim.images import RESOURCE as IMAGES
from fakekube.machinery.objects import Key, Object
from fakekube.node import addresses, lifecycle, registration
from fakekube.node import status as report
from fakekube.node.backoff import Backoff
from fakekube.node.expansion import expand
from fakekube.node.failures import back_off_text, no_log_text, root_refused
from fakekube.node.lifecycle import Delays, next_step
from fakekube.node.probes import Counter, port_number
from fakekube.node.pulling import Puller, image_id
from fakekube.node.serviceenv import variables
from fakekube.node.state import Attempt, Run, Stop

NOW = 1_600_000_000.0
C, D = {"name": "c", "image": "nginx"}, {"name": "d", "image": "nginx"}
I, J = {"name": "i", "image": "nginx"}, {"name": "j", "image": "nginx"}  # noqa: E741


def pod_of(policy: str = "Always", phase: str = "Running", init: tuple[Object, ...] = (), **metadata: Any) -> Object:
    spec: Object = {"containers": [C], "restartPolicy": policy}
    if init:
        spec["initContainers"] = list(init)
    names = {"name": "p", "namespace": "default", "uid": "u"}
    return {"metadata": {**names, **metadata}, "spec": spec, "status": {"phase": phase}}


def run_of(pod: Object, **attempts: list[Attempt]) -> Run:
    run = Run(Key("default", "p"), "u", "n", NOW, pod)
    run.volumes, run.sandbox, run.ip = {}, NOW, "10.0.0.1"
    run.attempts = dict(attempts)
    return run


def ran(spec: Object = C, code: int | None = None, **more: Any) -> Attempt:
    """An attempt that runs, or has ended with that code."""
    finished = None if code is None else NOW
    return Attempt(spec, "id", "image", "image@id", 0, NOW, finished, code or 0, **more)


DELETED: dict[str, Any] = {"deletionTimestamp": "2020-09-13T12:26:40Z", "deletionGracePeriodSeconds": 5}

STEPS = [
    ("nothing mounted", pod_of(), {}, {"volumes": None}, ("mount",)),
    ("waits to mount again", pod_of(), {}, {"volumes": None, "mount_at": NOW + 1}, ("rest",)),
    ("no sandbox", pod_of(), {}, {"sandbox": None}, ("sandbox",)),
    ("nothing started", pod_of(), {}, {}, ("start", "c")),
    ("waits to start again", pod_of(), {}, {"retry": {"c": NOW + 1}}, ("rest",)),
    ("runs", pod_of(), {"c": [ran()]}, {}, ("rest",)),
    ("ended, Always", pod_of(), {"c": [ran(code=0)]}, {}, ("start", "c")),
    ("ended, OnFailure", pod_of("OnFailure"), {"c": [ran(code=0)]}, {}, ("rest",)),
    ("failed, OnFailure", pod_of("OnFailure"), {"c": [ran(code=1)]}, {}, ("start", "c")),
    ("failed, Never", pod_of("Never"), {"c": [ran(code=1)]}, {}, ("rest",)),
    ("first of two", pod_of(init=(I, J)), {}, {}, ("start", "i")),
    ("first runs", pod_of(init=(I, J)), {"i": [ran(I)]}, {}, ("rest",)),
    ("first done", pod_of(init=(I, J)), {"i": [ran(I, 0)]}, {}, ("start", "j")),
    ("first failed", pod_of(init=(I, J)), {"i": [ran(I, 1)]}, {}, ("start", "i")),
    ("first failed for good", pod_of("Never", init=(I,)), {"i": [ran(I, 1)]}, {}, ("rest",)),
    ("both done", pod_of(init=(I, J)), {"i": [ran(I, 0)], "j": [ran(J, 0)]}, {}, ("start", "c")),
    ("definition changed", pod_of(), {"c": [ran({**C, "image": "other"})]}, {}, ("stop", "c")),
    ("not alive", pod_of(), {"c": [ran(unhealthy="liveness")]}, {}, ("stop", "c")),
    ("is being stopped", pod_of(), {"c": [ran(stop=Stop(NOW, 5))]}, {}, ("rest",)),
    ("deleted, runs", pod_of(**DELETED), {"c": [ran()]}, {}, ("stop", "c")),
    ("deleted, stops", pod_of(**DELETED), {"c": [ran(stop=Stop(NOW, 5))]}, {}, ("rest",)),
    ("deleted, ended", pod_of(**DELETED), {"c": [ran(code=0)]}, {}, ("remove",)),
    ("deleted, removed", pod_of(**DELETED), {"c": [ran(code=0)]}, {"removed": True}, ("rest",)),
    ("deleted before anything", pod_of(**DELETED), {}, {"volumes": None, "sandbox": None}, ("remove",)),
    ("failed, one still runs", pod_of("Never", "Failed"), {"c": [ran()]}, {}, ("stop", "c")),
    ("expired", pod_of(), {"c": [ran()]}, {"expired": True}, ("stop", "c")),
]  # fmt: skip


@pytest.mark.parametrize(("pod", "attempts", "fields", "step"), [case[1:] for case in STEPS], ids=[c[0] for c in STEPS])
def test_what_comes_next(
    pod: Object, attempts: dict[str, list[Attempt]], fields: dict[str, Any], step: tuple[str, ...]
) -> None:
    run = run_of(pod, **attempts)
    for name, value in fields.items():
        setattr(run, name, value)
    assert next_step(pod, run, NOW).id == step


def test_a_deadline_passes_once() -> None:
    pod = pod_of()
    pod["spec"]["activeDeadlineSeconds"] = 5
    pod["status"]["startTime"] = "2020-09-13T12:26:40Z"
    run = run_of(pod, c=[ran()])
    assert next_step(pod, run, NOW + 4).name == "rest"
    assert list(lifecycle.wakes(pod, run, NOW + 4)) == [NOW + 5]
    assert next_step(pod, run, NOW + 5).name == "expire"


def test_messages_of_stops() -> None:
    changed = run_of(pod_of("Never"), c=[ran({**C, "image": "other"})])
    dead = run_of(pod_of("Never"), c=[ran(unhealthy="startup")])
    assert next_step(changed.pod, changed, NOW).message == "Container c definition changed, will be restarted"
    assert next_step(dead.pod, dead, NOW).message == "Container c failed startup probe"


def test_every_step_has_a_delay_of_its_own_or_none() -> None:
    delays = Delays(sandbox=3)
    assert (delays.of("sandbox"), delays.of("rest")) == (3, 0)


PHASES = [
    ("Always", [ran(code=0)], (), "Running"),
    ("OnFailure", [ran(code=1)], (), "Running"),
    ("OnFailure", [ran(code=0)], (), "Succeeded"),
    ("Never", [ran(code=1)], (), "Failed"),
    ("Never", [], (), "Pending"),
    ("Always", [ran()], (), "Running"),
    ("Never", [], ([ran(I, 1)],), "Failed"),
    ("Always", [], ([ran(I, 1)],), "Pending"),
    ("Always", [ran()], ([ran(I)],), "Pending"),
]


@pytest.mark.parametrize(("policy", "attempts", "initial", "phase"), PHASES)
def test_phases(policy: str, attempts: list[Attempt], initial: tuple[list[Attempt], ...], phase: str) -> None:
    pod = pod_of(policy, "Pending", (I,) if initial else ())
    run = run_of(pod, c=attempts, **({"i": initial[0]} if initial else {}))
    assert report.status(pod, run, "1.2.3.4", NOW)["phase"] == phase


def test_times_of_conditions_stay_as_long_as_their_status() -> None:
    pod = pod_of()
    run = run_of(pod, c=[ran()])
    pod["status"] = report.status(pod, run, "1.2.3.4", NOW)
    assert report.status(pod, run, "1.2.3.4", NOW + 9) == pod["status"]
    run.attempts["c"] = [ran(code=1)]
    after = {one["type"]: one for one in report.status(pod, run, "1.2.3.4", NOW + 9)["conditions"]}
    assert after["Ready"]["lastTransitionTime"] == "2020-09-13T12:26:49Z"
    assert after["Initialized"]["lastTransitionTime"] == "2020-09-13T12:26:40Z"


GATES = [
    ([], "corresponding condition of pod readiness gate \"g/x\" does not exist."),
    ([{"type": "g/x", "status": "False"}], 'the status of pod readiness gate "g/x" is not "True", but False'),
    ([{"type": "g/x", "status": "True"}], None),
]  # fmt: skip


@pytest.mark.parametrize(("conditions", "message"), GATES)
def test_readiness_gates(conditions: list[Object], message: str | None) -> None:
    pod = pod_of()
    pod["spec"]["readinessGates"] = [{"conditionType": "g/x"}]
    pod["status"]["conditions"] = conditions
    made = report.status(pod, run_of(pod, c=[ran()]), "1.2.3.4", NOW)["conditions"]
    ready = next(one for one in made if one["type"] == "Ready")
    assert ready.get("message") == message
    assert made[: len(conditions)] == conditions


def test_container_statuses_in_order_of_names() -> None:
    pod = pod_of()
    pod["spec"]["containers"] = [D, C]
    statuses = report.container_statuses(pod, run_of(pod, c=[ran()], d=[ran(D, 1)]))
    assert [(one["name"], one["ready"], one["started"]) for one in statuses] == [("c", True, True), ("d", False, False)]


def test_backoff_doubles_and_forgets() -> None:
    backoff, moment, delays = Backoff(10, 40), 0.0, []
    assert backoff.until("k", 0) == 0
    for _ in range(4):
        backoff.next("k", moment, moment)
        delays.append(backoff.delay("k"))
        assert backoff.until("k", moment) == moment + delays[-1]
        moment += 1
    assert delays == [10, 20, 40, 40]
    assert backoff.until("k", moment + 81) == 0
    backoff.next("k", moment + 81, moment + 81)
    assert backoff.delay("k") == 10


EXPANSIONS = [
    ("$(A) $(B)", "1 $(B)"),
    ("$$(A)", "$(A)"),
    ("$A ${A} $", "$A ${A} $"),
    ("$(A", "$(A"),
    ("a$(A)$(A)b", "a11b"),
    ("$$$(A)", "$1"),
]


@pytest.mark.parametrize(("text", "expanded"), EXPANSIONS)
def test_expansion(text: str, expanded: str) -> None:
    assert expand(text, {"A": "1"}, {"A": "2"}) == expanded


def test_thresholds_of_probes() -> None:
    counter = Counter(failures=3, successes=2)
    results = [counter.observe(one) for one in (False, False, False, True, True, False)]
    assert results == [None, None, False, None, True, None]
    assert counter.observe(False, times=2) is False


@pytest.mark.parametrize(("port", "number"), [(80, 80), ("web", 8080), ("81", 81)])
def test_ports_of_probes(port: int | str, number: int) -> None:
    assert port_number(port, {"name": "c", "ports": [{"name": "web", "containerPort": 8080}]}) == number


def test_ports_that_are_none() -> None:
    for port in ("nosuch", 0, 70000):
        with pytest.raises(ValueError):
            port_number(port, C)


def test_variables_of_services() -> None:
    ports = [{"name": "http", "port": 80, "protocol": "TCP"}, {"name": "dns-udp", "port": 53, "protocol": "UDP"}]
    service = {"metadata": {"name": "my-svc"}, "spec": {"clusterIP": "10.0.0.9", "ports": ports}}
    assert dict(variables(service)) == {
        "MY_SVC_SERVICE_HOST": "10.0.0.9",
        "MY_SVC_SERVICE_PORT": "80",
        "MY_SVC_SERVICE_PORT_HTTP": "80",
        "MY_SVC_SERVICE_PORT_DNS_UDP": "53",
        "MY_SVC_PORT": "tcp://10.0.0.9:80",
        "MY_SVC_PORT_80_TCP": "tcp://10.0.0.9:80",
        "MY_SVC_PORT_80_TCP_PROTO": "tcp",
        "MY_SVC_PORT_80_TCP_PORT": "80",
        "MY_SVC_PORT_80_TCP_ADDR": "10.0.0.9",
        "MY_SVC_PORT_53_UDP": "udp://10.0.0.9:53",
        "MY_SVC_PORT_53_UDP_PROTO": "udp",
        "MY_SVC_PORT_53_UDP_PORT": "53",
        "MY_SVC_PORT_53_UDP_ADDR": "10.0.0.9",
    }


def test_a_pull_that_fails_and_backs_off() -> None:
    puller, run = Puller(some_images(), Delays()), run_of(pod_of())
    container = {**C, "image": "no.invalid/app:1", "imagePullPolicy": "IfNotPresent"}
    moment, seen = NOW, []
    for _ in range(5):
        pull = puller.ensure(container, run, moment)
        seen.append((pull.failure.reason if pull.failure else "", [note.reason for note in pull.notes]))
        moment = pull.until
    assert seen == [
        ("", ["Pulling"]),
        ("ErrImagePull", ["Failed", "Failed"]),
        ("ImagePullBackOff", ["BackOff", "Failed"]),
        ("", ["Pulling"]),
        ("ErrImagePull", ["Failed", "Failed"]),
    ]


def test_an_image_that_cannot_be_pulled_is_on_no_node() -> None:
    reader = ObjectsReader()
    reader.put(IMAGES, {"metadata": {"name": "own"}, "spec": {"names": ["own/app"], "pullError": "no"}})
    puller, run = Puller(some_images(reader=reader), Delays()), run_of(pod_of())
    container = {"name": "c", "image": "own/app", "imagePullPolicy": "IfNotPresent"}
    until = puller.ensure(container, run, NOW).until
    failure = puller.ensure(container, run, until).failure
    assert failure is not None
    assert (failure.reason, failure.message) == ("ErrImagePull", "no")


def test_an_image_is_pulled_once() -> None:
    puller, run = Puller(some_images(), Delays()), run_of(pod_of())
    container = {**C, "image": "example.com/app", "imagePullPolicy": "IfNotPresent"}
    until = puller.ensure(container, run, NOW).until
    assert puller.ensure(container, run, until - 0.01).image is None
    assert puller.ensure(container, run, until).image is not None
    assert [note.message for note in puller.ensure(container, run, until).notes] == [
        'Container image "example.com/app" already present on machine'
    ]
    assert image_id("example.com/app").startswith("example.com/app@sha256:")


REFUSALS = [
    ({}, {}, 0, ""),
    ({"runAsNonRoot": True}, {}, 0, "container has runAsNonRoot and image will run as root"),
    ({"runAsNonRoot": True}, {}, 5, ""),
    (
        {"runAsNonRoot": True},
        {},
        None,
        "container has runAsNonRoot and image has non-numeric user (app)",
    ),
    ({"runAsNonRoot": True}, {"runAsUser": 0}, 5, "container's runAsUser breaks non-root policy"),
    ({"runAsNonRoot": True, "runAsUser": 7}, {}, 0, ""),
    ({"runAsNonRoot": True}, {"runAsNonRoot": False}, 0, ""),
]


@pytest.mark.parametrize(("of_pod", "of_container", "uid", "text"), REFUSALS)
def test_who_may_not_run(of_pod: Object, of_container: Object, uid: int | None, text: str) -> None:
    pod = pod_of()
    pod["spec"]["securityContext"] = of_pod
    refusal = root_refused(pod, {**C, "securityContext": of_container}, uid, "app")
    assert refusal.startswith(text)
    assert bool(refusal) == bool(text)


def test_texts() -> None:
    assert back_off_text(80.0, "c", pod_of()) == "back-off 1m20s restarting failed container=c pod=p_default(u)"
    assert no_log_text("c", None, "p", "ErrImagePull").endswith("is waiting to start: image can't be pulled")
    assert no_log_text("c", pod_of(init=(I,)), "p", "").endswith("is waiting to start: PodInitializing")


def test_addresses() -> None:
    pool = addresses.Pool(addresses.pods_of_node(3))
    first, second = pool.take(), pool.take()
    pool.release(first)
    assert (first, second, pool.take()) == ("10.244.3.2", "10.244.3.3", "10.244.3.4")
    rest = [pool.take() for _ in range(252)]
    assert rest.count("") == 1
    assert first in rest
    assert addresses.of_node(299) == "172.18.1.45"


def test_a_healthy_node() -> None:
    machine = registration.Machine("n", "172.18.0.2", "v1.20.2")
    node = registration.node(machine, NOW)
    conditions = node["status"]["conditions"]
    assert [one["type"] for one in conditions] == ["MemoryPressure", "DiskPressure", "PIDPressure", "Ready"]
    assert registration.news([]) == [
        "NodeHasSufficientMemory", "NodeHasNoDiskPressure", "NodeHasSufficientPID", "NodeReady"
    ]  # fmt: skip
    assert registration.news(conditions) == []
    later = registration.conditions([{"type": "Other", "status": "True"}, *conditions], NOW + 9)
    assert later[0]["type"] == "Other"
    assert {one["lastTransitionTime"] for one in later[1:]} == {"2020-09-13T12:26:40Z"}
    assert {one["lastHeartbeatTime"] for one in later[1:]} == {"2020-09-13T12:26:49Z"}
