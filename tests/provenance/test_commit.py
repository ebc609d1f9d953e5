import subprocess

from microgesture.provenance.commit import current_commit


def git(folder, *words):
    base = ["git", "-C", str(folder), "-c", "user.name=a", "-c", "user.email=a@b.c"]
    return subprocess.run([*base, *words], capture_output=True, text=True, check=True).stdout


def test_a_commit_and_what_differs_from_it(tmp_path):
    assert current_commit(tmp_path) == ""
    git(tmp_path, "init", "-q")
    (tmp_path / "file").write_text("one")
    git(tmp_path, "add", "file")
    git(tmp_path, "commit", "-qm", "first")
    head = git(tmp_path, "rev-parse", "HEAD").strip()
    assert current_commit(tmp_path) == head
    (tmp_path / "file").write_text("two")
    assert current_commit(tmp_path) == f"{head}+changes"
