from hypothesis import given
from hypothesis import strategies as st

from core.validation.paths import path_text


@given(st.lists(st.text("ab.'[]\\", max_size=3) | st.integers(0, 3), max_size=4), st.data())
def test_two_locations_never_share_a_path(location: list[str | int], data: st.DataObject) -> None:
    other = data.draw(st.lists(st.text("ab.'[]\\", max_size=3) | st.integers(0, 3), max_size=4))

    assert (path_text(location) == path_text(other)) == (location == other)
