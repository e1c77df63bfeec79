"""Pods on a node, with the clock moved: what the API server is told of their lives."""

from __future__ import annotations

import pytest

from fakekube.apis.core.configmaps import RESOURCE as CONFIG_MAPS
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.secrets import RESOURCE as SECRETS
from fakekube.machinery.objects import Key
from tests.unit.node.world import World

BUSYBOX = "busybox:1.32"


def shell(script: str, **more: object) -> dict[str, object]:
    return {"name": "c", "image": BUSYBOX, "command": ["sh", "-c", script], **more}


async def test_a_pod_comes_to_run() -> None:
    async with World() as world:
        await world.pod()
        await world.nodes.idle()
        before = world.status()
        await world.move(2)
        after = world.status()
    assert before["phase"] == "Pending"
    assert before["containerStatuses"][0]["state"] == {"waiting": {"reason": "ContainerCreating"}}
    assert "podIP" not in before
    assert [(one["type"], one["status"]) for one in before["conditions"]] == [
        ("Initialized", "True"), ("Ready", "False"), ("ContainersReady", "False"), ("PodScheduled", "True")
    ]  # fmt: skip
    assert after["phase"] == "Running"
    assert {one["status"] for one in after["conditions"]} == {"True"}
    assert (after["podIP"], after["hostIP"]) == ("10.244.0.2", "172.18.0.2")
    assert after["containerStatuses"][0]["ready"]
    assert after["containerStatuses"][0]["image"] == "docker.io/library/nginx:latest"
    assert after["qosClass"] == "BestEffort"


async def test_events_of_a_start() -> None:
    async with World() as world:
        await world.pod(containers=[{"name": "c", "image": "example.com/app:1"}])
        await world.move(2)
        events = world.events()
    assert [reason for reason, _ in events] == ["Pulling", "Pulled", "Created", "Started"]
    assert events[0][1] == 'Pulling image "example.com/app:1"'
    assert events[1][1].startswith('Successfully pulled image "example.com/app:1" in ')


@pytest.mark.parametrize(
    ("policy", "script", "phase", "reason", "code"),
    [
        ("Never", "exit 0", "Succeeded", "Completed", 0),
        ("Never", "exit 3", "Failed", "Error", 3),
        ("OnFailure", "exit 0", "Succeeded", "Completed", 0),
    ],
)
async def test_the_end_of_a_pod(policy: str, script: str, phase: str, reason: str, code: int) -> None:
    async with World() as world:
        await world.pod(containers=[shell(script)], restartPolicy=policy)
        await world.move(2)
        ended = world.container()["state"]["terminated"]
        assert world.status()["phase"] == phase
    assert (ended["reason"], ended["exitCode"]) == (reason, code)


async def test_crash_loop_backs_off() -> None:
    async with World() as world:
        pod = await world.pod(containers=[shell("echo boom; exit 3")])
        await world.move(2)
        first = world.container()
        await world.move(10)
        second = world.container()
        phase, events = world.status()["phase"], world.events()
    uid = pod["metadata"]["uid"]
    assert first["restartCount"] == 1
    assert first["lastState"]["terminated"]["exitCode"] == 3
    assert first["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": f"back-off 10s restarting failed container=c pod=p_default({uid})",
    }
    assert second["restartCount"] == 2
    assert second["state"]["waiting"]["message"].startswith("back-off 20s ")
    assert phase == "Running"
    assert ("BackOff", "Back-off restarting failed container") in events


async def test_init_containers_run_in_order() -> None:
    initial = [
        {"name": "one", "image": BUSYBOX, "command": ["true"]},
        {"name": "two", "image": BUSYBOX, "command": ["sleep", "5"]},
    ]
    async with World() as world:
        await world.pod(initContainers=initial)
        await world.move(2)
        during = world.status()
        await world.move(5)
        after = world.status()
    assert during["phase"] == "Pending"
    assert during["initContainerStatuses"][0]["ready"]
    assert "running" in during["initContainerStatuses"][1]["state"]
    assert during["containerStatuses"][0]["state"]["waiting"]["reason"] == "PodInitializing"
    assert during["conditions"][0]["message"] == "containers with incomplete status: [two]"
    assert after["phase"] == "Running"


