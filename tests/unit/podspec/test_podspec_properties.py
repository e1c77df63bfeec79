"""Whatever a client sends: defaulting settles, validation answers and changes nothing."""

from __future__ import annotations

from copy import deepcopy

from hypothesis import given, settings
from hypothesis import strategies as st
from podspec_samples import pod_spec, template

from fakekube.apis.podspec import (
    default_pod_spec,
    default_pod_template,
    drop_disabled_fields,
    validate_pod_spec,
    validate_pod_template,
)
from fakekube.apis.podspec.walk import config_map_names, containers, secret_names
from fakekube.machinery.fielderrors import Path

SEEDS = st.integers(0, 2**32)


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_defaulting_twice_changes_nothing(seed: int) -> None:
    spec = pod_spec(seed)
    default_pod_spec(spec)
    once = deepcopy(spec)
    default_pod_spec(spec)
    assert spec == once


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_dropping_twice_changes_nothing(seed: int) -> None:
    spec = pod_spec(seed)
    drop_disabled_fields(spec)
    once = deepcopy(spec)
    drop_disabled_fields(spec)
    assert spec == once


@given(SEEDS)
@settings(max_examples=150, deadline=None)
def test_any_spec_gets_an_answer_and_stays_as_it_is(seed: int) -> None:
    spec = pod_spec(seed)
    default_pod_spec(spec)
    before = deepcopy(spec)
    texts = [str(error) for error in validate_pod_spec(spec, Path("spec"), pod_name="p")]
    assert all(text.startswith("spec") for text in texts)
    assert spec == before


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_any_template_gets_an_answer(seed: int) -> None:
    made = template(seed)
    default_pod_template(made)
    assert all(str(error).startswith("template") for error in validate_pod_template(made, Path("template")))


@given(SEEDS)
@settings(max_examples=60, deadline=None)
def test_any_spec_can_be_walked(seed: int) -> None:
    spec = pod_spec(seed)
    assert all(isinstance(name, str) for name in (*secret_names(spec), *config_map_names(spec)))
    assert all(str(path).startswith("spec.") for _, path in containers(spec))
