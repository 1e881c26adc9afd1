"""From an event and templates to a request."""

from datetime import UTC, datetime

import pytest

from core.types import Json
from webhooks import rendering
from webhooks.errors import RenderError
from webhooks.types import Headers, Rendered, Templates

NOW = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
ENVELOPE: dict[str, Json] = {
    "id": "evt_1",
    "type": "parcel.sent",
    "timestamp": "2026-03-02T08:29:59.000Z",
    "entity_id": "P-1",
    "correlation_id": "c-1",
    "data": {
        "id": "P-1",
        "to": 'Zoë "Zo" Öz',
        "weights": [1.5, 2],
        "label": {"size": "A5"},
        "total": 9.0,
        "note": None,
    },
}


def render(
    payload: str = "", *, method: str = "POST", payload_format: str = "json", headers: Headers = ()
) -> Rendered:
    templates = Templates(
        method=method,
        url="https://post.example/{{parcel.id}}?to={{data.to}}",
        headers=headers,
        payload_format=payload_format,
        payload=payload,
    )
    return rendering.render(templates, ENVELOPE, {"key": "k1"}, now=NOW)


def test_scope_offers_the_data_by_its_own_name_and_as_data() -> None:
    scope = rendering.scope_of(ENVELOPE, {"key": "k1"})

    assert scope["parcel"] == scope["data"] == ENVELOPE["data"]
    assert scope["timestamp"] == "2026-03-02T08:29:59.000Z"
    assert scope["config"] == {"key": "k1"}
    assert scope["event"] == {
        "id": "evt_1",
        "type": "parcel.sent",
        "timestamp": "2026-03-02T08:29:59.000Z",
        "entity_id": "P-1",
        "correlation_id": "c-1",
    }


def test_type_named_like_a_part_of_the_scope_gives_way() -> None:
    scope = rendering.scope_of({**ENVELOPE, "type": "config.changed"}, {"key": "k1"})

    assert scope["config"] == {"key": "k1"}


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ({"order.total"}, frozenset()),
        ({"config.key", "config.other.deep", "order.id"}, frozenset({"key", "other"})),
        ({"config"}, None),
    ],
)
def test_only_configuration_values_that_are_named_are_read(
    names: set[str], expected: frozenset[str] | None
) -> None:
    assert rendering.config_names(names) == expected


def test_url_values_are_percent_encoded() -> None:
    assert render().url == "https://post.example/P-1?to=Zo%C3%AB%20%22Zo%22%20%C3%96z"


def test_empty_payload_stands_for_the_envelope() -> None:
    rendered = render()

    assert rendered.headers == (("Content-Type", "application/json"),)
    assert rendered.body.decode() == (
        '{"id":"evt_1","type":"parcel.sent","timestamp":"2026-03-02T08:29:59.000Z",'
        '"entity_id":"P-1","correlation_id":"c-1","data":{"id":"P-1","to":"Zoë \\"Zo\\" Öz",'
        '"weights":[1.5,2],"label":{"size":"A5"},"total":9.0,"note":null}}'
    )


# One for each shape in which services document their payloads.
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param(
            '{\n  "ref": "{{parcel.id}}",\n  "parts": {{parcel.weights}},\n  "sum": {{parcel.total}}\n}',
            '{\n  "ref": "P-1",\n  "parts": [1.5,2],\n  "sum": 9.0\n}',
            id="notification",
        ),
        pytest.param(
            "{\ntext : 'Sent to {{parcel.to}}' ,\nchannel : '#post'\n}",
            '{\n"text" : "Sent to Zoë \\"Zo\\" Öz" ,\n"channel" : "#post"\n}',
            id="chat message",
        ),
        pytest.param(
            "{ content : 'Sum: ${{parcel.total}}' , embeds : [{ title: 'Parcel {{parcel.id}}' ,"
            " color: 0x0080ff }] }",
            '{ "content" : "Sum: $9.0" , "embeds" : [{ "title": "Parcel P-1" , "color": 33023 }] }',
            id="chat embed",
        ),
        pytest.param(
            "{ personalizations : [{ to: [{ email: '{{parcel.id}}@post.example' }] }], // who\n"
            "content : [{ type: 'text/plain' , value: 'Dear {{parcel.to}}!' }] }",
            '{ "personalizations" : [{ "to": [{ "email": "P-1@post.example" }] }], \n'
            '"content" : [{ "type": "text/plain" , "value": "Dear Zoë \\"Zo\\" Öz!" }] }',
            id="e-mail",
        ),
        pytest.param(
            "{ event : 'Parcel Sent' , properties : { distinct_id : '{{parcel.id}}' ,"
            " time : '{{timestamp}}', } }",
            '{ "event" : "Parcel Sent" , "properties" : { "distinct_id" : "P-1" ,'
            ' "time" : "2026-03-02T08:29:59.000Z" } }',
            id="analytics",
        ),
    ],
)
def test_payloads_render_exactly(template: str, expected: str) -> None:
    assert render(template).body.decode() == expected


def test_form_fields_are_encoded_and_null_is_left_out() -> None:
    rendered = render(
        '{"to": "{{parcel.to}}", "w": {{parcel.weights}}, "note": {{parcel.note}}, "ok": true}',
        payload_format="form",
    )

    assert rendered.headers == (("Content-Type", "application/x-www-form-urlencoded"),)
    assert rendered.body == b"to=Zo%C3%AB+%22Zo%22+%C3%96z&w=1.5&w=2&ok=true"


@pytest.mark.parametrize(
    ("payload", "message"),
    [
        ('{"label": {{parcel.label}}}', 'the form field "label" holds an object'),
        ("[1]", "the fields of a form must be a JSON object"),
    ],
)
def test_form_that_cannot_be_flat_is_refused(payload: str, message: str) -> None:
    with pytest.raises(RenderError, match=message):
        render(payload, payload_format="form")


def test_text_is_sent_as_it_is() -> None:
    rendered = render('{{parcel.to}} & "co"', payload_format="text")

    assert rendered.headers == (("Content-Type", "text/plain; charset=utf-8"),)
    assert rendered.body.decode() == 'Zoë "Zo" Öz & "co"'


def test_content_type_of_the_subscription_wins() -> None:
    rendered = render(headers=(("content-type", "application/cloudevents+json"),))

    assert rendered.headers == (("content-type", "application/cloudevents+json"),)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_methods_without_a_body_send_none_unless_it_is_written(method: str) -> None:
    rendered = render(method=method)

    assert (rendered.body, rendered.headers) == (b"", ())


def test_error_says_which_part_and_where() -> None:
    with pytest.raises(RenderError) as caught:
        render('{\n "n": {{number(parcel.to)}} }')

    problem = caught.value.problem
    assert (problem.path, problem.code) == ("payload", "template_failed")
    assert (problem.line, problem.column) == (2, 9)
    assert "Zoë" not in str(caught.value)