async def test_failed_init_container_ends_a_pod_that_never_restarts() -> None:
    initial = [{"name": "one", "image": BUSYBOX, "command": ["sh", "-c", "exit 4"]}]
    async with World() as world:
        await world.pod(initContainers=initial, restartPolicy="Never")
        await world.move(2)
        assert world.status()["phase"] == "Failed"


async def test_graceful_deletion() -> None:
    async with World() as world:
        await world.pod(containers=[shell("sleep 3600")])
        await world.move(2)
        await world.api.delete(PODS, Key("default", "p"), grace=10)
        await world.move(9)
        still = world.container()["state"]
        await world.move(2, 0.1)
        gone = not world.exists()
        events = world.events()
    assert "running" in still
    assert gone
    assert ("Killing", "Stopping container c") in events


async def test_what_hears_term_ends_at_once() -> None:
    async with World() as world:
        await world.pod()
        await world.move(2)
        await world.api.delete(PODS, Key("default", "p"))
        await world.move(1, 0.1)
        assert not world.exists()


async def test_a_finalizer_holds_a_pod_that_has_ended() -> None:
    async with World() as world:
        await world.pod(metadata={"finalizers": ["example.com/hold"]})
        await world.move(2)
        await world.api.delete(PODS, Key("default", "p"))
        await world.move(1, 0.1)
        ended = world.container()["state"]["terminated"]
        assert world.status()["phase"] == "Running"
        assert (ended["exitCode"], ended["reason"]) == (0, "Completed")
        await world.api.patch(PODS, Key("default", "p"), {"metadata": {"finalizers": None}})
        await world.move(1, 0.1)
        assert not world.exists()


async def test_a_pod_that_vanishes_is_killed() -> None:
    async with World() as world:
        await world.pod()
        await world.move(2)
        process = world.nodes.container(Key("default", "p"), "c")
        await world.api.delete(PODS, Key("default", "p"), grace=0)
        await world.move(1)
        assert process is not None
        assert process.exit_code == 137
        assert world.nodes.container(Key("default", "p"), "c") is None
        assert ("Killing", "Stopping container c") in world.events()


MISSING = [
    ({"envFrom": [{"configMapRef": {"name": "m"}}]}, 'configmap "m" not found'),
    ({"env": [{"name": "A", "valueFrom": {"secretKeyRef": {"name": "m", "key": "k"}}}]}, 'secret "m" not found'),
]


@pytest.mark.parametrize(("container", "message"), MISSING)
async def test_what_is_missing_for_the_environment(container: dict[str, object], message: str) -> None:
    async with World() as world:
        await world.pod(containers=[{"name": "c", "image": "nginx", **container}])
        await world.move(2)
        waiting = world.container()["state"]["waiting"]
        assert waiting == {"reason": "CreateContainerConfigError", "message": message}
        assert ("Failed", f"Error: {message}") in world.events()
        await world.api.create(CONFIG_MAPS, {"metadata": {"name": "m", "namespace": "default"}, "data": {"k": "v"}})
        await world.api.create(SECRETS, {"metadata": {"name": "m", "namespace": "default"}, "data": {"k": "dg=="}})
        await world.move(1)
        assert world.status()["phase"] == "Running"


async def test_a_volume_that_is_missing_is_waited_for() -> None:
    async with World() as world:
        await world.pod(volumes=[{"name": "v", "secret": {"secretName": "m"}}])
        await world.move(5)
        assert world.container()["state"]["waiting"] == {"reason": "ContainerCreating"}
        assert ("FailedMount", 'MountVolume.SetUp failed for volume "v" : secret "m" not found') in world.events()
        await world.api.create(SECRETS, {"metadata": {"name": "m", "namespace": "default"}})
        await world.move(1)
        assert world.status()["phase"] == "Running"


async def test_volumes_that_do_not_come_for_long() -> None:
    async with World() as world:
        await world.pod(volumes=[{"name": "a", "emptyDir": {}}, {"name": "v", "configMap": {"name": "m"}}])
        await world.move(130, 1)
        messages = [message for _, message in world.events()]
    assert (
        "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[a v]: timed out waiting for the "
        "condition"
    ) in messages


IMAGES = [
    (
        {"image": "UPPER/Case:1"},
        "InvalidImageName",
        'Failed to apply default image tag "UPPER/Case:1": couldn\'t parse image reference "UPPER/Case:1": invalid '
        "reference format: repository name must be lowercase",
    ),
    (
        {"image": "example.com/absent:1", "imagePullPolicy": "Never"},
        "ErrImageNeverPull",
        'Container image "example.com/absent:1" is not present with pull policy of Never',
    ),
    ({"image": "no.invalid/app:1"}, "ImagePullBackOff", 'Back-off pulling image "no.invalid/app:1"'),
]


