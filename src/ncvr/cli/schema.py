"""``ncvr schema``: the JSON Schema of each file format, from the models that read it."""

import argparse
import importlib
import json
from typing import Any

from ncvr.cli import asked

MODELS = {
    "adherence": ("ncvr.domain.adherence_file", "AdherenceFile"),
    "adherence-record": ("ncvr.domain.adherence_records", "AdherenceRecord"),
    "study": ("ncvr.domain.study", "Study"),
    "prices": ("ncvr.domain.prices_file", "PricesFile"),
    "changes": ("ncvr.domain.changes_file", "ChangesFile"),
    "details": ("ncvr.domain.details", "Details"),
    "profile": ("ncvr.files.template_profile", "TemplateProfile"),
    "provider": ("ncvr.domain.identity_provider", "ProviderSettings"),
    "receipt": ("ncvr.domain.receipt", "Receipt"),
    "keys": ("ncvr.domain.signing_key", "KeyList"),
    "verdict": ("ncvr.domain.verdict", "Verdict"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=sorted(MODELS), help="which format")
    asked.add_output(parser, "the schema")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    from pydantic import TypeAdapter

    module, name = MODELS[arguments.name]
    schema = TypeAdapter(getattr(importlib.import_module(module), name)).json_schema()
    _close(schema)
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": f"ncvr-{arguments.name}/1"} | schema | {"title": f"ncvr-{arguments.name}/1"}
    asked.deliver((json.dumps(schema, ensure_ascii=False, indent=2) + "\n").encode("utf-8"), arguments)
    return 0


def _close(schema: Any) -> None:
    """Objects hold what is named and nothing else: the models that read refuse it, and what we write has no more."""
    if isinstance(schema, dict):
        if "properties" in schema and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
        for member in schema.values():
            _close(member)
    elif isinstance(schema, list):
        for member in schema:
            _close(member)
