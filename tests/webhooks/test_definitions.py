"""Reading webhook definitions that people paste."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhooks.definitions import parse_definition
from webhooks.definitions.triggers import read_trigger
from webhooks.errors import DefinitionError

BLOCK = """\
Webhook: Tell the warehouse
Trigger: Parcel sent
URL: https://warehouse.example/parcels
Method: put
Headers:
  Authorization: Bearer {{config.key}}
  Content-Type: application/json
Payload:
  {
    "ref": "{{parcel.id}}",
    "parts": {{parcel.weights}}
  }
"""


def test_block_of_labeled_lines_is_read() -> None:
    assert parse_definition(BLOCK) == {
        "name": "Tell the warehouse",
        "event_types": ["parcel.sent"],
        "url": "https://warehouse.example/parcels",
        "method": "PUT",
        "headers": [
            {"name": "Authorization", "value": "Bearer {{config.key}}"},
            {"name": "Content-Type", "value": "application/json"},
        ],
        "payload_format": "json",
        "payload": '{\n  "ref": "{{parcel.id}}",\n  "parts": {{parcel.weights}}\n}',
    }


def test_block_that_lost_its_indentation_is_read_alike() -> None:
    flat = "\n".join(line.strip() for line in BLOCK.splitlines())

    fields = parse_definition(flat)

    assert fields["headers"] == parse_definition(BLOCK)["headers"]
    assert fields["payload"] == '{\n"ref": "{{parcel.id}}",\n"parts": {{parcel.weights}}\n}'


def test_block_with_a_text_body_and_a_filter() -> None:
    fields = parse_definition(
        "Name: Note\nFilter: order.total > 5\nBody: New order {{order.id}}\nThanks"
    )

    assert fields == {
        "name": "Note",
        "filter": "order.total > 5",
        "payload_format": "text",
        "payload": "New order {{order.id}}\nThanks",
    }


def test_object_with_event_webhook_and_payload_is_read() -> None:
    fields = parse_definition(
        "// tell the CRM\n{\nevent : 'member.joined' ,\nwebhook : 'https://crm.example/hook' ,\n"
        "payload : {\nid : '{{member.id}}' ,\ntags : {{member.tags}} // all of them\n}\n}"
    )

    assert fields == {
        "event_types": ["member.joined"],
        "url": "https://crm.example/hook",
        "payload_format": "json",
        "payload": '{\n  "id": "{{member.id}}",\n  "tags": {{member.tags}}\n}',
    }


def test_object_with_a_request_is_read() -> None:
    fields = parse_definition(
        "{ method : 'POST' , url : 'https://mail.example/send' , headers : { 'X-Team' : 'post' },"
        " body : { to: [{ email: '{{user.email}}' }], color: 0x00ff00, }, };"
    )

    assert fields == {
        "method": "POST",
        "url": "https://mail.example/send",
        "headers": [{"name": "X-Team", "value": "post"}],
        "payload_format": "json",
        "payload": '{\n  "to": [\n    {\n      "email": "{{user.email}}"\n    }\n  ],\n'
        '  "color": 65280\n}',
    }


def test_object_without_a_body_sends_what_is_not_about_the_request() -> None:
    fields = parse_definition(
        "{ url : 'https://chat.example/1' , content : 'Sum: ${{order.total}}' , loud: true }"
    )

    assert fields == {
        "url": "https://chat.example/1",
        "payload_format": "json",
        "payload": '{\n  "content": "Sum: ${{order.total}}",\n  "loud": true\n}',
    }


def test_object_with_several_events_and_a_retry_policy_is_read() -> None:
    fields = parse_definition(
        '{"type": "webhook", "config": {"url": "https://x.example/h", "method": "patch",'
        ' "headers": {"X-A": "b"}, "events": ["part.made", "part.sold"],'
        ' "maxRetries": 2, "retryOnStatus": [500, 503]}}'
    )

    assert fields == {
        "url": "https://x.example/h",
        "method": "PATCH",
        "headers": [{"name": "X-A", "value": "b"}],
        "event_types": ["part.made", "part.sold"],
        "retry_policy": {"maxRetries": 2, "retryOnStatus": [500, 503]},
    }


@pytest.mark.parametrize(
    ("headers", "body", "expected"),
    [
        ("", "'{{file.data}}'", ("text", "{{file.data}}")),
        (
            "headers: {'content-type': 'application/x-www-form-urlencoded'},",
            "{ a: 1 }",
            ("form", '{\n  "a": 1\n}'),
        ),
        ("", "{{order.items}}", ("json", "{{order.items}}")),
    ],
)
def test_body_decides_the_format(headers: str, body: str, expected: tuple[str, str]) -> None:
    fields = parse_definition(f"{{ url: 'https://x.example', {headers} body: {body} }}")

    assert (fields["payload_format"], fields["payload"]) == expected


@pytest.mark.parametrize(
    ("phrase", "patterns"),
    [
        ("order.created", ["order.created"]),
        ("Order created", ["order.created"]),
        ("Sales order created", ["sales_order.created"]),
        ("Record created/updated", ["record.created", "record.updated"]),
        ("User created, updated and deleted", ["user.created", "user.updated", "user.deleted"]),
        ("When an order is paid or a user has joined", ["order.paid", "user.joined"]),
        ("order.*, user.created", ["order.*", "user.created"]),
        ("All events", ["*"]),
    ],
)
def test_trigger_can_be_written_as_people_speak(phrase: str, patterns: list[str]) -> None:
    assert read_trigger(phrase, 1) == patterns


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("  \n ", "There is no definition in the text", 1),
        ("x" * 100_001, "A definition has at most 100000 characters", 1),
        ("URL: https://x.example\nColour: red", '"Colour" is not known; the labels are', 2),
        ("URL: https://x.example\nso what", 'A line of the form "Label: value"', 2),
        ("URL:\nMethod: GET", 'There is nothing after "URL"', 1),
        ("URL: https://a\nurl: https://b", '"url" is given twice', 2),
        ("Headers: X-A b", "Write each header on a line of its own", 1),
        ("Trigger: ,", "The trigger names no event", 1),
        ("Trigger: Order", "The trigger cannot be read", 1),
        ("{\n url: 'https://x.example',\n body: }", "unexpected '}'; expected a value", 3),
        ("{ url: 5 }", '"url" must be a text in quotes', 1),
        ("{\n url: 'u',\n metod: 'POST',\n body: {} }", '"metod" is not known beside "body"', 3),
        ("{\n headers: ['X-A'] }", '"headers" must be an object', 2),
        ("{ headers: {\n'X-A': 1 } }", 'The value of the header "X-A" must be a text', 2),
        ("{ events: [5] }", '"events" must be an event type', 1),
        ("{ maxRetries: {} }", '"maxRetries" must be a number', 1),
        ("{} 5", "unexpected '5'", 1),
    ],
)
def test_definition_that_cannot_be_read_is_refused_with_its_line(
    text: str, message: str, line: int
) -> None:
    with pytest.raises(DefinitionError) as caught:
        parse_definition(text)

    assert message in caught.value.message
    assert caught.value.line == line


@given(st.text(alphabet=st.sampled_from("{}[]:,'\"\n aURLHeaders: -./*\\\u2028é0")))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        parse_definition(text)
    except DefinitionError as error:
        assert error.line >= 1  # noqa: PT017  # the law is that nothing else is raised
