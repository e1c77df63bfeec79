"""Warning headers."""

from __future__ import annotations

import pytest

from fakekube.machinery.headers import warning_values


@pytest.mark.parametrize(
    ("texts", "values"),
    [
        ([], []),
        (["a", "a", ""], ['299 - "a"']),
        (['say "no" \\'], ['299 - "say \\"no\\" \\\\"']),
        (["bell\a", "b"], ['299 - "b"']),
        (["x" * 4096], [f'299 - "{"x" * 4096}"']),
        (["x" * 4096, "y"], [f'299 - "{"x" * 256}"', '299 - "y"']),
    ],
)
def test_warnings(texts: list[str], values: list[str]) -> None:
    assert warning_values(texts) == values


def test_there_is_an_end_to_warnings() -> None:
    assert len(warning_values(f"{number:03}" + "x" * 300 for number in range(100))) == 16
