"""Which controllers run: the words of --controllers, as kube-controller-manager reads them."""

from __future__ import annotations

import pytest

from fakekube.controllers import table
from fakekube.options import Options

ON = table.KNOWN - table.OFF_BY_DEFAULT


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        (Options().controllers, table.KNOWN),
        (["*"], ON),
        ([], frozenset()),
        (["deployment", "scheduler"], {"deployment", "scheduler"}),
        (["*", "-scheduler"], ON - {"scheduler"}),
        (["-job", "*"], ON - {"job"}),
        (["*", "tokencleaner"], ON | {"tokencleaner"}),
        (["-job", "job"], frozenset()),
        (["job", "-job"], {"job"}),
        (["*", "-ttl-after-finished"], ON - {"ttl-after-finished"}),
    ],
)
def test_the_first_word_about_a_name_counts(asked: list[str], names: frozenset[str]) -> None:
    assert table.enabled(asked) == names


@pytest.mark.parametrize(("word", "told"), [("schduler", "schduler"), ("-jobs", "jobs"), ("-*", "*"), ("", "")])
def test_a_name_that_nobody_knows_is_refused(word: str, told: str) -> None:
    with pytest.raises(ValueError, match="list of known") as raised:
        table.enabled(["*", word])
    assert str(raised.value) == f'"{told}" is not in the list of known controllers'
