"""Repeat a call that fails for a passing reason."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import logging

_R = TypeVar("_R")


def retry(
    exc: type[Exception] | tuple[type[Exception], ...],
    exc_msg: str | None = None,
    tries: int = 4,
    delay: float = 3,
    backoff: float = 2,
    logger: logging.Logger | None = None,
) -> Callable[[Callable[..., _R]], Callable[..., _R]]:
    """Return a decorator that calls a function again when it raises `exc`.

    Parameters
    ----------
    exc : exception class or tuple of them
        What is worth another try; everything else is raised at once.
    exc_msg : str, optional
        A hint that is added to each report of a failure.
    tries : int, optional
        The greatest number of calls; the last one's exception is raised.
    delay, backoff : float, optional
        Seconds before the second call, and the factor by which each further wait grows.
    logger : logging.Logger, optional
        Where failures are reported as warnings; by default they are printed.
    """

    def decorate(function: Callable[..., _R]) -> Callable[..., _R]:
        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> _R:
            import time

            pause = delay
            for _ in range(tries - 1):
                try:
                    return function(*args, **kwargs)
                except exc as failure:
                    report = f"{failure}: retrying in {pause} seconds..."
                    if exc_msg:
                        report = f"{report}  {exc_msg}"
                    if logger is None:
                        print(report)
                    else:
                        logger.warning(report)
                time.sleep(pause)
                pause *= backoff
            return function(*args, **kwargs)

        return wrapper

    return decorate
