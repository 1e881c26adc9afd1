"""What a log line says."""

import json
import logging
import socket

from django.test import RequestFactory

from config.logging import logging_config


def test_query_of_a_refused_request_is_not_logged() -> None:
    options = dict(logging_config(level="INFO", style="json")["formatters"]["line"])
    formatter = options.pop("()")(**options)
    record = logging.makeLogRecord({"msg": "Bad Request: %s", "args": ("/oauth/token",)})
    record.request = RequestFactory().post("/oauth/token?client_secret=canary")

    line = formatter.format(record)

    assert json.loads(line)["request"] == "POST /oauth/token"
    assert "canary" not in line


def test_socket_of_the_development_server_is_not_logged() -> None:
    options = dict(logging_config(level="INFO", style="json")["formatters"]["line"])
    formatter = options.pop("()")(**options)
    record = logging.makeLogRecord({"msg": '"GET /nowhere HTTP/1.1" 404 91'})
    with socket.socket() as record.request:
        line = formatter.format(record)

    assert sorted(json.loads(line)) == ["event", "level", "logger", "timestamp"]
