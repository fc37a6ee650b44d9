"""Recognises the CI system that a process runs in by its environment: what to compare with, and where to push.

Values come from variables that the system sets. Branches and events are other people's texts, so nothing here is taken
for more than the name of a revision, which `base_revision.py` checks.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from oas_tasks.regular_files import read_regular


class CiKind(Enum):
    """The systems that are known. LOCAL: none of them."""

    GITHUB = "GitHub Actions"
    GITLAB = "GitLab CI"
    AZURE = "Azure Pipelines"
    JENKINS = "Jenkins"
    LOCAL = "no CI system"


@dataclass(frozen=True, slots=True)
class CiSystem:
    """What a CI system says about the job.

    base: the revision to compare with, or "" where the job has none (the first push of a branch, say).
    branch: the full name of the branch that a detached checkout is of, `refs/heads/main`, or "" where it is not known
        or where the checkout is not the branch's own commit (a merge request with merged results).
    outputs, summary: the files that take outputs and the summary of a step, or "".
    committer: name and address of commits, where the system has its own.
    branch_hint: how to check out a branch here.
    """

    kind: CiKind
    base: str = ""
    branch: str = ""
    outputs: str = ""
    summary: str = ""
    committer: tuple[str, str] | None = None
    branch_hint: str = ""


def ci_system(environment: Mapping[str, str]) -> CiSystem:
    """Return what the environment says about the job that this process runs in."""
    if environment.get("GITHUB_ACTIONS"):
        return _github(environment)
    if environment.get("GITLAB_CI"):
        return _gitlab(environment)
    if environment.get("TF_BUILD"):
        return _azure(environment)
    if environment.get("JENKINS_URL"):
        return _jenkins(environment)
    return CiSystem(CiKind.LOCAL)


def _github(environment: Mapping[str, str]) -> CiSystem:
    """https://docs.github.com/actions/reference/workflows-and-actions/variables, events as webhooks have them."""
    event = _event(environment.get("GITHUB_EVENT_PATH", ""))
    named = (
        _text_at(event, "pull_request", "base", "sha"),
        _text_at(event, "merge_group", "base_sha"),
        _text_at(event, "before"),
        environment.get("GITHUB_BASE_REF", ""),
    )
    return CiSystem(
        CiKind.GITHUB,
        base=_first_revision(named),
        outputs=environment.get("GITHUB_OUTPUT", ""),
        summary=environment.get("GITHUB_STEP_SUMMARY", ""),
        committer=("github-actions[bot]", "41898282+github-actions[bot]@users.noreply.github.com"),
        branch_hint="check it out with 'ref: ${{ github.head_ref || github.ref_name }}'",
    )


def _event(file: str) -> object:
    """Return the event that a workflow runs for, None where there is none."""
    if not file:
        return None
    try:
        return json.loads(read_regular(file))
    except (OSError, ValueError, RecursionError):
        return None


def _text_at(value: object, *keys: str) -> str:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


def _gitlab(environment: Mapping[str, str]) -> CiSystem:
    """https://docs.gitlab.com/ci/variables/predefined_variables/.

    A pipeline for merged results checks out a merge with the target branch, and is compared with that branch.
    """
    named = (
        environment.get("CI_MERGE_REQUEST_TARGET_BRANCH_SHA", ""),
        environment.get("CI_MERGE_REQUEST_DIFF_BASE_SHA", ""),
        environment.get("CI_COMMIT_BEFORE_SHA", ""),
    )
    branch = environment.get("CI_COMMIT_BRANCH", "")  # not set in pipelines of merge requests and tags
    return CiSystem(
        CiKind.GITLAB,
        base=_first_revision(named),
        branch=f"refs/heads/{branch}" if branch else "",
        branch_hint="let a pipeline of a branch do it",
    )


def _azure(environment: Mapping[str, str]) -> CiSystem:
    """https://learn.microsoft.com/azure/devops/pipelines/build/variables; a push does not say what was there before."""
    ref = environment.get("BUILD_SOURCEBRANCH", "")
    return CiSystem(
        CiKind.AZURE,
        base=environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH", ""),
        branch=ref if ref.startswith("refs/heads/") else "",
        branch_hint="let a run for a branch do it",
    )


def _jenkins(environment: Mapping[str, str]) -> CiSystem:
    """https://www.jenkins.io/doc/book/pipeline/multibranch/, and the variables of its git plugin."""
    is_of_change = bool(environment.get("CHANGE_ID"))
    named = (
        environment.get("CHANGE_TARGET", ""),
        "" if is_of_change else environment.get("GIT_PREVIOUS_SUCCESSFUL_COMMIT", ""),
        "" if is_of_change else environment.get("GIT_PREVIOUS_COMMIT", ""),
    )
    branch = "" if is_of_change else environment.get("BRANCH_NAME", "")
    return CiSystem(
        CiKind.JENKINS,
        base=_first_revision(named),
        branch=f"refs/heads/{branch}" if branch else "",
        branch_hint="let a build of a branch do it",
    )


def _first_revision(names: Iterable[str]) -> str:
    """Return the first that names something: systems write zeros where there is no commit."""
    return next((name for name in names if name and not re.fullmatch("0+", name)), "")
