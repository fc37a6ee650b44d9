"""What a shell can propose for a word: files, names of documents, and what the stored plan says of endpoints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import click
from click.shell_completion import CompletionItem

from oas_tasks.commands.given_settings import GivenSettings, overrides
from oas_tasks.errors import UserError
from oas_tasks.plan.plan import Endpoint
from oas_tasks.settings import SETTINGS, Settings

Proposals = Iterable["CompletionItem[str]"]


def _settings(ctx: click.Context) -> Sequence[Settings]:
    """Return the settings of the documents that a command line is about, as far as it is typed; none if it is wrong."""
    given = GivenSettings(overrides(ctx.params), tuple(ctx.params.get("spec_names") or ()))
    try:
        given.take_document(ctx.params.get("document"))
        given.document_first(_words(ctx))
        return given.load()
    except UserError:
        return ()


def _words(ctx: click.Context) -> Sequence[str]:
    """Return the words that stand in front of the present one."""
    words = ctx.params.get("endpoint") or ctx.params.get("part") or ()
    return [word for word in words if isinstance(word, str)]


def _endpoints(ctx: click.Context) -> Iterator[tuple[Settings, Endpoint]]:
    from oas_tasks.queries.stored_plan import stored_endpoints

    for settings in _settings(ctx):
        yield from ((settings, endpoint) for endpoint in stored_endpoints(settings))


def _begun(incomplete: str, texts: Iterable[str]) -> Proposals:
    """Return the texts that begin like a word, each once."""
    return [CompletionItem(text) for text in dict.fromkeys(texts) if text and text.startswith(incomplete)]


def _paths(ctx: click.Context, incomplete: str) -> Proposals:
    return _begun(incomplete, (endpoint.path for _, endpoint in _endpoints(ctx)))


def _methods(ctx: click.Context, incomplete: str) -> Proposals:
    path = ctx.params.get("path")
    found = (each.method for _, each in _endpoints(ctx) if path in (None, each.path))
    return _begun(incomplete.upper(), sorted(dict.fromkeys(found)) or ("GET", "POST", "PUT", "PATCH", "DELETE"))


def _tags(ctx: click.Context, incomplete: str) -> Proposals:
    return _begun(incomplete, (tag for _, endpoint in _endpoints(ctx) for tag in endpoint.cells.tags))


def _operation_ids(ctx: click.Context, incomplete: str) -> Proposals:
    return _begun(incomplete, (endpoint.cells.operation_id for _, endpoint in _endpoints(ctx)))


def _named_endpoints(ctx: click.Context, incomplete: str) -> Proposals:
    """Return endpoints by whatever names them: operationId, path, or method and path, in one word or two."""
    known = list(_endpoints(ctx))
    methods = {endpoint.method for _, endpoint in known}
    before = _words(ctx)[-1:]
    if before and before[0].upper() in methods:
        return _begun(incomplete, (e.path for _, e in known if e.method == before[0].upper()))
    if incomplete.startswith("/"):
        return _begun(incomplete, (endpoint.path for _, endpoint in known))
    texts = [endpoint.cells.operation_id for _, endpoint in known]
    texts += [f"{endpoint.method} {endpoint.path}" for _, endpoint in known]
    texts += [f"{settings.name}:{e.method} {e.path}" for settings, e in known if settings.name and ":" in incomplete]
    return _begun(incomplete, texts)


def _spec_names(ctx: click.Context, incomplete: str) -> Proposals:
    try:
        known = GivenSettings().load()
    except UserError:
        return ()
    return [CompletionItem(s.name, help=str(s.spec)) for s in known if s.name and s.name.startswith(incomplete)]


def _files(ctx: click.Context, incomplete: str) -> Proposals:
    return (CompletionItem(incomplete, type="file"),)


def _folders(ctx: click.Context, incomplete: str) -> Proposals:
    return (CompletionItem(incomplete, type="dir"),)


def _versions(ctx: click.Context, incomplete: str) -> Proposals:
    return _begun(incomplete, SETTINGS["output_version"].choices)


#: By what is asked for: a setting, or the name of another option or argument.
PROPOSALS: Mapping[str, Callable[[click.Context, str], Proposals]] = {
    "cache_dir": _folders,
    "endpoint": _named_endpoints,
    "filter": _paths,
    "methods": _methods,
    "operation_ids": _operation_ids,
    "output_dir": _folders,
    "output_version": _versions,
    "path": _paths,
    "spec": _files,
    "spec_names": _spec_names,
    "tags": _tags,
}
