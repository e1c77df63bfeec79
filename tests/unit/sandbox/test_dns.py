"""What the cluster's DNS and network answer."""

import pytest

from fakekube.apis.core.endpoints import RESOURCE as ENDPOINTS
from fakekube.apis.core.nodes import RESOURCE as NODES
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.apis.core.services import RESOURCE as SERVICES
from fakekube.machinery.objects import Key
from fakekube.sandbox.clusternet import Cluster, PodNetwork
from fakekube.sandbox.dns import records


def named(name, **fields):
    return {"metadata": {"name": name, "namespace": "n", "uid": name}, **fields}


PORT = {"name": "http", "port": 80, "protocol": "TCP", "nodePort": 30080}
ADDRESSES = [{"ip": "10.1.0.2", "hostname": "one"}, {"ip": "10.1.0.3"}]
SUBSETS = [{"addresses": ADDRESSES, "ports": [{"name": "http", "port": 8080}]}]


OBJECTS = {
    SERVICES.kind: [
        named("web", spec={"type": "NodePort", "clusterIP": "10.96.0.7", "ports": [PORT]}),
        named("sticky", spec={"clusterIP": "10.96.0.8", "ports": [PORT], "sessionAffinity": "ClientIP"}),
        named("pods", spec={"clusterIP": "None", "ports": [PORT]}),
        named("alias", spec={"type": "ExternalName", "externalName": "web.n.svc.cluster.local"}),
        named("out", spec={"type": "ExternalName", "externalName": "example.com"}),
    ],
    ENDPOINTS.kind: [named(name, subsets=SUBSETS) for name in ("web", "sticky", "pods")],
    PODS.kind: [
        {
            "metadata": {"name": f"on-{port.get('hostIP', 'all')}-{port['protocol']}"},
            "spec": {"containers": [{"ports": [{"containerPort": 80, "hostPort": 9000, **port}]}]},
            "status": {"phase": phase, "hostIP": "172.18.0.2", "podIP": ip},
        }
        for ip, phase, port in (
            ("10.1.0.4", "Succeeded", {"protocol": "TCP"}),
            ("10.1.0.5", "Running", {"protocol": "TCP", "hostIP": "127.0.0.1"}),
            ("10.1.0.6", "Running", {"protocol": "TCP", "hostIP": "172.18.0.2"}),
            ("10.1.0.7", "Running", {"protocol": "UDP"}),
        )
    ],
    NODES.kind: [named("node", status={"addresses": [{"type": "InternalIP", "address": "172.18.0.2"}]})],
}


class Store:
    """A reader of these objects."""

    def get(self, resource, key):
        found = OBJECTS[resource.kind]
        return next((one for one in found if Key(one["metadata"]["namespace"], one["metadata"]["name"]) == key), None)

    def list(self, resource):
        return OBJECTS[resource.kind]


ANSWERS = [
    ("web.n.svc.cluster.local", "A", ["10.96.0.7"]),
    ("WEB.n.svc.cluster.local", "A", ["10.96.0.7"]),
    ("web.n.svc.cluster.local", "CNAME", []),
    ("pods.n.svc.cluster.local", "A", ["10.1.0.2", "10.1.0.3"]),
    ("one.pods.n.svc.cluster.local", "A", ["10.1.0.2"]),
    ("10-1-0-3.pods.n.svc.cluster.local", "A", ["10.1.0.3"]),
    ("two.pods.n.svc.cluster.local", "A", []),
    ("10-1-0-9.n.pod.cluster.local", "A", ["10.1.0.9"]),
    ("x.n.pod.cluster.local", "A", []),
    ("alias.n.svc.cluster.local", "CNAME", ["web.n.svc.cluster.local"]),
    ("alias.n.svc.cluster.local", "A", ["web.n.svc.cluster.local", "10.96.0.7"]),
    ("out.n.svc.cluster.local", "A", ["example.com"]),
    ("_http._tcp.web.n.svc.cluster.local", "SRV", ["0 100 80 web.n.svc.cluster.local"]),
    ("_dns._udp.web.n.svc.cluster.local", "SRV", []),
    (
        "_http._tcp.pods.n.svc.cluster.local",
        "SRV",
        ["0 100 8080 one.pods.n.svc.cluster.local", "0 100 8080 10-1-0-3.pods.n.svc.cluster.local"],
    ),
    ("7.0.96.10.in-addr.arpa", "PTR", ["web.n.svc.cluster.local"]),
    ("2.0.1.10.in-addr.arpa", "PTR", ["one.pods.n.svc.cluster.local"]),
    ("none.n.svc.cluster.local", "A", []),
    ("example.com", "A", []),
]


@pytest.mark.parametrize(("name", "kind", "values"), ANSWERS)
def test_answers(name, kind, values):
    assert [record.value for record in records(Store(), name, kind)] == values


class Pods:
    """Notes who is connected to."""

    def __init__(self):
        self.asked = []

    def connect(self, address, port, peer):
        self.asked.append((address, port, peer.partition(":")[0]))

    def datagram(self, address, port, data, peer):
        self.asked.append((address, port, data))


def network_of(pods, address="10.1.0.9"):
    return PodNetwork(Cluster(Store(), lambda: ("127.0.0.1", 1), pods), "n", address, "p")


async def asked(address, port, times=1, by="10.1.0.9"):
    pods = Pods()
    network = network_of(pods, by)
    for _ in range(times):
        await network.connect(address, port)
    return pods.asked


BEHIND = {("10.1.0.2", 8080, "10.1.0.9"), ("10.1.0.3", 8080, "10.1.0.9")}


async def test_services_lead_to_pods():
    assert set(await asked("10.96.0.7", 80, 50)) == BEHIND
    assert set(await asked("172.18.0.2", 30080, 50)) == BEHIND
    assert await asked("10.1.0.3", 81) == [("10.1.0.3", 81, "10.1.0.9")]
    assert await asked("127.0.0.1", 81) == [("10.1.0.9", 81, "127.0.0.1")]


NODE = "172.18.0.2"


@pytest.mark.parametrize(
    ("by", "address", "reached"),
    [
        (NODE, "127.0.0.1", ("10.1.0.5", 80)),
        (NODE, NODE, ("10.1.0.6", 80)),
        ("10.1.0.9", NODE, ("10.1.0.6", 80)),
        ("10.1.0.9", "127.0.0.1", ("10.1.0.9", 9000)),
    ],
)
async def test_a_host_port_leads_to_its_pod(by, address, reached):
    assert [found[:2] for found in await asked(address, 9000, by=by)] == [reached]


async def test_a_host_port_is_of_one_protocol():
    pods = Pods()
    await network_of(pods).datagram(NODE, 9000, b"hello")
    assert pods.asked == [("10.1.0.7", 80, b"hello")]


async def test_a_service_with_session_affinity_stays_with_its_pod():
    assert len(set(await asked("10.96.0.8", 80, 50))) == 1
