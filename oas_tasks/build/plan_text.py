"""Plans, and what is kept beside them, as the text that the store has of them: JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from oas_tasks.slicing.plan import Cells, Dependencies, Endpoint, Idle, Plan, is_file_name

if TYPE_CHECKING:
    from oas_tasks.slicing.members import Members


def encoded_plan(plan: Plan) -> str:
    """Return a plan as text."""
    return json.dumps(plan)


def decoded_plan(text: str) -> Plan:
    """Return the plan that such a text is of. Raises ValueError or TypeError where it is of none."""
    family, digest, rows, title, idle = json.loads(text)
    endpoints = (
        Endpoint(path, method, _file_name(file), fingerprint, _decoded_cells(*cells))
        for path, method, file, fingerprint, cells in rows
    )
    return Plan(family, digest, tuple(endpoints), title, tuple(Idle(*each) for each in idle))


def _file_name(text: str) -> str:
    """Return the name of a slice, which is going to be written and removed. Raises ValueError where it is none."""
    if not is_file_name(text):
        raise ValueError(f"no slice is called {text!r}")
    return text


def _decoded_cells(
    summary: str,
    operation_id: str,
    tags: list[str],
    schema_count: int,
    parameter_count: int,
    response_codes: list[str],
    security_required: bool,
    deprecated: bool,
) -> Cells:
    return Cells(
        summary,
        operation_id,
        tuple(tags),
        schema_count,
        parameter_count,
        tuple(response_codes),
        security_required,
        deprecated,
    )


def encoded_dependencies(dependencies: Dependencies) -> str:
    """Return what a plan's endpoints depend on as text."""
    return json.dumps(dependencies)


def decoded_dependencies(text: str) -> Dependencies:
    """Return what such a text says."""
    parts, closures = json.loads(text)
    return Dependencies(tuple(parts), tuple(map(tuple, closures)))


def encoded_members(members: Members) -> str:
    """Return a document's members as text."""
    spans, digests, gaps = members.cut
    form = spans[0].form if spans else ""
    places = [(span.keys, span.start, span.end) for span in spans]
    return json.dumps(
        [
            form,
            places,
            digests,
            gaps,
            members.length,
            sorted(members.sensitive),
            members.has_discriminators,
            members.left_out,
            sorted(members.texts),
        ]
    )


def decoded_members(text: str) -> Members:
    """Return the members that such a text is of."""
    from oas_tasks.formats import Span
    from oas_tasks.formats.cut_again import Cut
    from oas_tasks.slicing.members import Members

    form, places, digests, gaps, length, sensitive, has_discriminators, left_out, texts = json.loads(text)
    spans = tuple(Span(tuple(keys), start, end, form) for keys, start, end in places)
    cut = Cut(spans, tuple(digests), tuple(gaps))
    return Members(cut, length, frozenset(map(tuple, sensitive)), has_discriminators, left_out, frozenset(texts))
