"""docs/models.md in words: what each network is, what it is compared with, how to name it."""

from pathlib import Path

import yaml

from bench.page_sections import wrapped
from bench.recognisers import CLASSES, Entry, read_networks
from bench.timing import table
from microgesture.models.rgbpose_fusion import POSE_STREAMS, RGB_STREAMS
from microgesture.weights.networks import model_module

PRESETS = Path(__file__).resolve().parents[1] / "presets"
HEADER = [
    "recogniser", "parameters", "reference", "difference", "multiply-adds", "input of a clip",
    "training step", "samples/s", "paper",
]  # fmt: skip
SECTION = "## Published weights"
EXPLANATION = f"""\
- **Parameters**: of the network alone (no heads of semantic and prototype loss), counted with the
  reference's classes, joints and persons, see below.
- **Multiply-adds**: of one clip with one person and {CLASSES} classes, forwards. Half of what
  `FlopCounterMode` of `torch.utils.flop_counter` counts: convolutions, matrix products and
  attention, but no normalisation, activation and pooling. PoseConv3D's stem counts as a dense
  convolution; on a CPU it works from the blobs and needs a small part of that.
- **Input**: channels x frames x joints x persons, or channels x frames x height x width.
- **Samples/s**: clips of training steps on one thread: sampling, augmentation, streams, forward,
  loss, backward, gradient clip, optimiser, as the training loop does them, in the precision that
  `precision: auto` chooses on this machine. Median processor time of the steps after the first, so
  what else the machine does hardly counts."""
SOURCES = """\
Whole numbers with PYSKL as their source are printed nowhere, and PYSKL was not run: they are
counted from its networks' definitions, written a second time for the tests without the library's
code. torchvision prints its own. `tests/bench/test_recognisers.py` holds both against the table.
Numbers in millions are rounded where they were found."""
USAGE = """\
A recogniser is an entry of `modalities` in the config; [configuration.md](configuration.md) lists
all keys. The examples are full size. Give your entry a name that `config.yaml` does not have: under
`joint`, `heatmap` and `rgb` the demo's small widths would stay. What an example leaves out has the
value of `train_modality` (or `train_fusion`)."""


def page(machine: str, cores: list[float], rows: list[list[str]], entries: list[Entry]) -> str:
    """The whole page. cores: share of a core that each recogniser's steps had."""
    share = f"{100 * min(cores):.0f} to {100 * max(cores):.0f} % of a core"
    made = f"Made by `python bench/models.py`. {machine}. The load is that of the minute before; "
    lines = ["# Networks", "", *wrapped(f"{made}the timed steps had {share}."), ""]
    lines += [*table(HEADER, rows), "", EXPLANATION, "", "## What they are compared with", ""]
    lines += [
        SOURCES,
        "",
        *reference_lines(entries),
        "",
        "## The networks and their names",
        "",
        USAGE,
        "",
    ]
    for model, words in read_networks().items():
        lines += network_lines(model, words, [entry for entry in entries if entry.model == model])
    return "\n".join(lines).rstrip() + "\n"


def with_section(text: str, section: str) -> str:
    """A page with the section on published weights (made by bench/published.py) at its end, in
    place of the one that stands there."""
    return text.partition(SECTION)[0].rstrip() + "\n\n" + section.strip() + "\n"


def section_of(text: str) -> str:
    """The section on published weights of a page, "" where there is none."""
    _, heading, rest = text.partition(SECTION)
    return heading + rest


def reference_lines(entries: list[Entry]) -> list[str]:
    """What each count was made with, and where the reference's number is from."""
    rows = []
    for entry in entries:
        reference = entry.reference
        counted = f"{reference.classes} classes"
        if entry.streams != RGB_STREAMS:
            people = "1 person" if reference.persons == 1 else f"{reference.persons} persons"
            counted += f", {reference.layout}, {people}"
        rows.append([f"`{entry.name}`", counted, reference.source])
    return table(["recogniser", "counted with", "source of the reference"], rows)


def network_lines(model: str, words: str, entries: list[Entry]) -> list[str]:
    """A network's section: two sentences, an example, and what its other recognisers change."""
    first, *others = entries
    if first.parents:
        takes = f"{' or '.join(RGB_STREAMS)} together with {' or '.join(POSE_STREAMS)}"
        place = "it is no entry of `modalities`, its numbers stand under `train_fusion`"
    else:
        *streams, last = model_module(model).STREAMS
        takes = f"{', '.join(streams)} or {last}" if streams else last
        place = f"the config names it `model: {model}`"
    lines = [f"### {model}", "", *wrapped(f"{words} It takes {takes}; {place}."), ""]
    lines += ["```yaml", example(first), "```", ""]
    ends = [f"- `{other.name}`, {other.title}: {variation(first, other)}" for other in others]
    if names := recipes(None if first.parents else model):
        ends.append(f"- whole recipes: {', '.join(f'`preset: {name}`' for name in names)}")
    return [*lines, *ends, ""] if ends else lines


def recipes(model: str | None, folder: Path = PRESETS) -> list[str]:
    """Presets that train `model`, the demo's left out; those of the fusion network for None."""
    found = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(folder.glob("*.yaml"))
        if not path.stem.startswith("demo")
    }
    return [name for name, settings in found.items() if settings.get("model") == model]


def example_config(entry: Entry) -> dict:
    """The part of a configuration that names this recogniser."""
    if entry.parents:
        parents = {f"{branch}_parent": parent.name for branch, parent in entry.parents.items()}
        return {"train_fusion": {**parents, **entry.settings}}
    return {"modalities": {entry.name: entry.settings}}


def example(entry: Entry) -> str:
    """The same as YAML, a line a setting."""
    lines, settings = [], example_config(entry)
    for depth in range(1 if entry.parents else 2):
        ((name, settings),) = settings.items()
        lines.append(f"{'  ' * depth}{name}:")
    indent = "  " * len(lines)
    return "\n".join([*lines, *(indent + line for line in one_line_each(settings))])


def variation(first: Entry, other: Entry) -> str:
    """What `other` writes otherwise than `first`, and what it leaves out."""
    ours, theirs = first.settings, other.settings
    changed = {key: value for key, value in theirs.items() if ours.get(key) != value}
    parts = [f"`{line}`" for line in one_line_each(changed)]
    parts += [f"no `{key}`" for key in ours if key not in theirs]
    return ", ".join(parts)


def one_line_each(settings: dict) -> list[str]:
    """YAML of each setting on a line of its own."""
    return [
        yaml.safe_dump({key: value}, default_flow_style=True, sort_keys=False, width=1000).strip()[
            1:-1
        ]
        for key, value in settings.items()
    ]
