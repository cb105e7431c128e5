"""`regengine schema`: the JSON Schema of rulebooks, for editors."""

from __future__ import annotations

import json

import click

__all__ = ["command"]


@click.command("schema")
def command() -> None:
    """Print the JSON Schema of rulebook files.

    Save it and name it in the first line of a rulebook, and an editor completes keys and marks faults while you write:

    \b
      regengine schema > rulebook.schema.json
      # yaml-language-server: $schema=rulebook.schema.json
    """
    from ..rulebook.schema import json_schema

    click.echo(json.dumps(json_schema(), ensure_ascii=False, indent=2))
