from __future__ import annotations

import pytest

from fakekube.machinery import generate, metarules, names
from fakekube.machinery.fielderrors import Path

LONG = "a" * 64
RULES = [
    (names.qualified_name, "example.com/My.name_1", []),
    (names.qualified_name, "/x", ["prefix part must be non-empty"]),
    (names.qualified_name, "X/x", [f"prefix part {names.SUBDOMAIN_TEXT}"]),
    (names.qualified_name, "x/", ["name part must be non-empty", f"name part {names.QUALIFIED_TEXT}"]),
    (names.qualified_name, LONG, ["name part must be no more than 63 characters"]),
    (names.label_value, "", []),
    (names.label_value, "-", [names.LABEL_VALUE_TEXT]),
    (names.dns_label, "a.b", [names.LABEL_TEXT]),
    (names.dns_label, "é" * 32, ["must be no more than 63 characters", names.LABEL_TEXT]),
    (names.dns_subdomain, "a.b", []),
    (names.dns_1035_label, "1a", [names.DNS_1035_TEXT]),
    (names.wildcard_subdomain, "*.foo.com", []),
    (names.wildcard_subdomain, "*.*.com", [names.WILDCARD_TEXT]),
    (names.path_segment, "..", ["may not be '..'"]),
    (names.path_segment, "a/%", ["may not contain '/'", "may not contain '%'"]),
    (names.env_var_name, "..x", ["must not start with '..'"]),
    (names.config_map_key, "..", ["must not be '..'"]),
    (names.config_map_key, "", [names.CONFIG_KEY_TEXT]),
    (names.c_identifier, "a-b", [names.C_IDENTIFIER_TEXT]),
    (names.port_name, "http-2", []),
    (names.port_name, "-1--", [
        "must contain at least one letter or number (a-z, 0-9)",
        "must not contain consecutive hyphens",
        "must not begin or end with a hyphen",
    ]),
    (names.percent, "5", [names.PERCENT_TEXT]),
    (names.http_header_name, "X Y", [names.HTTP_HEADER_TEXT]),
    (names.ip, "10.0.0.1", []),
    (names.ip, "::ffff:1.2.3.4", []),
    (names.ip, "010.0.0.1", [names.IP_TEXT]),
    (names.ip, "1.2.3.4/8", [names.IP_TEXT]),
    (names.socket_address, "[::]:10254", []),
    (names.socket_address, "::1", ["must be a valid socket address format, (e.g. 0.0.0.0:10254 or [::]:10254)"]),
    (names.socket_address, "0.0.0.0:0", ["must be between 1 and 65535, inclusive"]),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "text", "complaints"), RULES)
def test_rules(rule: names.Rule, text: str, complaints: list[str]) -> None:
    assert list(rule(text)) == complaints


def test_prefixes_may_end_with_a_dash() -> None:
    assert list(names.as_prefix(names.dns_label, "web-")) == []
    assert list(names.as_prefix(names.dns_label, "Web-")) == [names.LABEL_TEXT]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("10.0.0.0/8", (b"\x0a\0\0\0", 8)),
        ("fd00::/64", (b"\xfd" + bytes(15), 64)),
        ("10.0.0.0", None),
        ("10.0.0.0/33", None),
        ("10.0.0.0/-1", None),
    ],
)
def test_cidr(text: str, parsed: tuple[bytes, int] | None) -> None:
    assert names.parse_cidr(text) == parsed


def texts(errors: object) -> list[str]:
    return [str(error) for error in errors]  # type: ignore[attr-defined]


def test_domains() -> None:
    path = Path("x")
    assert texts(names.fully_qualified_name("a.b", path)) == [
        'x: Invalid value: "a.b": should be a domain with at least three segments separated by dots'
    ]
    assert texts(names.fully_qualified_domain_name("a.b.", path)) == []
    assert texts(names.domain_prefixed_path("acme.io", path)) == [
        'x: Invalid value: "acme.io": must be a domain-prefixed path (such as "acme.io/foo")'
    ]


def test_metadata_rules() -> None:
    path = Path("metadata")
    assert texts(metarules.validate_labels({"a": "b/"}, path / "labels")) == [
        f'metadata.labels: Invalid value: "b/": {names.LABEL_VALUE_TEXT}'
    ]
    assert texts(metarules.validate_annotations({"A.b/C": "x" * 262144}, path)) == [
        "metadata: Too long: must have at most 262144 bytes"
    ]
    assert texts(metarules.validate_finalizers(["orphan", "foregroundDeletion"], path)) == [
        'metadata: Invalid value: []string{"orphan", "foregroundDeletion"}: finalizer orphan and foregroundDeletion '
        "cannot be both set"
    ]
    assert texts(metarules.validate_no_new_finalizers(["b", "a"], ["a"], path)) == [
        "metadata: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers "
        '[]string{"b"}'
    ]
    assert texts(metarules.validate_field_manager("a\tb", path)) == [
        'metadata: Invalid value: "a\\tb": invalid character U+0009 (at position 1)'
    ]
    assert texts(metarules.validate_owner_references([{"apiVersion": "v1", "kind": "Pod", "name": "p"}], path)) == [
        'metadata.uid: Invalid value: "": uid must not be empty'
    ]
    assert texts(metarules.validate_dry_run(["Some"], Path("dryRun"))) == [
        'dryRun: Unsupported value: []string{"Some"}: supported values: "All"'
    ]


def test_generated() -> None:
    name = generate.name("x" * 100)
    assert len(name) == 63
    assert set(name[58:]) <= set(generate.ALPHABET)
    assert len({generate.name("a-") for _ in range(100)}) > 90
    uid = generate.uid()
    assert [len(part) for part in uid.split("-")] == [8, 4, 4, 4, 12]
    assert uid[14] == "4"
    assert uid[19] in "89ab"
    assert generate.fnv32a(b"hello") == 0x4F9F2CAB
    assert generate.safe_encode("10") == "54"
