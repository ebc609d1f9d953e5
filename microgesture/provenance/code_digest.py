"""A digest of the code that a rule runs, so that an edit reruns exactly what it changes.

Snakemake watches a script's own file and none of the modules that it imports. What a job is made
from therefore holds a hash over the script and its import closure inside the project, of what can
change numbers: comments, docstrings, layout, the words of errors and logs and help texts are out.
"""

import ast
import hashlib
from collections.abc import Collection, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = "microgesture"
# Calls whose arguments are words for people: what they build is told, never computed with.
TOLD = {"BadInput", "Problem"}
LOGGERS = {"LOGGER", "logger", "logging", "warnings"}
WORDS = {"help", "desc", "meaning", "description"}  # arguments by name that are such words


def code_digest(*files: str, without: Collection[str] = (), root: Path = ROOT) -> str:
    """Hash of `files` (paths relative to `root`) and of everything they import in the project.

    Name a module that is chosen by config (a model) beside the script: no import shows it.
    without: files of the closure that this job does not use; they and what only they import are
    left out. Returns 16 hexadecimal digits. Raises FileNotFoundError for a file that does not
    exist.
    """
    digest = hashlib.sha256()
    for file in sorted(import_closure(*files, without=without, root=root)):
        digest.update(f"{file}\0{_bare_code(root / file)}\0".encode())
    return digest.hexdigest()[:16]


def import_closure(*files: str, without: Collection[str] = (), root: Path = ROOT) -> set[str]:
    """`files` and the project's files that they import, directly or through others."""
    found, waiting = set(), list(files)
    while waiting:
        file = waiting.pop()
        if file not in found and file not in without:
            found.add(file)
            waiting += _imports(root / file, root)
    return found


def imported_packages(*files: str, without: Collection[str] = (), root: Path = ROOT) -> set[str]:
    """Names of the packages outside the project that the closure of `files` imports."""
    closure = import_closure(*files, without=without, root=root)
    names = {name.split(".")[0] for file in closure for name in _imported_names(root / file)}
    return names - {PACKAGE}


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _statements(node: ast.AST) -> Iterator[ast.AST]:
    """All statements below a node; expressions, most of a tree, hold none and are passed by."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        for child in getattr(node, name, ()):
            yield child
            yield from _statements(child)


class _WithoutWords(ast.NodeTransformer):
    """Takes out what is said to people."""

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        if isinstance(node.value, ast.Constant) or _is_logging(node.value):
            return None  # a body may end up empty: this text is hashed, never run
        return self.generic_visit(node)

    def visit_Raise(self, node: ast.Raise) -> ast.AST:
        error = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
        return ast.Raise(exc=error, cause=None)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        name = getattr(node.func, "id", getattr(node.func, "attr", ""))
        if name in TOLD:
            return ast.Call(func=node.func, args=[], keywords=[])
        if name == "Setting":  # default, meaning, choices, ...
            node.args = node.args[:1] + node.args[2:]
        node.keywords = [word for word in node.keywords if word.arg not in WORDS]
        return node


def _is_logging(node: ast.AST) -> bool:
    function = node.func if isinstance(node, ast.Call) else None
    owner = getattr(function, "value", None)
    return getattr(owner, "id", None) in LOGGERS


@cache
def _bare_code(path: Path) -> str:
    # parsed anew: the transformer changes the tree, and what it takes out may import
    tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    return ast.unparse(ast.fix_missing_locations(_WithoutWords().visit(tree)))


@cache
def _imported_names(path: Path) -> tuple[str, ...]:
    names = []
    for node in _statements(_tree(path)):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return tuple(names)


@cache
def _imports(path: Path, root: Path) -> tuple[str, ...]:
    """Files of the project that the module at `path` imports, anywhere in its text."""
    files = []
    for name in _imported_names(path):
        if name.split(".")[0] == PACKAGE:
            file = Path(*name.split(".")).with_suffix(".py")
            if (root / file).is_file():
                files.append(file.as_posix())
    return tuple(files)
