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
    """Keep the garbage collector off inside the block, and from whatever is there at its end for ever.

    For what lives as long as the process. Forked processes would copy it, too, if it were searched there.
    """
    with collection_held():
        yield
        gc.freeze()
