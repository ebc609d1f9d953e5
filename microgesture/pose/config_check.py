"""What a config file of mmpose would run when it is read.

    python -m microgesture.pose.config_check FILE

Such a file is a Python program: mmengine executes it, together with the files that `_base_` names,
imports the modules of `custom_imports`, and builds `type="package.module.thing"` by its path. This
looks at the text alone (`ast`) and lists everything beyond plain assignments of numbers, texts and
containers. Nothing is executed.
"""

import ast
import json
import sys
from pathlib import Path

import yaml

from microgesture.provenance.errors import BadInput

SHOWN = 5  # findings listed in a message
# Callables that make plain values and reach nothing else.
PLAIN_CALLS = frozenset(
    {
        "dict", "list", "tuple", "set", "range", "len", "int", "float", "str", "bool", "min", "max",
        "sum", "abs", "round", "zip", "enumerate", "sorted", "reversed",
    }
)  # fmt: skip
# Registries whose scope may stand before a type: "mmdet.CSPNeXt".
SCOPES = frozenset(
    {"mmpose", "mmdet", "mmpretrain", "mmcls", "mmengine", "mmcv", "mmaction", "mmyolo", "mmtrack"}
)
_PLAIN = (
    ast.Constant, ast.Name, ast.Load, ast.Store, ast.Dict, ast.List, ast.Tuple, ast.Set,
    ast.Subscript, ast.Slice, ast.Starred, ast.keyword, ast.UnaryOp, ast.BinOp, ast.BoolOp,
    ast.Compare, ast.IfExp, ast.JoinedStr, ast.FormattedValue, ast.ListComp, ast.DictComp,
    ast.SetComp, ast.GeneratorExp, ast.comprehension, ast.operator, ast.unaryop, ast.boolop,
    ast.cmpop,
)  # fmt: skip


def check_config(path: str | Path, *, trust: bool = False) -> list[str]:
    """What reading the config would run, one line a finding ([] for plain assignments).

    trust: the caller knows where the file comes from; without it BadInput is raised when there is
    anything. Raises BadInput for a file that cannot be read too.
    """
    findings = list_findings(Path(path))
    if findings and not trust:
        raise _refusal(path, "reading this mmpose config would run more than", findings)
    return findings


def check_types(path: str | Path, content: dict) -> None:
    """BadInput when a config that was read builds something by its path, however it was written.

    content: the whole config as plain dictionaries.
    """
    findings = [f"type {name!r} is built by its path" for name in _paths_of_types(content)]
    if findings:
        raise _refusal(path, "a model made of this mmpose config would run more than", findings)


def _refusal(path: str | Path, what: str, findings: list[str]) -> BadInput:
    more = f"; and {len(findings) - SHOWN} more" if len(findings) > SHOWN else ""
    return BadInput(
        f"{path}: {what} plain assignments: {'; '.join(findings[:SHOWN])}{more}. Look at these "
        "lines. If you trust the file, write extract_keypoints: trust_config: true; else take a "
        "config that mmpose ships (mmpose::folder/name.py)"
    )


def list_findings(path: Path, seen: set[Path] | None = None) -> list[str]:
    """The findings of a config and of the files that it is based on. Raises BadInput."""
    seen = set() if seen is None else seen
    if path.resolve() in seen:
        return []
    seen.add(path.resolve())
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix in (".json", ".yaml", ".yml"):
            return _in_plain_file(path, json.loads(text) if path.suffix == ".json" else text, seen)
        tree = ast.parse(text)
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise BadInput(f"{path}: cannot be read as a config ({error})") from error
    findings, bases = [], []
    for statement in tree.body:
        findings += [f"{path.name}:{line}: {words}" for line, words in _in_statement(statement)]
        bases += _bases(statement)
    return findings + _in_bases(path, bases, seen)


def _in_plain_file(path: Path, content, seen: set[Path]) -> list[str]:
    if isinstance(content, str):
        try:
            content = yaml.safe_load(content)
        except yaml.YAMLError as error:
            raise BadInput(f"{path}: cannot be read as a config ({error})") from error
    content = content if isinstance(content, dict) else {}
    findings = ["custom_imports imports modules"] * ("custom_imports" in content)
    findings += [f"type {name!r} is built by its path" for name in _paths_of_types(content)]
    bases = content.get("_base_", [])
    findings = [f"{path.name}: {words}" for words in findings]
    return findings + _in_bases(path, [bases] if isinstance(bases, str) else bases, seen)


