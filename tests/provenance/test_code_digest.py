"""The digest sees code that runs, and nothing else."""

import pytest

from microgesture.provenance.code_digest import code_digest, import_closure


@pytest.fixture
def project(tmp_path):
    """A project of four files: the script imports a, a imports b inside a function; c is apart."""
    files = {
        "scripts/rule.py": "from microgesture.room.a import run\nimport numpy\nrun()\n",
        "microgesture/room/__init__.py": "",
        "microgesture/room/a.py": 'def run():\n    """Doc."""\n    import microgesture.room.b\n',
        "microgesture/room/b.py": "X = 1  # one\n",
        "microgesture/room/c.py": "Y = 1\n",
    }
    counter = iter(range(100))

    def write(**changes):
        # a new folder each time: parsed files are cached by path
        root = tmp_path / str(next(counter))
        for name, text in {
            **files,
            **{k.replace("__", "/"): v for k, v in changes.items()},
        }.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return root

    return write


def digest(root, *files):
    return code_digest("scripts/rule.py", *files, root=root)


def test_closure_follows_imports_wherever_they_stand(project):
    assert import_closure("scripts/rule.py", root=project()) == {
        "scripts/rule.py",
        "microgesture/room/a.py",
        "microgesture/room/b.py",
    }


def test_comments_docstrings_and_layout_do_not_count(project):
    before = digest(project())
    root = project()
    (root / "microgesture/room/b.py").write_text('"""New."""\n\n# two\nX = (\n    1\n)\n')
    (root / "microgesture/room/a.py").write_text(
        'def run():\n    """Other."""\n    import microgesture.room.b  # why\n'
    )
    assert digest(root) == before


def test_a_real_edit_far_down_counts(project):
    root = project()
    (root / "microgesture/room/b.py").write_text("X = 2\n")
    assert digest(root) != digest(project())


def test_a_file_that_is_not_imported_does_not_count_unless_named(project):
    before, root = project(), project()
    (root / "microgesture/room/c.py").write_text("Y = 2\n")
    assert digest(root) == digest(before)
    named = "microgesture/room/c.py"
    assert digest(root, named) != digest(before, named)


def test_missing_script_is_an_error(project):
    with pytest.raises(FileNotFoundError):
        code_digest("scripts/none.py", root=project())
