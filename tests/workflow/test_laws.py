"""The laws of the house: names, thin scripts, no registry, no leak of test labels."""

import ast
import re
from pathlib import Path

import pytest
import yaml

from microgesture.configuration.checked import load_schema
from microgesture.configuration.schema import model_files
from microgesture.provenance.code_digest import import_closure

ROOT = Path(__file__).resolve().parents[2]
RULE_TEXT = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "rules").glob("*.smk")))
COLLECTORS = {  # rules without a script
    "all", "annotated", "export_heatmaps", "inspect", "note_changes", "segments", "predict",
}  # fmt: skip
# rules inside `if` and `else` count like any other
RULE_TEXT = re.sub(r"^(if|else).*\n", "", RULE_TEXT, flags=re.M)
RULE_TEXT = re.sub(r"^    (?=rule |    )", "", RULE_TEXT, flags=re.M)
RULES = [rule for rule in re.findall(r"^rule (\w+):", RULE_TEXT, re.M) if rule not in COLLECTORS]
SCRIPTS = sorted((ROOT / "scripts").glob("*.py"))
BODIES = dict(re.findall(r"^rule (\w+):\n(.*?)(?=^\S|\Z)", RULE_TEXT, re.M | re.S))
HEADINGS = ("input", "output", "log", "benchmark", "wildcard_constraints", "conda", "threads", "resources", "params",
            "message", "script")  # fmt: skip
ALLOWED = {"input", "output", "params", "log", "threads", "resources", "wildcards"}
DRAWS = (
    "plot_", "render_overlays", "render_segments", "review_segments", "inspect_data", "ablation",
    "compare_members", "label_efficiency",
)  # fmt: skip
READS_TRUTH = {
    "score_predictions", "ablation", "label_efficiency", "score_segments", "inspect_data",
}  # fmt: skip
MUST_NOT_SEE_TRUTH = (
    "train_modality", "predict_modality", "select_pseudo_labels", "train_fusion",
    "predict_fusion", "fit_temperatures", "compare_members", "combine_scores", "store_videos",
    "predict_windows",
    "fit_segmenter", "find_segments", "summarise_segments", "export_segments",
)  # fmt: skip


def test_every_script_has_a_rule_and_every_rule_a_script():
    assert sorted(RULES) == [script.stem for script in SCRIPTS]


@pytest.mark.parametrize("rule", RULES)
def test_one_name_everywhere(rule):
    body = BODIES[rule]
    assert f'"../scripts/{rule}.py"' in body
    assert f'"logs/{rule}/' in body
    assert f'"benchmarks/{rule}/' in body
    assert (ROOT / "tests" / "scripts" / f"test_{rule}.py").is_file()


@pytest.mark.parametrize("rule", RULES)
def test_headings_stand_in_the_same_order(rule):
    found = re.findall(r"^    (\w+):", BODIES[rule], re.M)
    assert found == [heading for heading in HEADINGS if heading in found]
    assert set(HEADINGS) - set(found) <= {"wildcard_constraints"}


@pytest.mark.parametrize("rule", RULES)
def test_a_job_is_run_by_its_signature_alone(rule):
    """One tracked param, all others are marked; every input goes through `tracked`."""
    body = BODIES[rule]
    assert re.search(rf'input:\s+unpack\(\s*tracked\(\s*"{rule}"', body)
    params = re.search(r"    params:\n(.*?)(?=^    (?:message|script):)", body, re.M | re.S)[1]
    named = re.findall(r"^ {4,8}(\w+)=(\w+)", params, re.M)  # deeper in rules inside an if
    assert named[0] == ("made_from", "made_from") and f'made_from("{rule}")' in params
    assert {function for _, function in named[1:]} <= {"untracked", "pieces"}
    assert "ancient(" not in RULE_TEXT


def test_figures_are_no_part_of_what_makes_numbers():
    for rule in RULES:
        drawn = [file for file in import_closure(f"scripts/{rule}.py") if "/figures/" in file]
        assert not drawn or rule.startswith(DRAWS), f"{rule} imports {drawn}"


