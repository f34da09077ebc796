"""Relay connections over a service's page: edges, nodes, pageInfo, totalCount."""

from collections.abc import Callable
from typing import Generic, TypeVar

import strawberry

from gateway.domain.page import Page, encode_cursor

Item = TypeVar("Item")
Shown = TypeVar("Shown")


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    """Relay's PageInfo. Source: Relay cursor connections specification."""

    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type(description="One item and its cursor.")
class Edge(Generic[Shown]):
    """An item with its place in the list."""

    cursor: str
    node: Shown


@strawberry.type(description="A page of a list. Neither `first` nor `last` means the first 20; 100 is the most.")
class Connection(Generic[Shown]):
    """A page of a list."""

    edges: list[Edge[Shown]]
    nodes: list[Shown]
    page_info: PageInfo
    total_count: int


def to_connection(page: Page[Item], show: Callable[[Item], Shown]) -> Connection[Shown]:
    """The connection of a service's page, each item shown by `show`."""
    edges = [Edge(cursor=encode_cursor(place), node=show(item)) for place, item in page.items]
    info = PageInfo(
        has_next_page=page.has_next,
        has_previous_page=page.has_previous,
        start_cursor=edges[0].cursor if edges else None,
        end_cursor=edges[-1].cursor if edges else None,
    )
    return Connection(edges=edges, nodes=[edge.node for edge in edges], page_info=info, total_count=page.total)
