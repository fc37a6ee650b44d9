"""Finds the revision that a CI job compares with; fetches it where the checkout does not have it.

Names of revisions may come from other people: branches, events. Nothing in them is an option or a refspec for git.
"""

from __future__ import annotations

from oas_tasks.errors import UserError
from oas_tasks.queries.git import git


class NoRevision(UserError):  # noqa: N818  a state that is no fault where nobody asked for the revision
    """There is no such revision, or it cannot be fetched."""


def base_commit(name: str) -> str:
    """Return a name of the commit that a branch, a tag or a commit's name stands for. Raises NoRevision, UserError.

    What is not there is fetched from `origin`: checkouts in CI often have one commit of one branch. A shallow clone
    stays one, and one that has all of its history keeps it.
    """
    if name.startswith("-") or not name.isprintable():  # git would take it for an option
        raise NoRevision(f"'{name}' is no revision")
    if git("rev-parse", "--git-dir") is None:
        raise NoRevision("this folder is in no git repository, so that there is no revision to compare with")
    if git("cat-file", "-e", f"{name}^{{commit}}") is not None:
        return name
    there = name.removeprefix("origin/")
    if there.startswith("-") or git("check-ref-format", "--allow-onelevel", there) is None:  # a refspec writes branches
        raise NoRevision(f"'{name}' is no revision")
    depth = ["--depth=1"] if git("rev-parse", "--is-shallow-repository") == "true" else []
    fetched = git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *depth, "--", "origin", there)
    commit = None if fetched is None else git("rev-parse", "--verify", "--quiet", "FETCH_HEAD^{commit}")
    if not commit:
        raise NoRevision(f"the revision {name} cannot be fetched")
    return commit
