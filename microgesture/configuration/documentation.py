"""docs/configuration.md: `python -m microgesture.configuration.documentation` makes it."""

from pathlib import Path

from microgesture.configuration.checked import load_schema, resolved
from microgesture.provenance.files import written_whole

PATH = Path(__file__).resolve().parents[2] / "docs" / "configuration.md"
HEAD = """# Configuration

Made by `make docs` from `schemas/`; do not edit. Every key of `config.yaml`, its default and its
meaning. A section named after a rule holds the knobs of that rule. Several files may be given, the
later ones win: `snakemake --configfile config.yaml datasets/mine.yaml`; single values with
`--config seed=1`. A key that is not listed here is an error, and the message names the nearest one.
"""


def document(schema: dict) -> str:
    """The whole page as Markdown."""
    general, sections = [], []
    for name, node in schema["properties"].items():
        node = resolved(node, schema)
        if node.get("properties") or isinstance(node.get("additionalProperties"), dict):
            sections.append((name, node))
        elif node.get("type") != "object":
            general.append((name, node))
    parts = [HEAD, "## General\n", _table(general)]
    for name, node in sections:
        extra = node.get("additionalProperties")
        inner = resolved(extra, schema) if isinstance(extra, dict) else node
        parts += [f"## {name}\n", node.get("description", "") + "\n", _table(_rows(inner, schema))]
    return "\n".join(parts)


def _rows(node: dict, schema: dict, prefix: str = "") -> list[tuple[str, dict]]:
    found = []
    for name, child in node.get("properties", {}).items():
        child = resolved(child, schema)
        if child.get("properties"):
            found += _rows(child, schema, f"{prefix}{name}.")
        else:
            found.append((prefix + name, child))
    return found


def _table(rows: list[tuple[str, dict]]) -> str:
    lines = ["| key | values | default | meaning |", "|---|---|---|---|"]
    for name, node in rows:
        default = f"`{node['default']}`" if "default" in node else ""
        meaning = node.get("description", "").replace("|", "\\|")
        lines.append(f"| `{name}` | {_values(node)} | {default} | {meaning} |")
    return "\n".join(lines) + "\n"


def _values(node: dict) -> str:
    if "enum" in node:
        return ", ".join(f"`{choice}`" for choice in node["enum"])
    low, high = node.get("minimum"), node.get("maximum")
    kind = node.get("type", "")
    kind = " or ".join(kind) if isinstance(kind, list) else kind
    if low is not None and high is not None:
        return f"{kind}, {low} to {high}"
    return f"{kind}, {low} or more" if low is not None else kind


def main() -> None:
    """Write docs/configuration.md."""
    with written_whole(PATH) as temporary:
        temporary.write_text(document(load_schema()), encoding="utf-8")


if __name__ == "__main__":
    main()
