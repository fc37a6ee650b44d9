"""Python's garbage collector, held off while much is loaded or made that stays.

A load makes hundreds of thousands of objects and drops none, which has the collector search them over and
over for cycles that cannot be there: 60 to 80 % of the time of a load (ENGINE.md, "Reading").
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collection_held() -> Iterator[None]:
    """Keep the garbage collector off inside the block; afterwards it is what it was before."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


@contextmanager
def made_to_stay() -> Iterator[None]:
    """Keep the garbage collector off inside the block, and away from all that there is at its end until it is unfrozen.

    For what lives as long as the process. A forked process that searched it would have to copy it.
    """
    with collection_held():
        yield
        gc.freeze()
