"""Reads a document for questions about it: which endpoints it has, and whether a folder can take its slices.

Nothing is written, unless what was found out is handed on to a build.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.processes import collection_held
from oas_tasks.queries.read_only_run import CopiedStore, EmptyStore
from oas_tasks.settings import Settings
from oas_tasks.state.plans import PlannedBuild, hand_on_facts, plan_build
from oas_tasks.state.run import Run
from oas_tasks.state.store import DAMAGE, Store


class OfferedDocument(NamedTuple):
    """A document that can be sliced."""

    settings: Settings
    store: Store
    planned: PlannedBuild

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """The endpoints that the filters of the settings let through."""
        return self.planned.plan.endpoints

    def check_folder(self, folder: Path) -> None:
        """Raise UserError where slices cannot go to a folder."""
        from oas_tasks.state.output_folder import check_writable
        from oas_tasks.state.target_conflicts import check_targets

        check_writable(folder)
        run = Run(replace(self.settings, output_dir=folder), self.store, self.planned)
        try:
            check_targets(run)
        except DAMAGE:  # the build starts anew
            return

    def hand_on(self, settings: Settings) -> None:
        """Have a build with these settings find what was found out here, so that it need not read all of it again."""
        with suppress(*DAMAGE, UserError):  # the build reports it
            hand_on_facts(self.store, self.planned.key, settings)


def offered_document(settings: Settings) -> OfferedDocument:
    """Return a document. Raises UserError where it cannot be sliced or has no endpoints."""
    with collection_held():
        store: Store = CopiedStore(settings.cache_dir)
        try:
            planned = plan_build(settings, store, settings.concurrency, lambda digest, slicer: None)
            count = len(planned.plan.endpoints)
        except DAMAGE:
            store = EmptyStore()
            planned = plan_build(settings, store, settings.concurrency, lambda digest, slicer: None)
            count = len(planned.plan.endpoints)
    if count:
        return OfferedDocument(settings, store, planned)
    from oas_tasks.state.no_endpoints import no_endpoints

    error: UserError = no_endpoints([Run(settings, store, planned)])
    raise error
