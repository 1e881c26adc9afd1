"""Payloads of the shapes that people paste: each renders exactly as it looks."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from core.templating import compile_json_template, compile_url_template, parse_relaxed_json

NOW = datetime(2026, 3, 14, 9, 30, tzinfo=UTC)
SCOPE: dict[str, Any] = {
    "order": {
        "id": "ord_7",
        "buyer": 'Zoë "Zed" O\'Neil',
        "lines": [{"sku": "A-1", "count": 2}],
        "total": 42.5,
    },
    "user": {"id": "u-1", "name": "Ada", "email": "ada@example.com"},
    "file": {"name": "my report.pdf", "type": "application/pdf"},
    "timestamp": "2026-03-14T09:30:00Z",
}

ORDER = (
    """  {
    "reference": "{{order.id}}",
    "buyer": "{{order.buyer}}",
    "lines": {{order.lines}},
    "total": {{order.total}}
  }""",
    """  {
    "reference": "ord_7",
    "buyer": "Zoë \\"Zed\\" O'Neil",
    "lines": [{"sku":"A-1","count":2}],
    "total": 42.5
  }""",
)
CHAT_MESSAGE = (
    """// Tell the team
{
method : 'POST' ,
url : 'https://chat.example.com/services/T0/B0/key' ,
body : {
text : 'Welcome aboard: {{user.name}}' ,
channel : '#people'
}
}""",
    """
{
"method" : "POST" ,
"url" : "https://chat.example.com/services/T0/B0/key" ,
"body" : {
"text" : "Welcome aboard: Ada" ,
"channel" : "#people"
}
}""",
)
EMBED = (
    """{
url : 'https://chat.example.com/api/webhooks/1/key' ,
content : 'Sold for ${{order.total}}' ,
embeds : [{
title: 'Details' , /* in bold */ description: 'Number #{{order.id}}' ,
color: 0x0088ff
}]
}""",
    """{
"url" : "https://chat.example.com/api/webhooks/1/key" ,
"content" : "Sold for $42.5" ,
"embeds" : [{
"title": "Details" ,  "description": "Number #ord_7" ,
"color": 35071
}]
}""",
)
MAIL = (
    """{
headers : {
'Authorization' : 'Bearer KEY' ,
'Content-Type' : 'application/json'
},
body : {
recipients : [{
to: [{ email: '{{user.email}}' }]
}],
from : { email : 'noreply@example.com' },
content : [{
type: 'text/html' ,
value: 'Hello {{user.name}}!'
}]
}
}""",
    """{
"headers" : {
"Authorization" : "Bearer KEY" ,
"Content-Type" : "application/json"
},
"body" : {
"recipients" : [{
"to": [{ "email": "ada@example.com" }]
}],
"from" : { "email" : "noreply@example.com" },
"content" : [{
"type": "text/html" ,
"value": "Hello Ada!"
}]
}
}""",
)
ANALYTICS = (
    """{
body : {
event : 'Signed Up' ,
v : 1 ,
properties : {
distinct_id : '{{user.id}}' ,
time : '{{timestamp}}'
}
}
}""",
    """{
"body" : {
"event" : "Signed Up" ,
"v" : 1 ,
"properties" : {
"distinct_id" : "u-1" ,
"time" : "2026-03-14T09:30:00Z"
}
}
}""",
)


@pytest.mark.parametrize(
    ("source", "rendered"),
    [ORDER, CHAT_MESSAGE, EMBED, MAIL, ANALYTICS],
    ids=["order", "chat message", "embed", "mail", "analytics"],
)
def test_pasted_payload_renders_as_it_looks(source: str, rendered: str) -> None:
    shown = compile_json_template(source).render(SCOPE, now=NOW)

    assert shown == rendered
    assert isinstance(json.loads(shown), dict)


def test_pasted_definition_is_read_with_its_holes() -> None:
    assert parse_relaxed_json(CHAT_MESSAGE[0]) == {
        "method": "POST",
        "url": "https://chat.example.com/services/T0/B0/key",
        "body": {"text": "Welcome aboard: {{user.name}}", "channel": "#people"},
    }


def test_file_name_in_a_url_is_one_segment_of_its_path() -> None:
    template = compile_url_template("https://bucket.storage.example.com/{{file.name}}")

    assert template.render(SCOPE, now=NOW) == ("https://bucket.storage.example.com/my%20report.pdf")
