"""A config of mmpose is looked at before it is run."""

import json
import textwrap
from pathlib import Path

import pytest

from microgesture.pose.config_check import check_config, check_types, list_findings, main
from microgesture.provenance.errors import BadInput

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "pose" / "demo_wholebody.py"


def write(folder, text, name="config.py"):
    path = folder / name
    path.write_text(textwrap.dedent(text), encoding="utf-8")
    return path


def test_plain_assignments_pass(tmp_path):
    assert check_config(SHIPPED) == []
    write(tmp_path, "codec = dict(type='SimCCLabel', input_size=(192, 256))", "base.py")
    path = write(
        tmp_path,
        '''
        """A docstring."""
        _base_ = ["base.py", "mmpose::_base_/default_runtime.py"]
        width: int = 3 * 32
        sizes = [size // 2 for size in range(4)] + [*(1, 2)]
        model = dict(type="TopdownPoseEstimator", codec={{_base_.codec}}, **dict(a=-1))
        model["backbone"] = {"type": "mmdet.CSPNeXt", "n": len(sizes) if width > 1 else None}
        name = f"{width} wide"
        ''',
    )
    assert check_config(path) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import os\n", "import `import os`"),
        ("from os import system as dict\n", "importfrom"),
        ("x = __import__('os').system('true')\n", "calls __import__"),
        ("x = open('/tmp/x').read()\n", "calls open"),
        ("print(1)\n", "expr `print(1)`"),
        ("x = [].__class__\n", "holds attribute"),
        ("x = (lambda: 1)\n", "holds lambda"),
        ("def f():\n    return 1\n", "functiondef"),
        ("custom_imports = dict(imports=['evil'])\n", "custom_imports imports modules"),
        ("a, custom_imports = 1, dict(imports=['evil'])\n", "custom_imports imports modules"),
        (
            "model = dict(type='subprocess.Popen', args=['true'])\n",
            "type 'subprocess.Popen' is built",
        ),
        ("model = {'type': 'os.system'}\n", "type 'os.system' is built by its path"),
        ("if True:\n    a = 1\n", "if `if True:`"),
        ("x = dict(y=eval('1'))\n", "calls eval"),
        ("x = __builtins__\n", "uses __builtins__"),
        ("x = [(y := 1)]\n", "holds namedexpr"),
    ],
)
def test_everything_else_is_listed_with_its_line(tmp_path, text, told):
    path = write(tmp_path, f"a = 1\n{text}")
    with pytest.raises(BadInput) as error:
        check_config(path)
    assert f"config.py:2: {told}" in str(error.value) and "trust_config" in str(error.value)
    assert check_config(path, trust=True) == list_findings(path) != []


def test_files_it_is_based_on_are_looked_at_too(tmp_path):
    write(tmp_path, "import os\n", "deeper.py")
    write(tmp_path, "_base_ = 'deeper.py'\n", "base.py")
    path = write(tmp_path, "_base_ = ['./base.py', 'config.py']\n")
    assert list_findings(path) == ["deeper.py:1: import `import os`"]
    with pytest.raises(BadInput, match=r"none\.py: cannot be read"):
        list_findings(write(tmp_path, "_base_ = 'none.py'\n", "lost.py"))
    with pytest.raises(BadInput, match="cannot be read as a config"):
        list_findings(write(tmp_path, "a = (\n", "broken.py"))


def test_other_formats(tmp_path):
    content = {"custom_imports": {"imports": ["x"]}, "model": [{"type": "os.system"}]}
    path = write(tmp_path, json.dumps(content), "config.json")
    assert len(list_findings(path)) == 2
    write(tmp_path, "import os\n", "base.py")
    assert list_findings(write(tmp_path, "_base_: base.py\na: 1\n", "config.yaml"))


def test_types_that_were_put_together_are_found_in_what_was_read():
    check_types("c.py", {"model": {"type": "mmdet.CSPNeXt"}, "a": [{"type": "ReLU"}]})
    for content in ({"model": {"head": {"type": "os.system"}}}, {"a": ({"type": "a.b.C"},)}):
        with pytest.raises(BadInput, match="is built by its path"):
            check_types("c.py", content)


def test_command(tmp_path, capsys):
    assert main([str(SHIPPED)]) == 0
    assert main([str(write(tmp_path, "import os\n"))]) == 1
    assert "config.py:1: import `import os`" in capsys.readouterr().out
    assert main([]) == 2 and main([str(tmp_path / "none.py")]) == 2


def test_a_config_that_runs_something_is_refused_before_it_runs(tmp_path):
    pytest.importorskip("mmpose")
    from microgesture.pose.estimation import read_config

    created = tmp_path / "created"
    text = SHIPPED.read_text(encoding="utf-8")
    path = write(tmp_path, f"{text}\nx = open({str(created)!r}, 'w').close()\n")
    with pytest.raises(BadInput, match="calls open"):
        read_config(path)
    assert not created.exists()
    hidden = write(tmp_path, f"{text}\nt = 'os.' + 'system'\nx = dict(type=t)\n", "hidden.py")
    with pytest.raises(BadInput, match=r"hidden\.py: a model made of .*'os\.system'"):
        read_config(hidden)
    read_config(path, trust=True)
    assert created.exists()
