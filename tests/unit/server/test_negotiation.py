"""What the Accept and Content-Type headers lead to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fakekube.server.negotiation import (
    ALL_FORMS,
    JSON,
    METADATA_FORMS,
    PROTOBUF,
    TABLES,
    YAML,
    Media,
    consumes,
    negotiate,
    prettier,
    produces,
)  # fmt: skip

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io"
PARTIAL = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("", Media(JSON)),
        ("*/*", Media(JSON)),
        ("application/*", Media(JSON)),
        ("application/yaml", Media(YAML)),
        ("application/json;q=0.1, application/yaml", Media(YAML)),
        ("application/xml, */*", Media(JSON)),
        ("application/vnd.kubernetes.protobuf, application/json", Media(PROTOBUF)),
        ("*/*, application/yaml", Media(YAML)),  # what is named goes first
        ("application/json;pretty=1", Media(JSON, pretty=True)),
        ("application/json;stream=watch", Media(JSON, stream=True)),
        ("application/json;charset=utf-8", Media(JSON)),
        (TABLE, Media(JSON, "Table", "v1")),
        (f"{TABLE},application/json", Media(JSON, "Table", "v1")),
        ("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", Media(JSON)),
        ("application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io", None),
        (PARTIAL.replace("json", "yaml"), Media(YAML, "PartialObjectMetadata", "v1")),
        ("application/json;sv=v1", Media(JSON)),
        ("application/json;sv=v2", None),
        ("application/yaml;stream=watch", None),
        ("text/html", None),
        ("garbage", None),
        ("a/b/c", None),
        ("application/json;as=Table", None),
    ],
)
def test_forms(accept: str, media: Media | None) -> None:
    assert negotiate(accept, ALL_FORMS) == media


@pytest.mark.parametrize(
    ("accept", "forms", "encodings", "possible"),
    [
        (TABLE, METADATA_FORMS, (JSON,), False),
        (PARTIAL, METADATA_FORMS, (JSON,), True),
        (PARTIAL, (), (JSON,), False),
        (PROTOBUF, ALL_FORMS, TABLES, False),
        (PARTIAL.replace("json", "vnd.kubernetes.protobuf"), ALL_FORMS, TABLES, True),
    ],
)
def test_what_is_possible_depends_on_the_object(
    accept: str, forms: tuple[str, ...], encodings: tuple[str, ...], possible: bool
) -> None:
    assert (negotiate(accept, forms, encodings) is not None) is possible


@pytest.mark.parametrize(
    ("accept", "possible"),
    [
        ("", True), ("*/*", True), ("application/*", False), ("application/json;as=Nothing", True), ("*", False),
        ("text/html, application/yaml;q=0.1", True), ("application/jsonx", False),
    ],
)  # fmt: skip
def test_routes_produce(accept: str, possible: bool) -> None:
    assert produces(accept) is possible


@pytest.mark.parametrize(
    ("method", "content_type", "possible"),
    [
        ("PATCH", "application/merge-patch+json; charset=utf-8", True),
        ("PATCH", "text/plain, application/merge-patch+json", True),
        ("PATCH", "application/json", False),
        ("PATCH", "", False),
        ("GET", "", True),
    ],
)
def test_routes_consume(method: str, content_type: str, possible: bool) -> None:
    assert consumes(method, content_type, ("application/merge-patch+json",)) is possible


@pytest.mark.parametrize(
    ("query", "pretty", "agent", "answer"),
    [("", None, "", False), ("", None, "curl/7.1", True), ("pretty=0", "0", "curl/7.1", False),
     ("pretty=true", "true", "", True), ("pretty=yes", "yes", "", False), ("pretty=", "", "Wget/1", True)],
)  # fmt: skip
def test_people_get_pretty_answers(query: str, pretty: str | None, agent: str, answer: bool) -> None:
    assert prettier(query, pretty, agent) is answer


@given(st.text(alphabet="aj/*;,=q.0 son", max_size=30))
def test_any_header_is_read(header: str) -> None:
    negotiate(header, ALL_FORMS)
    produces(header)
