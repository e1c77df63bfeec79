"""Random roles, bindings and requests: our decision, a review's answer, and the outcome of the real request agree
with a second evaluator, which is as simple as the documentation of RBAC and knows no index and no cache.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fakekube.machinery.objects import Object

if TYPE_CHECKING:
    from fakekube.testing import Cluster

GROUP = "rbac.authorization.k8s.io"
ROOT = f"/apis/{GROUP}/v1"
SARS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
NAMESPACES = ("default", "kube-public")
USERS = {"ann": ("dev",), "bob": ("dev", "ops"), "cyd": ()}
VERBS = {"get": "GET", "list": "GET", "delete": "DELETE", "create": "POST"}
RESOURCES = {("", "configmaps"): "/api/v1", ("", "pods"): "/api/v1", ("apps", "deployments"): "/apis/apps/v1"}


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


rules = st.builds(
    lambda verbs, groups, resources, names: {
        "verbs": verbs, "apiGroups": groups, "resources": resources, **({"resourceNames": names} if names else {}),
    },
    some(*VERBS, "*"),
    some("", "apps", "*"),
    some("configmaps", "pods", "deployments", "*", "pods/log"),
    st.lists(st.sampled_from(["one", "two"]), max_size=1),
)  # fmt: skip
subjects = st.one_of(
    st.builds(lambda name: {"kind": "User", "apiGroup": GROUP, "name": name}, st.sampled_from([*USERS])),
    st.builds(
        lambda name: {"kind": "Group", "apiGroup": GROUP, "name": name}, st.sampled_from(["dev", "ops", "nobody"])
    ),
    st.just({"kind": "ServiceAccount", "name": "default", "namespace": "default"}),
)
places = st.sampled_from(["", *NAMESPACES])
roles = st.lists(st.tuples(places, st.lists(rules, max_size=2)), min_size=1, max_size=3)
bindings = st.lists(
    st.tuples(places, st.integers(0, 3), st.booleans(), st.lists(subjects, min_size=1, max_size=2)), max_size=3
)
requests = st.lists(
    st.tuples(
        st.sampled_from([*USERS]), st.sampled_from([*VERBS]), st.sampled_from([*RESOURCES]),
        st.sampled_from(NAMESPACES), st.sampled_from(["one", "two"]),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


def world(roles: Any, bindings: Any) -> list[Object]:
    """The objects; a role number may lead nowhere, and a cluster-wide binding refers to a cluster role."""
    made = [_named("Role" if where else "ClusterRole", f"r{n}", where, rules=r) for n, (where, r) in enumerate(roles)]
    for number, (where, role, clusterwide, whom) in enumerate(bindings):
        ref = {"apiGroup": GROUP, "kind": "ClusterRole" if clusterwide or not where else "Role", "name": f"r{role}"}
        kind = "RoleBinding" if where else "ClusterRoleBinding"
        made.append(_named(kind, f"b{number}", where, roleRef=ref, subjects=whom))
    return made


def _named(kind: str, name: str, namespace: str, **more: Any) -> Object:
    where = {"namespace": namespace} if namespace else {}
    return {"apiVersion": f"{GROUP}/v1", "kind": kind, "metadata": {"name": name, **where}, **more}


def naively(objects: list[Object], user: str, verb: str, group: str, resource: str, where: str, name: str) -> bool:
    """By the documentation: any rule of any role that any binding here or everywhere gives to the user."""
    for binding in objects:
        place = binding["metadata"].get("namespace", "")
        if "roleRef" not in binding or place not in ("", where):
            continue
        for subject in binding["subjects"]:
            meant = {"User": (user,), "Group": USERS[user], "ServiceAccount": ()}[subject["kind"]]
            if subject["name"] in meant and _role_allows(objects, binding, place, verb, group, resource, name):
                return True
    return False


def _role_allows(
    objects: list[Object], binding: Object, place: str, verb: str, group: str, resource: str, name: str
) -> bool:
    ref = binding["roleRef"]
    home = place if ref["kind"] == "Role" else ""
    for role in objects:
        metadata = role["metadata"]
        if (role["kind"], metadata["name"], metadata.get("namespace", "")) == (ref["kind"], ref["name"], home):
            for rule in role["rules"]:
                wanted = (("verbs", verb), ("apiGroups", group), ("resources", resource))
                fits = all(value in rule[part] or "*" in rule[part] for part, value in wanted)
                if fits and ("resourceNames" not in rule or name in rule["resourceNames"]):
                    return True
    return False


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(roles, bindings, requests)
def test_all_agree(fakekube: Cluster, roles: Any, bindings: Any, requests: Any) -> None:
    fakekube.reset()
    objects = world(roles, bindings)
    fakekube.apply(objects)
    people = {name: fakekube.user(name, groups) for name, groups in USERS.items()}
    for user, verb, (group, resource), where, name in requests:
        named = name if verb in ("get", "delete") else ""
        expected = naively(objects, user, verb, group, resource, where, named)
        about = {"verb": verb, "group": group, "resource": resource, "namespace": where, "name": named}
        spec = {"user": user, "groups": list(USERS[user]), "resourceAttributes": about}
        review = fakekube.admin.request("POST", SARS, {"spec": spec}).json()["status"]
        assert review["allowed"] == expected, about
        path = f"{RESOURCES[group, resource]}/namespaces/{where}/{resource}" + (f"/{named}" if named else "")
        body = {"metadata": {"name": name}} if verb == "create" else None
        answer = people[user].request(VERBS[verb], path, body)
        verdict = fakekube.requests[-1].verdict
        assert verdict is not None
        assert verdict.allowed == expected, about
        assert (answer.status == 403) == (not expected), answer.text
        if expected:
            assert verdict.reason == review["reason"]
