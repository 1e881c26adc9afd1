"""Identifiers: laws of their spelling, and what a foreign one leads to."""

import time
from typing import Any
from uuid import UUID

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from core.ids import ALPHABET, decode, encode, new_id
from core.models import Event, Tenant
from tests.makers import make_event

PREFIXES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=10)


@given(PREFIXES, st.uuids())
def test_decoding_undoes_encoding(prefix: str, value: UUID) -> None:
    assert decode(prefix, encode(prefix, value)) == value


@given(st.uuids(), st.uuids())
def test_ids_sort_like_what_they_stand_for(one: UUID, other: UUID) -> None:
    assert (encode("evt", one) < encode("evt", other)) == (one < other)


@given(st.uuids())
def test_id_has_26_characters_of_the_alphabet(value: UUID) -> None:
    suffix = encode("evt", value).removeprefix("evt_")

    assert len(suffix) == 26
    assert set(suffix) <= set(ALPHABET)


@given(st.text(max_size=40))
def test_only_the_exact_spelling_is_read(text: str) -> None:
    try:
        value = decode("evt", text)
    except ValueError:
        return

    assert encode("evt", value) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "evt",
        "evt_",
        "evt_8" + "0" * 25,  # one bit too many
        "evt_" + "0" * 25,
        "evt_" + "0" * 27,
        "EVT_" + "0" * 26,
        "evt_" + "O" * 26,
        "evt_" + "u" * 26,
        "evt_" + "٣" * 26,
        "sub_" + "0" * 26,
        "_" + "0" * 26,
    ],
)
def test_malformed_id_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="id"):
        decode("evt", text)


def test_new_ids_sort_by_the_time_they_were_made() -> None:
    ids = []
    for _ in range(50):
        ids.append(new_id("evt"))
        time.sleep(0.0002)

    assert ids == sorted(ids)
    assert len(set(ids)) == 50


def test_field_gives_back_the_text_that_it_stored(tenant: Tenant) -> None:
    event = make_event(tenant)

    assert Event.objects.get(id=event.id).id == event.id
    assert list(Event.objects.filter(id__in=[event.id]).values_list("id", flat=True)) == [event.id]
    assert Event.objects.get(id__gte=event.id).tenant_id == tenant.id


@pytest.mark.django_db
@pytest.mark.parametrize("value", ["nonsense", "sub_" + "0" * 26, 7, "evt_" + "0" * 25])
def test_lookup_by_a_foreign_id_says_so(value: Any) -> None:
    with pytest.raises(ValidationError) as raised:
        Event.objects.get(id=value)

    assert raised.value.code == "invalid_id"