@pytest.mark.parametrize(("container", "reason", "message"), IMAGES)
async def test_images_that_cannot_be_had(container: dict[str, object], reason: str, message: str) -> None:
    async with World() as world:
        await world.pod(containers=[{"name": "c", **container}])
        await world.move(3)
        assert world.container()["state"]["waiting"] == {"reason": reason, "message": message}
        assert ("Failed", f"Error: {reason}") in world.events()


async def test_root_is_refused() -> None:
    container = {"name": "c", "image": "nginx", "securityContext": {"runAsNonRoot": True}}
    async with World() as world:
        pod = await world.pod(containers=[container])
        await world.move(2)
        waiting = world.container()["state"]["waiting"]
    uid = pod["metadata"]["uid"]
    where = f'(pod: "p_default({uid})", container: c)'
    assert waiting["message"] == f"container has runAsNonRoot and image will run as root {where}"


async def test_deadline() -> None:
    async with World() as world:
        await world.pod(containers=[shell("sleep 100")], activeDeadlineSeconds=5, terminationGracePeriodSeconds=1)
        await world.move(5.5)
        status = world.status()
        await world.move(3)
        assert "terminated" in world.container()["state"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert "conditions" not in status
    assert "hostIP" not in status


STORES = {"volumeMounts": [{"name": "d", "mountPath": "/d"}]}
POD_LIMIT = "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. "
ONE_MEBIBYTE = {"resources": {"limits": {"ephemeral-storage": "1Mi"}}}


@pytest.mark.parametrize(
    ("container", "limit", "message"),
    [
        (STORES, "1Mi", 'Usage of EmptyDir volume "d" exceeds the limit "1Mi". '),
        (STORES, "2Mi", None),
        (
            {**STORES, **ONE_MEBIBYTE},
            None,
            "Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. ",
        ),
    ],
)
async def test_who_takes_too_much_of_the_disk_is_evicted(
    container: dict[str, object], limit: str | None, message: str | None
) -> None:
    async with World() as world:
        volume = {"name": "d", "emptyDir": {"sizeLimit": limit} if limit else {}}
        script = "sleep 5; head -c 1500000 /dev/zero > /d/x; sleep 100"
        await world.pod(containers=[shell(script, **container)], volumes=[volume], terminationGracePeriodSeconds=1)
        await world.move(4)
        assert world.status()["phase"] == "Running"
        await world.move(18)
        status, events = world.status(), world.events()
    evicted = {"phase": "Failed", "reason": "Evicted", "message": message}
    assert {name: status.get(name) for name in evicted} == (
        evicted if message else {"phase": "Running", "reason": None, "message": None}
    )
    assert (("Evicted", message) in events) == bool(message)
    assert ("containerStatuses" in status) == (message is None)


@pytest.mark.parametrize(
    ("script", "more", "message"),
    [
        ("echo why > /dev/termination-log; exit 1", {}, "why\n"),
        ("echo last; exit 1", {"terminationMessagePolicy": "FallbackToLogsOnError"}, "last\n"),
        ("echo last; exit 0", {"terminationMessagePolicy": "FallbackToLogsOnError"}, None),
        ("echo last; exit 1", {}, None),
    ],
)
async def test_termination_messages(script: str, more: dict[str, object], message: str | None) -> None:
    async with World() as world:
        await world.pod(containers=[shell(script, **more)], restartPolicy="Never")
        await world.move(2)
        assert world.container()["state"]["terminated"].get("message") == message


async def test_a_readiness_probe_decides() -> None:
    probe = {"exec": {"command": ["cat", "/tmp/ok"]}, "periodSeconds": 1, "failureThreshold": 1}
    async with World() as world:
        await world.pod(containers=[shell("sleep 3600", readinessProbe=probe)])
        await world.move(3)
        before = world.container()
        process = world.nodes.container(Key("default", "p"), "c")
        assert process is not None
        await process.run(["touch", "/tmp/ok"])
        await world.move(2)
        after = world.container()
        await process.run(["rm", "/tmp/ok"])
        await world.move(2)
        again = world.container()
    assert (before["started"], before["ready"]) == (True, False)
    assert after["ready"]
    assert not again["ready"]


async def test_a_liveness_probe_restarts() -> None:
    probe = {"exec": {"command": ["cat", "/tmp/ok"]}, "periodSeconds": 1, "failureThreshold": 2}
    async with World() as world:
        container = shell("touch /tmp/ok; sleep 2; rm /tmp/ok; sleep 3600", livenessProbe=probe)
        await world.pod(containers=[container], terminationGracePeriodSeconds=1)
        await world.move(9)
        status, events = world.container(), world.events()
    assert status["restartCount"] == 1
    assert status["lastState"]["terminated"]["exitCode"] == 137
    assert ("Killing", "Container c failed liveness probe, will be restarted") in events
    unhealthy = "Liveness probe failed: cat: can't open '/tmp/ok': No such file or directory\n"
    assert ("Unhealthy", unhealthy) in events


async def test_a_container_that_its_probe_keeps_killing_is_held_back() -> None:
    probe = {"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1}
    async with World() as world:
        await world.pod(containers=[shell("trap 'exit 0' TERM; sleep 3600 & wait", livenessProbe=probe)])
        await world.move(6)
        held = world.container()
        await world.move(12)
        later = world.container()
    assert held["restartCount"] == 2  # the first two come at once: the kubelet has not seen the end before them yet
    assert held["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert held["state"]["waiting"]["message"].startswith("back-off 10s ")
    assert later["restartCount"] == 3


async def test_a_startup_probe_holds_the_others_back() -> None:
    startup = {"exec": {"command": ["cat", "/tmp/ok"]}, "periodSeconds": 1, "failureThreshold": 100}
    async with World() as world:
        await world.pod(
            containers=[shell("sleep 3600", startupProbe=startup, readinessProbe={"exec": {"command": ["true"]}})]
        )
        await world.move(4)
        before = world.container()
        process = world.nodes.container(Key("default", "p"), "c")
        assert process is not None
        await process.run(["touch", "/tmp/ok"])
        await world.move(15)
        after = world.container()
    assert (before["started"], before["ready"]) == (False, False)
    assert (after["started"], after["ready"]) == (True, True)


async def test_http_probes_ask_the_image() -> None:
    container = {
        "name": "c",
        "image": "workshop/library-server-container-rootless:1.0",
        "readinessProbe": {"httpGet": {"path": "/library", "port": 9090}, "initialDelaySeconds": 5, "periodSeconds": 5},
        "livenessProbe": {"httpGet": {"path": "/no", "port": 9091}, "periodSeconds": 60},
        "securityContext": {"runAsNonRoot": True},
    }
    async with World() as world:
        await world.pod(containers=[container])
        await world.move(4)
        before = world.container()["ready"]
        await world.move(5)
        after, events = world.container()["ready"], world.events()
    assert (before, after) == (False, True)
    refused = (
        'Liveness probe failed: Get "http://10.244.0.2:9091/no": dial tcp 10.244.0.2:9091: connect: connection refused'
    )
    assert ("Unhealthy", refused) in events


async def test_hooks() -> None:
    hooks = {"preStop": {"exec": {"command": ["sleep", "3"]}}, "postStart": {"exec": {"command": ["touch", "/tmp/x"]}}}
    async with World() as world:
        await world.pod(containers=[{"name": "c", "image": "nginx", "lifecycle": hooks}])
        await world.move(2)
        process = world.nodes.container(Key("default", "p"), "c")
        assert process is not None
        assert process.read_file("/tmp/x") == b""
        await world.api.delete(PODS, Key("default", "p"))
        await world.move(2.5)
        assert world.exists()
        await world.move(2, 0.1)
        assert not world.exists()


async def test_a_changed_image_restarts_the_container() -> None:
    async with World() as world:
        await world.pod()
        await world.move(2)
        pod = world.api.get(PODS, Key("default", "p"))
        assert pod is not None
        await world.api.patch(
            PODS, Key("default", "p"), {"spec": {"containers": [{**pod["spec"]["containers"][0], "image": "nginx:2"}]}}
        )
        await world.move(3)
        assert world.container()["image"] == "docker.io/library/nginx:2"
        assert world.container()["restartCount"] == 1
        assert ("Killing", "Container c definition changed, will be restarted") in world.events()


async def test_host_network_pods_have_the_nodes_address() -> None:
    async with World() as world:
        await world.pod(hostNetwork=True)
        await world.move(2)
        assert world.status()["podIP"] == world.status()["hostIP"]


async def test_a_program_that_is_not_there() -> None:
    async with World() as world:
        await world.pod(containers=[{"name": "c", "image": BUSYBOX, "command": ["nosuch"]}])
        await world.move(0.5)
        waiting = world.container()["state"]["waiting"]
        await world.move(5)
        later = world.container()
    assert waiting["reason"] == "RunContainerError"
    assert 'exec: "nosuch": executable file not found in $PATH' in waiting["message"]
    assert later["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert later["lastState"]["terminated"]["exitCode"] == 128


async def test_pods_of_other_nodes_are_left_alone() -> None:
    async with World() as world:
        await world.pod(nodeName="elsewhere")
        await world.move(5)
        assert world.status() == {"phase": "Pending", "qosClass": "BestEffort"}


@pytest.mark.parametrize(
    ("spec", "reason", "message"),
    [
        (
            {"containers": [{"name": "c", "image": "nginx", "resources": {"requests": {"cpu": "9"}}}]},
            "OutOfcpu",
            "Pod Node didn't have enough resource: cpu, requested: 9000, used: 0, capacity: 8000",
        ),
        ({"nodeSelector": {"no": "where"}}, "NodeAffinity", "Pod Predicate NodeAffinity failed"),
    ],
)
async def test_a_node_does_not_take_every_pod(spec: dict[str, object], reason: str, message: str) -> None:
    async with World() as world:
        await world.pod(**spec)
        await world.move(2)
        status = world.status()
        assert (status["phase"], status["reason"], status["message"]) == ("Failed", reason, message)
        assert (reason, message.removeprefix("Pod ")) in world.events()


async def test_a_host_port_is_taken_once() -> None:
    container = {"name": "c", "image": "nginx", "ports": [{"containerPort": 80, "hostPort": 80}]}
    async with World() as world:
        for name in ("a", "b"):
            await world.pod(name, containers=[container])
        await world.move(2)
        assert (world.status("a")["phase"], world.status("b")["reason"]) == ("Running", "NodePorts")


async def test_pods_of_another_life_of_the_node() -> None:
    ran = {"name": "c", "image": "nginx", "imageID": "x", "containerID": "containerd://a", "restartCount": 2,
           "ready": True, "lastState": {}, "state": {"running": {"startedAt": "2020-09-13T12:00:00Z"}}}  # fmt: skip
    ended = {**ran, "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    async with World() as world:
        for name, phase, container in (("a", "Running", ran), ("b", "Succeeded", ended)):
            await world.pod(name, nodeName="elsewhere", restartPolicy="Always" if name == "a" else "Never")
            status = {"phase": phase, "containerStatuses": [container]}
            await world.api.patch(PODS, Key("default", name), {"status": status}, "status")
            pod = world.api.get(PODS, Key("default", name))
            assert pod is not None
            await world.api.update(PODS, {**pod, "spec": {**pod["spec"], "nodeName": "fakekube-node-1"}}, "binding")
        await world.move(2)
        again, left = world.container("a"), world.container("b")
        assert world.events("a")[0] == ("SandboxChanged", "Pod sandbox changed, it will be killed and re-created.")
    assert again["restartCount"] == 3
    assert again["lastState"]["terminated"]["exitCode"] == 255
    assert "running" in again["state"]
    assert left["state"]["terminated"]["reason"] == "Completed"


@pytest.mark.parametrize(
    ("image", "command", "ready"),
    [
        ("own/app", ["/bin/grpc_health_probe", "-addr=:50051"], True),
        ("own/app", ["sh", "-c", "pg_isready -U me"], True),
        ("own/app", ["false"], False),
        ("mysql", ["mysqladmin", "ping"], True),
        ("mysql", ["sh", "-c", "mysqladmin ping"], True),
        ("nginx", ["mysqladmin", "ping"], False),
    ],
)
async def test_probes_of_programs_that_nobody_wrote(image: str, command: list[str], ready: bool) -> None:
    probe = {"exec": {"command": command}, "periodSeconds": 1}
    async with World() as world:
        await world.pod(
            containers=[
                {"name": "c", "image": image, "command": ["/entry"] if "/" in image else None, "readinessProbe": probe}
            ]
        )
        await world.move(4)
        assert (world.status()["phase"], world.container()["ready"]) == ("Running", ready)