def test_sections_of_the_config_are_rules():
    # import_weights is a dictionary of entries, as modalities is
    general = {"seed", "videos", "clips", "labels", "batches", "layout", "rounds", "modalities"}
    general |= {"protocol", "mirror_images", "predict"}  # the last is a collector with knobs
    sections = set(load_schema()["properties"]) - general
    assert sections <= set(RULES)
    assert set(yaml.safe_load((ROOT / "config.yaml").read_text())) <= sections | general


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.stem)
def test_scripts_are_thin_and_documented(script):
    text = script.read_text(encoding="utf-8")
    tree = ast.parse(text)
    assert ast.get_docstring(tree), "the docstring is the rule's page"
    assert "from __future__" not in text
    assert 'if __name__ == "__main__":' in text
    used = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == "snakemake"
    }
    assert used <= ALLOWED


def test_model_choices_of_the_schema_are_the_files():
    modality = load_schema()["$defs"]["modality"]["properties"]
    assert modality["model"]["enum"] == model_files()


def test_packages_are_empty():
    for path in (ROOT / "microgesture").rglob("__init__.py"):
        assert path.read_text() == "", f"{path}: the digest of every rule would see it"


@pytest.mark.parametrize(
    ("module", "owner"),
    [("decord", "microgesture/videos/decoding.py"), ("mmpose", "microgesture/pose")],
)
def test_heavy_libraries_have_one_importer(module, owner):
    pattern = re.compile(rf"^\s*(import {module}|from {module}[. ])", re.M)
    for path in [*(ROOT / "microgesture").rglob("*.py"), *SCRIPTS]:
        if pattern.search(path.read_text(encoding="utf-8")):
            assert path.relative_to(ROOT).as_posix().startswith(owner)


def test_environments_have_the_pins_of_the_lock():
    lock = dict(
        line.split("==")
        for line in (ROOT / "requirements.lock").read_text().split()
        if "==" in line
    )
    files = list((ROOT / "envs").glob("*.yaml"))
    assert {file.stem for file in files} == {"pose", "training", "analysis"}
    for file in files:
        pip = yaml.safe_load(file.read_text())["dependencies"][-1]["pip"]
        for pin in pip:
            if "==" in pin:
                name, version = pin.split("==")
                assert lock[name] == version, f"{file.name}: {name}"


def ancestors(rule, makers):
    """All rules that a rule's jobs descend from."""
    waiting, found = list(makers[rule]), set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += makers[name]
    return found


# plot_scores and plot_segments draw from what the scoring rules wrote; a bundle's card tells them
KNOWS_TRUTH = {"index_truth", "plot_scores", "plot_segments", "bundle", *READS_TRUTH}


def test_truth_reaches_only_the_scoring_rules(workspace):
    makers = workspace.makers(
        "ablation", "label_efficiency", "bundle", "segments", "inspect", "all"
    )
    readers = {rule for rule, found in makers.items() if "index_truth" in found}
    assert readers - {"all"} == READS_TRUTH
    for rule in MUST_NOT_SEE_TRUTH:
        leaked = ancestors(rule, makers) & KNOWS_TRUTH
        assert not leaked, f"{rule} descends from {leaked}"


def test_the_inspection_needs_nothing_trained_and_nothing_needs_it(workspace):
    makers = workspace.makers("inspect", "ablation", "all")
    networks = {rule for rule in makers if rule.startswith(("train_", "predict_"))}
    assert networks and not ancestors("inspect_data", makers) & networks
    assert {rule for rule in makers if "inspect_data" in makers[rule]} == {"inspect"}


def test_a_leak_is_found(workspace):
    path = workspace.folder / "rules" / "pseudo_labels.smk"
    text = path.read_text(encoding="utf-8")
    leaky = text.replace("clips=clips_of", "truth=truth_of, clips=clips_of", 1)
    assert leaky != text
    path.write_text(leaky, encoding="utf-8")
    assert ancestors("train_modality", workspace.makers()) & KNOWS_TRUTH