def _in_bases(path: Path, bases: list[str], seen: set[Path]) -> list[str]:
    findings = []
    for base in bases:
        if "::" in base:  # shipped with an installed package
            continue
        findings += list_findings(path.parent / base, seen)
    return findings


def _in_statement(statement: ast.stmt) -> list[tuple[int, str]]:
    """(line, what) of everything in a statement that is no plain assignment."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return []  # a docstring
    if isinstance(statement, ast.Delete | ast.Pass):
        return []
    if not isinstance(statement, ast.Assign | ast.AugAssign | ast.AnnAssign):
        return [(statement.lineno, _words(statement))]
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    found = [
        (statement.lineno, f"assigns to {ast.unparse(target)[:60]}")
        for target in targets
        if not isinstance(target, ast.Name | ast.Tuple | ast.List | ast.Subscript)
    ]
    for node in ast.walk(statement):
        if node is statement or (isinstance(node, ast.Attribute) and _is_of_base(node)):
            continue
        if isinstance(node, ast.Call):
            if not (isinstance(node.func, ast.Name) and node.func.id in PLAIN_CALLS):
                found.append((node.lineno, f"calls {ast.unparse(node.func)[:60]}"))
            found += [
                (node.lineno, f"type {keyword.value.value!r} is built by its path")
                for keyword in node.keywords
                if keyword.arg == "type" and _is_path(keyword.value)
            ]
        elif isinstance(node, ast.Dict):
            found += [
                (node.lineno, f"type {value.value!r} is built by its path")
                for key, value in zip(node.keys, node.values)
                if isinstance(key, ast.Constant) and key.value == "type" and _is_path(value)
            ]
        elif isinstance(node, ast.Name) and node.id == "custom_imports":
            found.append((node.lineno, "custom_imports imports modules"))
        elif isinstance(node, ast.Name) and node.id.startswith("__"):
            found.append((node.lineno, f"uses {node.id}"))
        elif not isinstance(node, _PLAIN):
            line = getattr(node, "lineno", statement.lineno)
            found.append((line, f"holds {_words(node)}"))
    return found


def _words(node: ast.AST) -> str:
    """A node in the words of its source, cut short."""
    text = ast.unparse(node).partition("\n")[0]
    return f"{type(node).__name__.lower()} `{text[:60]}`"


def _is_of_base(node: ast.expr) -> bool:
    """A value of the base config, {{_base_.codec}}, which is put in as text."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and node.id == "_base_"


def _is_path(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and is_path(value.value)


def is_path(name: str) -> bool:
    """A type that is found by importing a module, not by its name in a registry."""
    scope, _, rest = name.partition(".")
    return bool(rest) and (scope not in SCOPES or "." in rest)


def _paths_of_types(content) -> list[str]:
    if isinstance(content, list | tuple):
        return [name for value in content for name in _paths_of_types(value)]
    if not isinstance(content, dict):
        return []
    own = content.get("type")
    found = [own] if isinstance(own, str) and is_path(own) else []
    return found + [name for value in content.values() for name in _paths_of_types(value)]


def _bases(statement: ast.stmt) -> list[str]:
    """The files that an assignment to _base_ names."""
    if not isinstance(statement, ast.Assign):
        return []
    if not any(isinstance(t, ast.Name) and t.id == "_base_" for t in statement.targets):
        return []
    return [
        node.value
        for node in ast.walk(statement.value)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]


def main(arguments: list[str]) -> int:
    """Print the findings of each file; 1 where there are any, 2 where a file cannot be read."""
    if not arguments:
        print(__doc__)
        return 2
    status = 0
    for name in arguments:
        try:
            findings = check_config(name, trust=True)
        except BadInput as error:
            print(error)
            return 2
        print(f"{name}: plain assignments only" if not findings else f"{name}:")
        for finding in findings:
            print(f"  {finding}")
        status = max(status, int(bool(findings)))
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
