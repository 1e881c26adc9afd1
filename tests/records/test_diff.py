from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.strict_json import identity
from core.validation.paths import path_text
from records.diff import diff

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from([0.0, 1.0, 0.5])
    | st.text("ab.'[\\", max_size=2)
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("ab.'[\\", max_size=2), inner, max_size=3)
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text("ab.'[\\", max_size=2), VALUES, max_size=4)


def paths_to_locations(*values: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Map the path of every field of the objects to its keys."""
    found: dict[str, tuple[str, ...]] = {}

    def walk(location: tuple[str, ...], value: Any) -> None:
        found[path_text(location)] = location
        if isinstance(value, dict):
            for key, item in value.items():
                walk((*location, key), item)

    for value in values:
        walk((), value)
    return found


def without(elements: list[Any], removed: list[Any]) -> list[Any]:
    """Take each removed element out once, from the end."""
    rest = list(elements)
    for gone in reversed(removed):
        keys = [identity(element) for element in rest]
        del rest[len(keys) - 1 - keys[::-1].index(identity(gone))]
    return rest


def applied(old: dict[str, Any], changes: Any, locations: dict[str, tuple[str, ...]]) -> Any:
    """Change a copy of ``old`` as a receiver would who has only the changes."""
    result = deepcopy(old)
    for path, change in changes.items():
        *parents, key = locations[path]
        target = result
        for parent in parents:
            target = target[parent]
        if "added" in change:
            target[key] = without(target[key], change["removed"]) + change["added"]
        elif "new" in change:
            target[key] = change["new"]
        else:
            del target[key]
    return result


def bagged(value: Any, bags: set[tuple[str, ...]], location: tuple[str, ...] = ()) -> Any:
    """Return an identity in which the lists at ``bags`` are compared whatever their order."""
    if isinstance(value, dict):
        return frozenset((key, bagged(item, bags, (*location, key))) for key, item in value.items())
    if location in bags:
        return frozenset(Counter(identity(element) for element in value).items())
    return identity(value)


def test_a_changed_field_has_its_old_and_new_value() -> None:
    changes = diff({"name": "Photo.jpg", "size": 3}, {"name": "Hero.jpg", "size": 3})

    assert changes == {"name": {"old": "Photo.jpg", "new": "Hero.jpg"}}


def test_a_list_of_plain_values_tells_what_was_added_and_removed() -> None:
    changes = diff({"tags": ["draft", "blue"]}, {"tags": ["blue", "featured", "new"]})

    assert changes == {"tags": {"added": ["featured", "new"], "removed": ["draft"]}}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param({}, {"a": None}, {"a": {"new": None}}, id="added-null"),
        pytest.param({"a": None}, {}, {"a": {"old": None}}, id="removed-null"),
        pytest.param({"a": None}, {"a": 0}, {"a": {"old": None, "new": 0}}, id="null-to-zero"),
        pytest.param({"a": 1}, {"a": True}, {"a": {"old": 1, "new": True}}, id="one-is-not-true"),
        pytest.param({"a": 1}, {"a": 1.0}, {}, id="one-is-one-point-zero"),
        pytest.param({"a": "1"}, {"a": 1}, {"a": {"old": "1", "new": 1}}, id="text-to-number"),
        pytest.param(
            {"a": {"b": {"c": 1, "d": 2}}},
            {"a": {"b": {"c": 3, "d": 2}}},
            {"a.b.c": {"old": 1, "new": 3}},
            id="nested-field",
        ),
        pytest.param({"a": {"b": 1}}, {"a": {}}, {"a.b": {"old": 1}}, id="nested-field-removed"),
        pytest.param({}, {"a": {"b": 1}}, {"a": {"new": {"b": 1}}}, id="object-added"),
        pytest.param({"a": {}}, {"a": []}, {"a": {"old": {}, "new": []}}, id="object-to-list"),
        pytest.param({"a": {"b.c": 1}}, {"a": {}}, {"a['b.c']": {"old": 1}}, id="key-with-a-dot"),
        pytest.param(
            {"a": [1, 2]}, {"a": [2, 1]}, {"a": {"old": [1, 2], "new": [2, 1]}}, id="reordered"
        ),
        pytest.param(
            {"a": [1, 1, 2]}, {"a": [2, 1, 3]}, {"a": {"added": [3], "removed": [1]}}, id="bag"
        ),
        pytest.param(
            {"a": [1]}, {"a": [True]}, {"a": {"added": [True], "removed": [1]}}, id="bag-types"
        ),
        pytest.param({"a": []}, {"a": [1]}, {"a": {"added": [1], "removed": []}}, id="first"),
        pytest.param({"a": [1]}, {"a": []}, {"a": {"added": [], "removed": [1]}}, id="last"),
        pytest.param(
            {"a": [{"s": 1}]},
            {"a": [{"s": 2}, {"s": 1}]},
            {"a": {"added": [{"s": 2}], "removed": []}},
            id="object-came",
        ),
        pytest.param(
            {"a": [{"s": 1}, {"s": 2}]},
            {"a": [{"s": 2}]},
            {"a": {"added": [], "removed": [{"s": 1}]}},
            id="object-went",
        ),
        pytest.param(
            {"a": [{"s": 1}]},
            {"a": [{"s": 2}]},
            {"a": {"old": [{"s": 1}], "new": [{"s": 2}]}},
            id="object-in-list-changed",
        ),
        pytest.param(
            {"a": [{"s": 1}, {"s": 2}]},
            {"a": [{"s": 2}, {"s": 1}, 3]},
            {"a": {"old": [{"s": 1}, {"s": 2}], "new": [{"s": 2}, {"s": 1}, 3]}},
            id="object-came-and-others-moved",
        ),
    ],
)
def test_each_kind_of_change_has_its_shape(
    old: dict[str, Any], new: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert diff(old, new) == expected


def test_fields_come_in_the_order_of_the_old_version() -> None:
    changes = diff({"b": 1, "a": 1}, {"c": 1, "a": 2, "b": 2})

    assert list(changes) == ["b", "a", "c"]


@given(OBJECTS, OBJECTS)
def test_the_difference_is_empty_exactly_for_equal_versions(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    assert diff(old, old) == {}
    assert (diff(old, new) == {}) == (identity(old) == identity(new))


@given(OBJECTS, OBJECTS)
def test_a_receiver_can_rebuild_the_new_version_from_the_old_one(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    locations = paths_to_locations(old, new)

    changes = diff(old, new)
    rebuilt = applied(old, changes, locations)

    bags = {locations[path] for path, change in changes.items() if "added" in change}
    assert bagged(rebuilt, bags) == bagged(new, bags)
