"""From an event and a subscription's templates to a signed request. No ORM."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from urllib.parse import urlencode

from core import strict_json
from core.templating import (
    Template,
    TemplateError,
    compile_header_template,
    compile_json_template,
    compile_text_template,
    compile_url_template,
)
from core.types import Json
from webhooks import signing
from webhooks.errors import RenderError
from webhooks.types import Headers, Rendered, SigningKeys, Templates, WireEvent

CONTENT_TYPES = {
    "json": "application/json",
    "form": "application/x-www-form-urlencoded",
    "text": "text/plain; charset=utf-8",
}
# GET never has a body (RFC 9110, 9.3.1), DELETE only one that was asked for.
BODILESS_WITHOUT_PAYLOAD = frozenset({"GET", "DELETE"})
CONFIG = "config"


def scope_of(envelope: Mapping[str, Json], config: Mapping[str, str]) -> dict[str, Json]:
    """Return what templates and filters can read of an event.

    ``order.created`` offers its data as ``order`` and as ``data``; a type whose first word is one
    of the names that are always there gives way to them.
    """
    return {
        str(envelope["type"]).partition(".")[0]: envelope["data"],
        "data": envelope["data"],
        "event": {name: value for name, value in envelope.items() if name != "data"},
        "timestamp": envelope["timestamp"],
        CONFIG: config,
    }


def config_names(names: Iterable[str]) -> frozenset[str] | None:
    """Return the configuration values among the paths that templates read; None means all."""
    wanted = set()
    for path in names:
        root, _, rest = path.partition(".")
        if root == CONFIG and not rest:
            return None
        if root == CONFIG:
            wanted.add(rest.partition(".")[0])
    return frozenset(wanted)


def compile_parts(templates: Templates) -> Iterator[tuple[str, Template | RenderError]]:
    """Yield each template of a request by the name of its part, or what is wrong with it."""
    yield "url", _compiled("url", compile_url_template, templates.url)
    for index, (_, value) in enumerate(templates.headers):
        part = f"headers[{index}].value"
        yield part, _compiled(part, compile_header_template, value)
    if templates.payload:
        compiler = (
            compile_text_template if templates.payload_format == "text" else compile_json_template
        )
        yield "payload", _compiled("payload", compiler, templates.payload)


def names_read(templates: Templates) -> frozenset[str]:
    """Return every path that the templates read; raise RenderError for one that is malformed."""
    names: set[str] = set()
    for _, template in compile_parts(templates):
        if isinstance(template, RenderError):
            raise template
        names |= template.names
    return frozenset(names)


def render(
    templates: Templates, envelope: Mapping[str, Json], config: Mapping[str, str], *, now: datetime
) -> Rendered:
    """Return the request for one event; raise RenderError when its values do not allow one."""
    scope: dict[str, Json] | None = None
    parts: dict[str, str] = {}
    for part, template in compile_parts(templates):
        if isinstance(template, RenderError):
            raise template
        if scope is None and not template.constant:
            scope = scope_of(envelope, config)
        try:
            parts[part] = template.render(scope or {}, now=now)
        except TemplateError as error:
            raise _as_render_error(part, error, "template_failed") from error
    headers = tuple(
        (name, parts[f"headers[{index}].value"])
        for index, (name, _) in enumerate(templates.headers)
    )
    body = _body(templates, envelope, parts.get("payload"))
    return Rendered(
        method=templates.method,
        url=parts["url"],
        headers=_with_content_type(headers, templates.payload_format) if body else headers,
        body=body,
    )


def signature_headers(
    keys: SigningKeys, *, message_id: str, timestamp: int, body: bytes
) -> Headers:
    """Return the headers that prove where a request comes from.

    ``webhook-signature`` carries a signature by every key in force, newest first. The header for
    the plain signature has room for one, and keeps to the oldest key until it expires: a receiver
    that knows one secret has one known moment at which to change it. Raises RenderError when
    there is no key to sign with.
    """
    keys_in_header = {
        "hmac": keys.hmac,
        "ed25519": keys.ed25519,
        "both": (*keys.hmac, *keys.ed25519),
    }[keys.scheme]
    try:
        signatures = signing.signature_header(keys_in_header, message_id, timestamp, body)
        plain = signing.body_signature(keys.hmac[-1] if keys.hmac else "", body)
    except signing.SecretError as error:
        raise RenderError("signature", str(error), code="unsignable") from error
    standard = (
        ("webhook-id", message_id),
        ("webhook-timestamp", str(timestamp)),
        ("webhook-signature", signatures),
    )
    return (*standard, (keys.body_header, plain)) if keys.body_header else standard


def _compiled(
    part: str, compiler: Callable[[str], Template], source: str
) -> Template | RenderError:
    try:
        return compiler(source)
    except TemplateError as error:
        return _as_render_error(part, error, "invalid_template")


def _as_render_error(part: str, error: TemplateError, code: str) -> RenderError:
    return RenderError(part, error.message, code=code, line=error.line, column=error.column)


def _body(templates: Templates, envelope: Mapping[str, Json], payload: str | None) -> bytes:
    if payload is None:
        bodiless = templates.method in BODILESS_WITHOUT_PAYLOAD
        return b"" if bodiless else wire_text(envelope)
    if templates.payload_format == "form":
        return _form(payload)
    return payload.encode()


def wire_text(envelope: Mapping[str, Json]) -> bytes:
    """Return an event in its standard form; one that comes from the log brings its text along."""
    return envelope.text() if isinstance(envelope, WireEvent) else strict_json.dumps(envelope)


def _form(payload: str) -> bytes:
    """Return a flat JSON object as form fields; null is left out, a list repeats its field."""
    fields = json.loads(payload)
    if not isinstance(fields, dict):
        raise RenderError(
            "payload", "the fields of a form must be a JSON object", code="template_failed"
        )
    pairs = [
        (name, _field_text(name, item))
        for name, value in fields.items()
        for item in (value if isinstance(value, list) else [value])
        if item is not None
    ]
    return urlencode(pairs).encode()


def _field_text(name: str, value: Json) -> str:
    if isinstance(value, dict | list):
        raise RenderError(
            "payload",
            f'the form field "{name}" holds an object; write it as text, such as'
            f' "{{{{json({name})}}}}"',
            code="template_failed",
        )
    return value if isinstance(value, str) else json.dumps(value)


def _with_content_type(headers: Headers, payload_format: str) -> Headers:
    if any(name.lower() == "content-type" for name, _ in headers):
        return headers
    return (("Content-Type", CONTENT_TYPES[payload_format]), *headers)
