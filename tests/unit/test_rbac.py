"""RBAC: what rules allow, what they cover, and that the index agrees with a naive reading of the objects."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers import ObjectsReader

from fakekube.apis.rbac import clusterrolebindings, clusterroles, rolebindings, roles
from fakekube.apis.resource import Resource
from fakekube.authz.attributes import Attributes, Decision, Verdict
from fakekube.authz.chain import FILES, MODES, Chain, build
from fakekube.authz.escalation import check_escalation
from fakekube.authz.forbidden import forbidden
from fakekube.authz.modes import AlwaysAllow, AlwaysDeny
from fakekube.authz.rbac import RBAC
from fakekube.authz.rules import CompiledRule, compact, describe, rules_allow, uncovered
from fakekube.machinery.objects import Key, Object, UserInfo, key_of
from fakekube.machinery.status import StatusError
from fakekube.options import Options

BOB = UserInfo("bob", groups=("dev", "system:authenticated"))
GROUP = "rbac.authorization.k8s.io"


def rule(verbs: str, groups: str = "", resources: str = "", names: str = "", urls: str = "") -> Object:
    if urls:
        return {"verbs": verbs.split(), "nonResourceURLs": urls.split()}
    made: Object = {"verbs": verbs.split(), "apiGroups": groups.split() or [""], "resources": resources.split()}
    return {**made, "resourceNames": names.split()} if names else made


def role(name: str, *rules: Object, namespace: str = "") -> Object:
    return {"metadata": {"name": name, **({"namespace": namespace} if namespace else {})}, "rules": list(rules)}


def binding(name: str, kind: str, role_name: str, *subjects: Object, namespace: str = "") -> Object:
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    ref = {"apiGroup": GROUP, "kind": kind, "name": role_name}
    return {"metadata": metadata, "roleRef": ref, "subjects": list(subjects)}


def user(name: str) -> Object:
    return {"kind": "User", "apiGroup": GROUP, "name": name}


def group(name: str) -> Object:
    return {"kind": "Group", "apiGroup": GROUP, "name": name}


def account(name: str, namespace: str = "") -> Object:
    return {"kind": "ServiceAccount", "name": name, **({"namespace": namespace} if namespace else {})}


def action(verb: str, resource: str = "", namespace: str = "", who: UserInfo = BOB, **more: Any) -> Attributes:
    return Attributes(who, verb, namespace, resource=resource, **more)


@pytest.mark.parametrize(
    ("allowing", "attributes", "allowed"),
    [
        (rule("get", "", "pods"), action("get", "pods"), True),
        (rule("get", "", "pods"), action("list", "pods"), False),
        (rule("*", "", "pods"), action("list", "pods"), True),
        (rule("get", "apps", "pods"), action("get", "pods"), False),
        (rule("get", "*", "pods"), action("get", "pods", group="apps"), True),
        (rule("get", "", "pods"), action("get", "pods", subresource="log"), False),
        (rule("get", "", "pods/log"), action("get", "pods", subresource="log"), True),
        (rule("get", "", "pods/log"), action("get", "pods"), False),
        (rule("get", "", "*/log"), action("get", "pods", subresource="log"), True),
        (rule("get", "", "*/log"), action("get", "pods", subresource="status"), False),
        (rule("get", "", "pods/*"), action("get", "pods", subresource="log"), False),
        (rule("get", "", "*"), action("get", "pods", subresource="log"), True),
        (rule("get", "", "pods", "a b"), action("get", "pods", name="b"), True),
        (rule("get", "", "pods", "a b"), action("get", "pods", name="c"), False),
        (rule("list", "", "pods", "a"), action("list", "pods"), False),
        (rule("get", urls="/api /apis/*"), action("get", path="/apis/apps", is_resource=False), True),
        (rule("get", urls="/api /apis/*"), action("get", path="/api/", is_resource=False), False),
        (rule("get", urls="/api*"), action("get", path="/apis", is_resource=False), True),
        (rule("get", urls="*"), action("get", path="/x", is_resource=False), True),
        (rule("post", urls="*"), action("get", path="/x", is_resource=False), False),
        (rule("*", "*", "*"), action("get", path="/x", is_resource=False), False),
        (rule("*", urls="*"), action("get", "pods"), False),
    ],
)
def test_what_a_rule_allows(allowing: Object, attributes: Attributes, allowed: bool) -> None:
    assert rules_allow([CompiledRule(allowing)], attributes) is allowed


@pytest.mark.parametrize(
    ("owned", "wanted", "missing"),
    [
        ([rule("get list", "", "pods")], [rule("get", "", "pods")], []),
        ([rule("get", "", "pods")], [rule("get list", "", "pods")], [rule("list", "", "pods")]),
        ([rule("*", "*", "*")], [rule("get", "apps", "deployments/scale", "x")], []),
        ([rule("get", "", "*/scale")], [rule("get", "", "x/scale x/status")], [rule("get", "", "x/status")]),
        ([rule("get", "", "pods", "a")], [rule("get", "", "pods")], [rule("get", "", "pods")]),
        ([rule("get", "", "pods", "a")], [rule("get", "", "pods", "a b")], [rule("get", "", "pods", "b")]),
        ([rule("get", "", "pods")], [rule("get", "", "pods", "a")], []),
        ([rule("get", "", "pods")], [rule("*", "", "pods")], [rule("*", "", "pods")]),
        ([rule("get", "", "pods"), rule("list", "", "pods")], [rule("get list", "", "pods")], []),
        ([rule("get", urls="/api/*")], [rule("get", urls="/api/v1 /apis")], [rule("get", urls="/apis")]),
        ([rule("*", "*", "*")], [rule("get", urls="/x")], [rule("get", urls="/x")]),
        ([rule("get", "", "pods", "a")], [rule("get", urls="/x")], [rule("get", urls="/x")]),
        ([], [rule("get", "", "pods")], [rule("get", "", "pods")]),
        ([], [{"verbs": ["get"]}], []),
    ],
)
def test_what_rules_cover(owned: list[Object], wanted: list[Object], missing: list[Object]) -> None:
    assert uncovered(owned, wanted) == missing


def test_missing_rules_are_described_together() -> None:
    parts = uncovered([], [rule("get list", "", "pods"), rule("get", "", "pods", "x"), rule("get", urls="/x")])
    assert sorted(describe(part) for part in compact(parts)) == [
        '{APIGroups:[""], Resources:["pods"], ResourceNames:["x"], Verbs:["get"]}',
        '{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}',
        '{NonResourceURLs:["/x"], Verbs:["get"]}',
    ]


@pytest.fixture
def reader() -> ObjectsReader:
    made = ObjectsReader()
    made.put(clusterroles.RESOURCE, role("view", rule("get list", "", "pods")), role("none"))
    made.put(roles.RESOURCE, role("edit", rule("update", "", "pods"), namespace="x"))
    made.put(
        clusterrolebindings.RESOURCE,
        binding("a", "ClusterRole", "none", group("dev")),
        binding("b", "ClusterRole", "view", user("ann"), group("ops"), group("qa")),
        binding("lost", "ClusterRole", "gone", user("eve")),
    )
    made.put(
        rolebindings.RESOURCE,
        binding("r", "ClusterRole", "view", group("dev"), account("ci"), account("ci", "y"), namespace="x"),
        binding("s", "Role", "edit", user("bob"), namespace="x"),
        binding("t", "Role", "missing", user("eve"), namespace="x"),
    )
    return made


def service_account(namespace: str, name: str) -> UserInfo:
    return UserInfo(f"system:serviceaccount:{namespace}:{name}")


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (action("get", "pods", who=UserInfo("ann")), 'ClusterRoleBinding "b" of ClusterRole "view" to User "ann"'),
        (
            action("get", "pods", "x", who=UserInfo("eva", groups=("qa", "ops"))),
            'ClusterRoleBinding "b" of ClusterRole "view" to Group "ops"',
        ),
        (action("get", "pods", "x"), 'RoleBinding "r/x" of ClusterRole "view" to Group "dev"'),
        (action("update", "pods", "x"), 'RoleBinding "s/x" of Role "edit" to User "bob"'),
        (
            action("get", "pods", "x", who=service_account("x", "ci")),
            'RoleBinding "r/x" of ClusterRole "view" to ServiceAccount "ci/x"',
        ),
        (
            action("get", "pods", "x", who=service_account("y", "ci")),
            'RoleBinding "r/x" of ClusterRole "view" to ServiceAccount "ci/y"',
        ),
    ],
)
def test_reasons_name_binding_role_and_subject(reader: ObjectsReader, attributes: Attributes, reason: str) -> None:
    verdict = RBAC(reader, reader).evaluate(attributes)
    assert verdict == Verdict(Decision.ALLOW, f"RBAC: allowed by {reason}", "RBAC", verdict.rule)


@pytest.mark.parametrize(
    ("attributes", "reason"),
    [
        (action("get", "pods"), ""),
        (action("get", "pods", "y"), ""),
        (action("get", "pods", "y", who=service_account("y", "ci")), ""),
        (
            action("get", "pods", who=UserInfo("eve")),
            'RBAC: clusterrole.rbac.authorization.k8s.io "gone" not found',
        ),
        (
            action("get", "pods", "x", who=UserInfo("eve")),
            'RBAC: [clusterrole.rbac.authorization.k8s.io "gone" not found, '
            'role.rbac.authorization.k8s.io "missing" not found]',
        ),
    ],
)
def test_faults_are_the_reason_of_a_refusal(reader: ObjectsReader, attributes: Attributes, reason: str) -> None:
    assert RBAC(reader, reader).evaluate(attributes) == Verdict(Decision.NO_OPINION, reason, "RBAC")


@pytest.mark.parametrize(
    ("resource", "obj", "attributes"),
    [
        (clusterroles.RESOURCE, role("none", rule("delete", "", "pods")), action("delete", "pods")),
        (roles.RESOURCE, role("edit", rule("delete", "", "pods"), namespace="x"), action("delete", "pods", "x")),
        (clusterrolebindings.RESOURCE, binding("new", "ClusterRole", "view", user("bob")), action("get", "pods")),
        (
            rolebindings.RESOURCE,
            binding("new", "ClusterRole", "view", user("bob"), namespace="y"),
            action("get", "pods", "y"),
        ),
    ],
)
def test_changes_count_at_once(reader: ObjectsReader, resource: Resource, obj: Object, attributes: Attributes) -> None:
    rbac = RBAC(reader, reader)
    assert not rbac.evaluate(attributes).allowed
    before = reader.get(resource, Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"]))
    reader.put(resource, obj)
    assert rbac.evaluate(attributes).allowed
    if before is not None:
        reader.put(resource, before)
    else:
        reader.remove(resource, Key(obj["metadata"].get("namespace", ""), obj["metadata"]["name"]))
    assert not rbac.evaluate(attributes).allowed


def naive(reader: ObjectsReader, a: Attributes) -> bool:
    """The documented meaning, read from the objects one by one."""
    for kind, where in ((clusterrolebindings.RESOURCE, ""), (rolebindings.RESOURCE, a.namespace)):
        if kind.namespaced and not where:
            continue
        for bound in reader.list(kind, where):
            if any(means(subject, a.user, where) for subject in bound["subjects"]):
                ref = bound["roleRef"]
                source = roles.RESOURCE if ref["kind"] == "Role" else clusterroles.RESOURCE
                found = reader.get(source, Key(where if ref["kind"] == "Role" else "", ref["name"]))
                if found and any(permits(each, a) for each in found["rules"]):
                    return True
    return False


def means(subject: Object, who: UserInfo, where: str) -> bool:
    if subject["kind"] == "User":
        return bool(subject["name"] == who.name)
    if subject["kind"] == "Group":
        return subject["name"] in who.groups
    namespace = subject.get("namespace") or where
    return bool(namespace) and who.name == f"system:serviceaccount:{namespace}:{subject['name']}"


def permits(each: Object, a: Attributes) -> bool:
    if not {a.verb, "*"} & set(each["verbs"]):
        return False
    if not a.is_resource:
        urls = each.get("nonResourceURLs", [])
        return any(url == a.path or (url[-1] == "*" and a.path.startswith(url.rstrip("*"))) for url in urls)
    names = {"*", f"{a.resource}/{a.subresource}", f"*/{a.subresource}"} if a.subresource else {"*", a.resource}
    if not names & set(each.get("resources", [])) or not {a.group, "*"} & set(each.get("apiGroups", [])):
        return False
    return not each.get("resourceNames") or a.name in each["resourceNames"]


def some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True)


VERBS, GROUPS, RESOURCES = ("get", "list", "*"), ("", "apps", "*"), ("pods", "pods/log", "*/log", "secrets", "*")
NAMESPACES, ROLES = ("n1", "n2"), ("r1", "r2")
RULES = st.one_of(
    st.fixed_dictionaries(
        {"verbs": some(*VERBS), "apiGroups": some(*GROUPS), "resources": some(*RESOURCES)},
        optional={"resourceNames": some("a", "b")},
    ),
    st.fixed_dictionaries({"verbs": some(*VERBS), "nonResourceURLs": some("/a", "/a/*", "*")}),
)
SUBJECTS = st.one_of(
    st.builds(user, st.sampled_from(("u1", "u2", "system:serviceaccount:n1:s"))),
    st.builds(group, st.sampled_from(("g1", "g2"))),
    st.builds(account, st.just("s"), st.sampled_from(("", "n1", "n2"))),
)
ROLE_LISTS = st.dictionaries(st.sampled_from(ROLES), st.lists(RULES, max_size=3), max_size=2)
BINDINGS = st.lists(
    st.tuples(st.sampled_from(("Role", "ClusterRole")), st.sampled_from(ROLES), st.lists(SUBJECTS, max_size=3)),
    max_size=4,
)
USERS = st.builds(
    UserInfo,
    st.sampled_from(("u1", "u2", "system:serviceaccount:n1:s", "system:serviceaccount:n2:s")),
    groups=st.lists(st.sampled_from(("g1", "g2")), unique=True).map(tuple),
)
ACTIONS = st.one_of(
    st.builds(
        Attributes,
        USERS,
        st.sampled_from(("get", "list")),
        st.sampled_from(("", *NAMESPACES)),
        st.sampled_from(("", "apps")),
        resource=st.sampled_from(("pods", "secrets")),
        subresource=st.sampled_from(("", "log")),
        name=st.sampled_from(("", "a")),
    ),
    st.builds(
        Attributes,
        USERS,
        st.sampled_from(("get", "list")),
        path=st.sampled_from(("/a", "/a/b", "/c")),
        is_resource=st.just(False),
    ),
)


@given(ROLE_LISTS, st.dictionaries(st.sampled_from(NAMESPACES), ROLE_LISTS), BINDINGS, BINDINGS, st.lists(ACTIONS))
def test_index_agrees_with_a_naive_reading(
    cluster: dict[str, list[Object]],
    namespaced: dict[str, dict[str, list[Object]]],
    cluster_bindings: list[tuple[str, str, list[Object]]],
    bindings: list[tuple[str, str, list[Object]]],
    actions: list[Attributes],
) -> None:
    reader = ObjectsReader()
    rbac = RBAC(reader, reader)

    def agree() -> None:
        for each in [*actions, *actions]:
            assert rbac.evaluate(each).allowed == naive(reader, each)

    reader.put(clusterroles.RESOURCE, *(role(name, *rules) for name, rules in cluster.items()))
    for number, (_, name, subjects) in enumerate(cluster_bindings):
        reader.put(clusterrolebindings.RESOURCE, binding(f"b{number}", "ClusterRole", name, *subjects))
    agree()
    for number, (kind, name, subjects) in enumerate(bindings):
        namespace = NAMESPACES[number % 2]
        reader.put(rolebindings.RESOURCE, binding(f"b{number // 3}", kind, name, *subjects, namespace=namespace))
        agree()
    for namespace, named in namespaced.items():
        reader.put(roles.RESOURCE, *(role(name, *rules, namespace=namespace) for name, rules in named.items()))
        agree()
    for kept in reader.list(rolebindings.RESOURCE):
        reader.remove(rolebindings.RESOURCE, key_of(kept))
        agree()


def cost(bindings: int, written: bool) -> float:
    """Seconds of one evaluation, with the write of a binding before it or without, the best of many."""
    reader = ObjectsReader()
    reader.put(clusterroles.RESOURCE, role("view", rule("get", "", "pods")))
    made = [binding(f"b{i:05}", "ClusterRole", "view", user(f"u{i}"), namespace="x") for i in range(bindings)]
    reader.put(rolebindings.RESOURCE, *made)
    rbac = RBAC(reader, reader)
    rbac.evaluate(action("get", "pods", "x", who=UserInfo("u3", groups=("g",))))
    best = 1.0
    for number in range(50):
        attributes = action("get", "pods", "x", who=UserInfo("u3", groups=("g",)), name=str(number))
        start = time.perf_counter()
        if written:
            reader.put(rolebindings.RESOURCE, made[number % bindings])
        assert rbac.evaluate(attributes).allowed
        best = min(best, time.perf_counter() - start)
    return best


@pytest.mark.parametrize("written", [False, True])
def test_other_peoples_bindings_cost_nothing(written: bool) -> None:
    assert cost(10_000, written) - cost(10, written) < 50e-6


def decided(mode: Any, attributes: Attributes) -> Verdict:
    verdict: Verdict = asyncio.run(mode.decide(attributes))
    return verdict


def chain(modes: list[Any]) -> Chain:
    return Chain(modes, RBAC(ObjectsReader(), ObjectsReader()))


def built(*modes: str) -> Chain:
    reader: Any = ObjectsReader()
    return build(Options(authorization_mode=list(modes)), reader, reader)


def test_chain_asks_in_order() -> None:
    verdict = decided(chain([AlwaysDeny(), AlwaysDeny()]), action("get", "pods"))
    text = "Everything is forbidden by the administrator."
    assert verdict == Verdict(Decision.NO_OPINION, f"{text}\n{text}")
    assert decided(chain([AlwaysDeny(), AlwaysAllow()]), action("get", "pods")).allowed


def test_masters_may_do_anything() -> None:
    verdict = decided(chain([AlwaysDeny()]), action("get", "pods", who=UserInfo("x", groups=("system:masters",))))
    assert (verdict.allowed, verdict.reason) == (True, "")


@pytest.mark.parametrize("names", [[], ["X"], ["AlwaysAllow", "AlwaysAllow"]])
def test_modes_are_checked(names: list[str]) -> None:
    with pytest.raises(ValueError, match="authorization-mode"):
        built(*names)


@pytest.mark.parametrize("name", [name for name in MODES if name not in FILES])
def test_every_mode_can_be_chosen(name: str) -> None:
    assert decided(built(name), action("get", "pods")).allowed is (name == "AlwaysAllow")


NO = Verdict(Decision.NO_OPINION)


@pytest.mark.parametrize(
    ("attributes", "verdict", "message"),
    [
        (
            action("get", "pods", "x", name="p", subresource="log"),
            NO,
            'pods "p" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "x"',
        ),
        (
            action("list", "deployments", group="apps"),
            NO,
            'deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" '
            "at the cluster scope",
        ),
        (
            action("get", path="/a%db%", is_resource=False),
            Verdict(Decision.NO_OPINION, "RBAC: why"),
            'forbidden: User "bob" cannot get path "/a%!d(MISSING)b%!"(MISSING): RBAC: why',
        ),
        (
            action("get", "pods", who=UserInfo("<b> & %%")),
            NO,
            'pods is forbidden: User "&lt;b&gt; &amp; %" cannot get resource "pods" in API group "" '
            "at the cluster scope",
        ),
    ],
)
def test_refusals_are_worded_as_the_real_ones(attributes: Attributes, verdict: Verdict, message: str) -> None:
    error = forbidden(attributes, verdict)
    assert (error.code, error.reason, error.message) == (403, "Forbidden", message)


def check(reader: ObjectsReader, resource: Resource, new: Object, old: Object | None = None, **more: Any) -> str:
    """The message of the refusal, or ""."""
    rbac = RBAC(reader, reader)
    modes = more.pop("modes", [rbac])
    request = {"user": BOB, "name": "", "namespace": "x", "authorizer": Chain(modes, rbac), **more}
    try:
        asyncio.run(check_escalation(resource, new, old, **request))
    except StatusError as error:
        return f"{error.code} {error.message}"
    return ""


WHO = 'user "bob" (groups=["dev" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:'


@pytest.mark.parametrize(
    ("resource", "new", "more", "expected"),
    [
        (roles.RESOURCE, role("n", rule("get update", "", "pods")), {}, ""),
        (
            roles.RESOURCE,
            role("n", rule("get delete watch", "", "pods")),
            {},
            f'403 roles.{GROUP} "n" is forbidden: {WHO}\n{{APIGroups:[""], Resources:["pods"], '
            'Verbs:["delete" "watch"]}',
        ),
        (roles.RESOURCE, role("n", rule("get", "", "secrets")), {"modes": [AlwaysAllow()]}, ""),
        (
            clusterroles.RESOURCE,
            {**role("n"), "aggregationRule": {"clusterRoleSelectors": [{}]}},
            {"namespace": ""},
            f'403 clusterroles.{GROUP} "n" is forbidden: must have cluster-admin privileges to use the aggregationRule',
        ),
        (rolebindings.RESOURCE, binding("n", "ClusterRole", "view", user("x")), {}, ""),
        (rolebindings.RESOURCE, binding("n", "Role", "edit", user("x")), {}, ""),
        (rolebindings.RESOURCE, binding("n", "Role", "nope"), {}, f'404 roles.{GROUP} "nope" not found'),
        (rolebindings.RESOURCE, binding("n", "ClusterRole", ""), {}, "400 Name parameter required."),
        (
            rolebindings.RESOURCE,
            binding("n", "Role", "a/b"),
            {},
            "400 Name parameter invalid: \"a/b\": may not contain '/'",
        ),
        (rolebindings.RESOURCE, binding("n", "Foo", "y"), {}, '500 unsupported role reference kind: "Foo"'),
        (
            clusterrolebindings.RESOURCE,
            binding("n", "Role", "edit"),
            {"namespace": ""},
            "400 Namespace parameter required.",
        ),
        (
            clusterrolebindings.RESOURCE,
            binding("n", "ClusterRole", "view"),
            {"namespace": ""},
            f'403 clusterrolebindings.{GROUP} "n" is forbidden: {WHO}\n{{APIGroups:[""], Resources:["pods"], '
            'Verbs:["get" "list"]}',
        ),
        (
            rolebindings.RESOURCE,
            binding("n", "ClusterRole", "view"),
            {"namespace": "y", "user": UserInfo("eve")},
            f'403 rolebindings.{GROUP} "n" is forbidden: user "eve" (groups=[]) is attempting to grant RBAC '
            'permissions not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}; '
            f'resolution errors: [clusterroles.{GROUP} "gone" not found]',
        ),
        (
            clusterrolebindings.RESOURCE,
            binding("n", "ClusterRole", "view"),
            {"namespace": "", "user": UserInfo("root", groups=("system:masters",))},
            "",
        ),
    ],
)
def test_nobody_grants_what_they_lack(
    reader: ObjectsReader, resource: Resource, new: Object, more: dict[str, Any], expected: str
) -> None:
    assert check(reader, resource, new, **more) == expected


def test_the_garbage_collector_may_finish_any_role(reader: ObjectsReader) -> None:
    old = {**role("n", rule("get", "", "secrets")), "x": 1}
    new = {**old, "metadata": {**old["metadata"], "finalizers": ["a"], "ownerReferences": []}}
    assert check(reader, roles.RESOURCE, new, old) == ""
    assert check(reader, roles.RESOURCE, {**new, "x": 2}, old).startswith("403")


def test_bind_may_be_allowed_by_name(reader: ObjectsReader) -> None:
    reader.put(clusterroles.RESOURCE, role("binder", rule("bind", GROUP, "clusterroles", "power")))
    reader.put(clusterroles.RESOURCE, role("power", rule("*", "*", "*")), role("other", rule("*", "*", "*")))
    reader.put(rolebindings.RESOURCE, binding("z", "ClusterRole", "binder", user("bob"), namespace="x"))
    assert check(reader, rolebindings.RESOURCE, binding("n", "ClusterRole", "power")) == ""
    assert check(reader, rolebindings.RESOURCE, binding("n", "ClusterRole", "other")).startswith("403")
