"""A digest of the code that a rule runs, so that an edit reruns exactly what it changes.

Snakemake watches a script's own file and none of the modules that it imports. Every rule therefore
carries `code=code_digest("scripts/<rule>.py")` among its params: a hash over the script and its
import closure inside the project, with comments, docstrings and layout taken out.
"""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "microgesture"


def code_digest(*files: str, root: Path = ROOT) -> str:
    """Hash of `files` (paths relative to `root`) and of everything they import in the project.

    Name a module that is chosen by config (a model) beside the script: no import shows it.
    Returns 16 hexadecimal digits. Raises FileNotFoundError for a file that does not exist.
    """
    digest = hashlib.sha256()
    for file in sorted(import_closure(*files, root=root)):
        digest.update(f"{file}\0{_bare_code(root / file)}\0".encode())
    return digest.hexdigest()[:16]


def import_closure(*files: str, root: Path = ROOT) -> set[str]:
    """`files` and the project's files that they import, directly or through others."""
    found, waiting = set(), list(files)
    while waiting:
        file = waiting.pop()
        if file not in found:
            found.add(file)
            waiting += _imports(root / file, root)
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below a node; expressions, most of a tree, hold none and are passed by."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, name, ()):
            yield child
            yield from _statements(child)


@cache
def _bare_code(path: Path) -> str:
    tree = _tree(path)
    for node in (tree, *_statements(tree)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
                node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


@cache
def _imports(path: Path, root: Path) -> tuple[str, ...]:
    """Files of the project that the module at `path` imports, anywhere in its text."""
    names = []
    for node in _statements(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    files = []
    for name in names:
        if name.split(".")[0] == PACKAGE:
            file = Path(*name.split(".")).with_suffix(".py")
            if (root / file).is_file():
                files.append(file.as_posix())
    return tuple(files)
