"""unfold's decorators for columns and actions, with types."""

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar, cast

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from unfold import decorators

logger = logging.getLogger(__name__)

Method = TypeVar("Method", bound=Callable[..., Any])


def display(
    *,
    description: str,
    ordering: str | None = None,
    boolean: bool | None = None,
    label: Mapping[str, str] | None = None,
) -> Callable[[Method], Method]:
    """Say how a method looks as a column or field; ``label`` gives each value its color."""
    decorate: Callable[[Method], Method] = decorators.display(
        description=description, ordering=ordering, boolean=boolean, label=label
    )
    return decorate


def action(
    *, description: str, url_path: str, permissions: Sequence[str], icon: str
) -> Callable[[Method], Any]:
    """Make a method the page of an action on one row.

    Where the row is deleted between the look at it and the change, the answer is 404.
    """
    decorate: Callable[[Method], Any] = decorators.action(
        description=description, url_path=url_path, permissions=permissions, icon=icon
    )
    return lambda method: decorate(_gone_is_not_found(method))


def _gone_is_not_found(method: Method) -> Method:
    @wraps(method)
    def view(*arguments: Any, **options: Any) -> Any:
        try:
            return method(*arguments, **options)
        except ObjectDoesNotExist as error:
            logger.warning("admin.row_gone", exc_info=True)
            raise Http404 from error

    return cast("Method", view)
