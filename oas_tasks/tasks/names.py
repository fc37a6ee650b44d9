"""Names of doit tasks."""

from __future__ import annotations

from oas_tasks.document.place import EndpointKey
from oas_tasks.settings import Settings

#: Characters that doit forbids in task names or takes for patterns, and the escape character itself.
_ESCAPED = frozenset("%=*?[]")


def endpoint_name(key: EndpointKey) -> str:
    """Return an endpoint's name in doit: `GET /users/{id}`, with `=`, `*`, `?`, `[`, `]`, `%` percent-encoded."""
    path, method = key
    text = f"{method} {path}"
    if _ESCAPED.isdisjoint(text) and text.isprintable():
        return text
    return "".join(
        "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "surrogatepass"))
        if character in _ESCAPED or not character.isprintable()
        else character
        for character in text
    )


def sub_task_name(settings: Settings, key: EndpointKey) -> str:
    """Return the name of an endpoint's task below `slice`, with the document's name where it has one."""
    name = endpoint_name(key)
    return f"{settings.name}:{name}" if settings.name else name


def slice_task_name(settings: Settings, key: EndpointKey) -> str:
    """Return the full name of an endpoint's task: `slice:GET /users/{id}`."""
    return f"slice:{sub_task_name(settings, key)}"


def index_task_name(settings: Settings) -> str:
    """Return the name of the index task of a document."""
    return f"index:{settings.name}" if settings.name else "index"


def is_slice_task(name: str) -> bool:
    """Whether the task of this name makes a slice."""
    return name.startswith("slice:")


def is_own_task(name: str) -> bool:
    """Whether the task of this name is ours; other tasks of a dodo.py are the repository's."""
    return name.partition(":")[0] in ("slice", "prune", "index")
