"""Sets of nodes as bits."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from oas_tasks.plan.closure import closures, members

nodes = st.one_of(st.integers(0, 70), st.integers(1000, 1100), st.integers(0, 40_000))


@given(st.sets(nodes, max_size=40))
def test_the_members_of_a_set_are_its_bits(chosen: set[int]) -> None:
    assert list(members(sum(1 << node for node in chosen))) == sorted(chosen)


@given(st.lists(st.lists(st.integers(0, 11), max_size=4), min_size=12, max_size=12))
def test_a_closure_is_what_is_reached_step_by_step(edges: list[list[int]]) -> None:
    for start, bits in enumerate(closures(edges)):
        reached, pending = {start}, [start]
        while pending:
            new = set(edges[pending.pop()]) - reached
            reached |= new
            pending += new
        assert set(members(bits)) == reached


@given(st.lists(st.lists(st.integers(0, 11), max_size=4), min_size=12, max_size=12), st.sets(st.integers(0, 11)))
def test_what_is_wanted_is_the_same_without_the_rest(edges: list[list[int]], wanted: set[int]) -> None:
    some, every = closures(edges, wanted), closures(edges)
    assert {node: some[node] for node in wanted} == {node: every[node] for node in wanted}


def test_of_a_chain_only_what_is_wanted_is_kept() -> None:
    found = closures([[node + 1] for node in range(99)] + [[]], {0})
    assert set(members(found[0])) == set(range(100))
    assert not any(found[1:])
