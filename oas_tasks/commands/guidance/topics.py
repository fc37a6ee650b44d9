"""What `slice-oas help TOPIC` tells: how things work, beyond what an option or a command is for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from oas_tasks.settings import SETTINGS


class Topic(NamedTuple):
    """A topic of the help.

    help: one line without a full stop.
    text: paragraphs.
    rows: terms with their meaning, below the text.
    examples: lines to type, at the end.
    """

    help: str
    text: tuple[str, ...]
    rows: tuple[tuple[str, str], ...] = ()
    examples: tuple[str, ...] = ()


def _settings_rows() -> tuple[tuple[str, str], ...]:
    """Return each setting with its option and what it means."""
    return tuple((name, each.option + ": " + each.help.replace("`", "'")) for name, each in SETTINGS.items())


TOPICS: Mapping[str, Topic] = {
    "completion": Topic(
        "how to have a shell complete commands, options, paths, tags and endpoints",
        (
            (
                "'slice-oas completion SHELL' writes a script for bash (4.4 or later), zsh or fish. Put the line for "
                "your shell where it is read at every start."
            ),
            (
                "Paths, tags, operationIds and endpoints come from the plan of the last build, so that a document that "
                "was never built has none. No document is read for it."
            ),
        ),
        (
            ("bash", 'in ~/.bashrc: eval "$(slice-oas completion bash)"'),
            ("zsh", 'in ~/.zshrc, below compinit: eval "$(slice-oas completion zsh)"'),
            ("fish", "once: slice-oas completion fish > ~/.config/fish/completions/slice-oas.fish"),
        ),
    ),
    "documents": Topic(
        "several documents in one repository",
        (
            (
                "Each document has a table [[tool.oas_tasks.specs]] in pyproject.toml, with a 'name', a 'spec' and an "
                "'output_dir' of its own. What it does not set it takes from [tool.oas_tasks]."
            ),
            (
                "Every command is for all of them. --spec NAME picks one; so does --input with its file, and the name "
                "in front of an endpoint, as messages show it."
            ),
        ),
        (),
        (
            "slice-oas --batch --spec v1",
            "slice-oas why 'v1:GET /users'",
            "slice-oas --path /users --method GET --spec v2",
        ),
    ),
    "exit-codes": Topic(
        "what the exit code of a command says",
        (),
        (
            ("0", "all is well: every endpoint has its slice, or the question is answered"),
            ("1", "some endpoints could not be sliced; the others were"),
            ("2", "the request or its document is wrong, and nothing was built; a message says why"),
            ("3", "'check' found slices that do not match, or 'affected --exit-code' found changes"),
            ("130", "interrupted (Ctrl-C); what was finished is kept"),
        ),
    ),
    "faults": Topic(
        "what happens to endpoints in which the document is wrong",
        (
            (
                "An endpoint with a fault, such as a $ref to nothing, gets no slice. The summary lists each fault "
                "once, with its file and line and how many endpoints it touches; index.csv has the reason in each row. "
                "All other endpoints are built."
            ),
            (
                "--lenient slices endpoints as they are where the fault is the document's own (its row says WARN), "
                "since not everybody can mend a document. It never does where the slice would be another than the "
                "document's operation: a $ref that leads nowhere fails in any case."
            ),
            (
                "--strict fails endpoints that lose something when they are converted to another OpenAPI version, "
                "which is a warning otherwise. 'slice-oas version-info' lists such losses beforehand."
            ),
        ),
    ),
    "files": Topic(
        "what files there are: slices, index.csv and the cache",
        (
            (
                "Each endpoint has a file in the output folder that is named by its path and method: GET /users/{id} "
                "is users-id_GET.yaml. Where two names would be the same, or too long, they end in ~ and 8 hex digits."
            ),
            "index.csv beside them has a row for each endpoint ('slice-oas help index').",
            (
                "A build removes slices that the settings and filters do not ask for any more. It never overwrites the "
                "document, a file that the document refers to, or a file that it did not write."
            ),
            ".oas_tasks is a cache, which git ignores and which can be deleted at any time.",
        ),
    ),
    "filters": Topic(
        "how to slice only some endpoints",
        (
            (
                "An endpoint has to pass every filter that is given, and passes a filter with several values if one of "
                "them fits. A build with filters removes the slices of other endpoints from the output folder, after "
                "a question on a terminal; with --no-prune it keeps them. --endpoint slices one endpoint and leaves "
                "all others as they are."
            ),
            "Put patterns in quotes, or the shell expands them to file names.",
        ),
        (
            ("--filter '/users/*'", "paths that begin so; * stands for any text, also with a /"),
            ("--filter '!/users/me'", "all but this path"),
            ("--filter-type regex", "patterns are regular expressions, which may match anywhere: '^/v[12]/'"),
            ("--method GET,POST", "only these methods; case does not matter"),
            ("--tag pets", "only endpoints with this tag"),
            ("--operation-id getUser", "only this operation"),
            ("--webhooks", "webhooks too"),
        ),
        (
            "slice-oas list --filter '/users/*' --method GET",
            "slice-oas --batch --filter '/users/*' --filter '!/users/me'",
        ),
    ),
    "index": Topic(
        "the columns of index.csv",
        (
            (
                "One row for each endpoint, in the order of the document, in UTF-8. Cells that a spreadsheet would "
                "take for a formula begin with '."
            ),
        ),
        (
            ("path, method", "the endpoint; the method is * where the path's operations cannot be found"),
            ("summary, operation_id", "as in the operation"),
            ("tags", "its tags, with commas between them"),
            ("filename", "its file in the output folder"),
            ("file_size_kb", "in 1,024 bytes"),
            ("schema_count", "schemas in the slice's components"),
            ("parameter_count", "parameters of the operation, those of its path included"),
            ("response_codes", "with commas between them"),
            ("security_required", "whether it cannot be called without credentials"),
            ("deprecated", "true or false"),
            ("created_at", "when the slice last became another, in UTC"),
            ("output_oas_version", "3.0.x, 3.1.x or 3.2.x"),
            (
                "validation_status",
                (
                    "PASS; FAIL: there is no slice; WARN: there is one with a fault of the document; SKIPPED: a run "
                    "was interrupted before"
                ),
            ),
            ("failure_reason", "why it failed, with the place in the document"),
            ("extraction_time_ms", "how long the slice took"),
        ),
    ),
    "settings": Topic(
        "all settings, and where they can be written",
        (
            (
                "Settings stand in [tool.oas_tasks] in pyproject.toml under the names below. Options go before them, "
                "and so do variables of doit: doit output_dir=out."
            ),
        ),
        _settings_rows(),
    ),
}
