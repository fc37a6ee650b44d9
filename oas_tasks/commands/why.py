"""`slice-oas why`: explains whether an endpoint is up to date, what it depends on, and which of that changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TextIO

from oas_tasks.api.chosen_endpoint import chosen_endpoint
from oas_tasks.commands.causes import as_json, in_words
from oas_tasks.commands.exit_codes import ALL_BUILT
from oas_tasks.printable import printable_json, printable_lines
from oas_tasks.queries.compare import Cause, CauseKind
from oas_tasks.queries.read_only_run import read_only_run
from oas_tasks.queries.why import Explanation, ReasonType, explain
from oas_tasks.settings import Settings
from oas_tasks.state.index_csv import FAIL

_WORDS = {
    ReasonType.NEVER_MADE: "no recorded run made it ('slice-oas check' says whether its file is right)",
    ReasonType.DOCUMENT: "what it depends on changed since it was made",
    ReasonType.MACHINE: "the machine failed the last time, so that it is tried again",
    ReasonType.SETTING: "the setting 'source_faults' decides differently about its faults now",
    ReasonType.FILE_NAME: "its file has another name now",
    ReasonType.FILE_MISSING: "its file is not there",
    ReasonType.FILE_EDITED: "its file is not as it was written",
    ReasonType.FILE_LEFT: "it has a fault, and there is a file all the same",
}


def why(settings: Sequence[Settings], words: Sequence[str], out: TextIO, in_json: bool) -> int:
    """Write the explanation for the endpoint that the words name. Raises UserError."""
    run, endpoint = chosen_endpoint([read_only_run(each) for each in settings], words)
    found = explain(run, endpoint)
    file = (run.settings.output_dir / endpoint.file).as_posix()
    if in_json:
        named = {"document": run.settings.name} if run.settings.name else {}
        out.write(printable_json({**named, **_as_json(found, file)}))
    else:
        out.write(_text(found, file))
    return ALL_BUILT


def _as_json(found: Explanation, file: str) -> dict[str, object]:
    record = found.record
    return {
        "method": found.endpoint.method,
        "path": found.endpoint.path,
        "file": file,
        "fingerprint": found.endpoint.fingerprint,
        "up_to_date": not found.reasons,
        "reasons": [each.value for each in found.reasons],
        "changed": None if found.causes is None else [as_json(each) for each in found.causes],
        "depends_on": list(found.parts),
        "created_at": "" if record is None else record.created_at,
        "status": "" if record is None else record.status,
        "fault": "" if record is None or ReasonType.DOCUMENT in found.reasons else record.reason,
    }


def _in_words(cause: Cause) -> str:
    return f"{in_words(cause)}, or the version of oas-tasks" if cause.kind is CauseKind.SETTINGS else in_words(cause)


def _text(found: Explanation, file: str) -> str:
    record = found.record
    verdict = "not up to date" if found.reasons else "up to date"
    lines = [f"{found.endpoint.label} is {verdict}: {file}"]
    for reason in found.reasons:
        lines.append(f"  {_WORDS[reason]}")
        if reason is ReasonType.DOCUMENT:
            lost = ["(the document that it was made from is no longer stored)"] if found.causes is None else None
            lines += [f"    {line}" for line in lost or map(_in_words, found.causes or ())]
    if not found.reasons and record is not None:
        if record.status == FAIL:
            lines.append(f"  it has a fault, and so no slice: {record.reason}")
        else:
            if record.reason:
                lines.append(f"  the document has a fault, and so has the slice: {record.reason}")
            lines.append(f"  nothing that it depends on changed since {record.created_at}")
    if found.parts:
        lines.append(f"It depends on its operation, the root fields and {len(found.parts):,} parts:")
        lines += [f"  {part}" for part in found.parts]
    else:
        lines.append("It depends on its operation and the root fields alone.")
    return printable_lines(lines)
