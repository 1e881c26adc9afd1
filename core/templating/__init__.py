"""Templates of JSON, text, URLs and headers with holes (reference: docs/expressions.md)."""

from core.templating.errors import TemplateError, TemplateRenderError, TemplateSyntaxError
from core.templating.holes import Hole
from core.templating.json_templates import JsonTemplate, compile_json_template
from core.templating.relaxed import RelaxedJson, parse_relaxed_json, write_template
from core.templating.template import Template
from core.templating.text_templates import (
    HeaderTemplate,
    TextTemplate,
    compile_header_template,
    compile_text_template,
)
from core.templating.url_templates import UrlTemplate, compile_url_template

__all__ = [
    "HeaderTemplate",
    "Hole",
    "JsonTemplate",
    "RelaxedJson",
    "Template",
    "TemplateError",
    "TemplateRenderError",
    "TemplateSyntaxError",
    "TextTemplate",
    "UrlTemplate",
    "compile_header_template",
    "compile_json_template",
    "compile_text_template",
    "compile_url_template",
    "parse_relaxed_json",
    "write_template",
]
