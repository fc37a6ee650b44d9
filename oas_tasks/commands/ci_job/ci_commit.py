"""Commits slices that a CI job made, and pushes them to the branch that the job is for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from oas_tasks.errors import UserError
from oas_tasks.queries.ci_system import CiSystem
from oas_tasks.queries.git import git, git_done

#: Who commits where neither the system, nor git's settings, nor the environment names somebody.
_NOBODY = ("slice-oas", "slice-oas@noreply.invalid")


def commit_and_push(folders: Sequence[Path], message: str, system: CiSystem, environment: Mapping[str, str]) -> None:
    """Commit everything in these folders, and nothing else, and push it. Raises UserError.

    environment: COMMITTER_NAME and COMMITTER_EMAIL name another committer.
    """
    # A pull request is checked out as a merge commit of no branch, which is nothing to push.
    branch = git("symbolic-ref", "--quiet", "HEAD") or _branch_of_job(system)
    if not branch:
        hint = system.branch_hint or "git switch makes or takes one"
        raise UserError("slices can be committed to a branch only", None, f"{hint[:1].upper()}{hint[1:]}")
    names = [str(folder) for folder in folders]
    name, address = _committer(system, environment)
    git_done("the slices cannot be committed", "add", "--all", "--", *names)
    git_done(
        "the slices cannot be committed",
        *("-c", f"user.name={name}", "-c", f"user.email={address}"),
        *("commit", "--quiet", f"--message={message}", "--", *names),
    )
    git_done("the slices cannot be pushed", "push", "--quiet", "origin", f"HEAD:{branch}")


def _branch_of_job(system: CiSystem) -> str:
    """Return the branch that a detached checkout is of, if git can have one by that name."""
    branch = system.branch
    return branch if branch and git("check-ref-format", branch) is not None else ""


def _committer(system: CiSystem, environment: Mapping[str, str]) -> tuple[str, str]:
    name, address = system.committer or (git("config", "user.name"), git("config", "user.email"))
    return (
        environment.get("COMMITTER_NAME") or name or _NOBODY[0],
        environment.get("COMMITTER_EMAIL") or address or _NOBODY[1],
    )
