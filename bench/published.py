"""Every family of published weights, imported: by name, or refused with the remedy.

    python bench/published.py        writes the section "Published weights" of docs/models.md

Nothing is downloaded: the weights are random, in the published format (names, shapes, places), and
the logits they should give come from networks that were written a second time for the tests, or
from torchvision's own. The families stand in bench/published.yaml.
"""

import os
import re
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import torch  # noqa: E402
import yaml  # noqa: E402

from bench.models_page import SECTION, with_section  # noqa: E402
from bench.page_sections import wrapped  # noqa: E402
from bench.timing import table  # noqa: E402
from microgesture.pose.layouts import get_layout  # noqa: E402
from microgesture.provenance.errors import BadInput  # noqa: E402
from microgesture.weights.checkpoints import load_network, read_metadata  # noqa: E402
from microgesture.weights.published import build_imported, import_weights  # noqa: E402
from tests.models.references import slowonly_reference as slowonly  # noqa: E402
from tests.models.references import video_mae_reference as video_mae  # noqa: E402
from tests.models.references.equality import start_graph  # noqa: E402
from tests.models.references.graph_networks import (  # noqa: E402
    JOINTS,
    Weights,
    reference_logits,
)
from tests.models.references.tsm_reference import tsm_logits, tsm_state  # noqa: E402

FOLDER = Path(__file__).resolve().parent
CLASSES = 7
TOLERANCE = 1e-4  # of the spread of the logits
HEADER = ["published", "held in the file", "layout", "entry of `import_weights`", "what happens"]
EXPLANATION = f"""\
Made by `python bench/published.py`, from random weights in the published formats: the names and
shapes are those of the publishers' code, the files themselves are not needed. *Right* means that
the imported network's logits differ from the reference's by less than {TOLERANCE:g} of their
spread; the references are networks written a second time for the tests without the library's code,
or torchvision's own. Channels of a first layer are matched by the names of joints or limbs and
never averaged unasked: where a channel's name is not known to the file, the log and the metadata
say that it starts from the mean, and which one it is. Where the names cannot be known the file is
refused."""
CLASSIFIER = """\
The classifier starts afresh unless the file's classes are known by name: `source_labels` (a list,
or a text file with a name a line) keeps the rows of classes that your labels table has too, and
`keep_classes: true` takes the file's classes as they are. An equal number of classes alone says
nothing. `url` needs `sha256`, all 64 digits; where the publisher prints none, take the digest of a
copy that you trust (`sha256sum FILE`)."""
EXAMPLE = """\
import_weights:
  limb_ntu60:
    url: https://download.openmmlab.com/mmaction/pyskl/ckpt/posec3d/slowonly_r50_ntu60_xsub/limb.pth
    sha256: "..." # 64 digits
    model: poseconv3d
    stream: limb_heatmap
    source_layout: coco17
    limbs: pyskl17 # the 17 lines that it was trained on
modalities:
  limb_pretrained:
    preset: poseconv3d_limb
    limbs: pyskl17
    initial_weights: resources/weights/limb_ntu60/model.safetensors"""


@dataclass(frozen=True)
class Published:
    """Random weights as they are published: state (name -> tensor), what the network sees, and its
    logits, one tensor a branch; without logits there is nothing to compare."""

    state: dict[str, torch.Tensor]
    inputs: tuple[torch.Tensor, ...] = ()
    logits: tuple[torch.Tensor, ...] = ()
    place: str | None = "state_dict"


@dataclass(frozen=True)
class Outcome:
    """What an import did: changes in words, the largest difference of the logits over their spread
    (None: not compared), or the refusal's message."""

    changes: list[str] = field(default_factory=list)
    difference: float | None = None
    refusal: str | None = None


def read_families(path: Path = FOLDER / "published.yaml") -> list[dict]:
    """The rows of published.yaml."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@torch.no_grad()
def make(model: str, made: dict, persons: int = 1) -> Published:
    """Random weights in a published format, after a row's `made`.

    graph: the layout of a graph network. slowonly: "pose" or "rgb", with channels and, where they
    differ, blocks and temporal strides. rgbpose: RGBPoseConv3D; merged: without what its parents
    have not. tsm: the depth of a TSM. video_mae: whose names a ViT-S has. torchvision: a network
    of it. names: tensors of a family that is not here.
    """
    torch.manual_seed(1)
    if "names" in made:
        return Published(dict.fromkeys(made["names"], torch.zeros(3, 3)))
    if "graph" in made:
        weights = Weights(seed=3, coefficients=made.get("coefficients"))
        clips = torch.randn(2, persons, 13, JOINTS[made["graph"]], 3, dtype=torch.float64)
        graph = start_graph(model, made["graph"])
        reference_logits(weights, model, clips, graph, CLASSES)
        state = {name: value.float() for name, value in weights.state.items()}
        # Both sides in double precision, with the rounded weights: random ones enlarge rounding.
        weights.state = {name: value.to(clips.dtype) for name, value in state.items()}
        logits = reference_logits(weights, model, clips, graph, CLASSES)
        return Published(state, (clips.permute(0, 4, 2, 3, 1),), (logits,))
    if "slowonly" in made:
        net = dict(slowonly.POSE if made["slowonly"] == "pose" else slowonly.RGB)
        net |= {key: tuple(made[key]) for key in ("blocks", "temporal") if key in made}
        shapes = slowonly.pathway_shapes("backbone", made["channels"], net)
        width = net["base"] * 4 * 2 ** (len(net["blocks"]) - 1)
        state = slowonly.random_state(
            shapes | slowonly.linear_shapes("cls_head.fc_cls", CLASSES, width)
        )
        side = 16 if made["slowonly"] == "pose" else 64
        clips = torch.rand(2, made["channels"], 4, side, side)
        return Published(state, (clips,), (slowonly.slowonly_logits(clips, state, net),))
    if "rgbpose" in made:
        return _rgbpose(merged=bool(made.get("merged")))
    if "tsm" in made:
        state, clips = tsm_state(64, made["tsm"], CLASSES), torch.randn(1, 3, 4, 64, 64)
        return Published(state, (clips,), (tsm_logits(clips, state, made["tsm"]),))
    if "video_mae" in made:
        state, clips = video_mae.random_state(384, 12, (2, 16, 16)), torch.randn(2, 3, 4, 64, 64)
        logits = video_mae.logits(clips, state, heads=6)
        file = video_mae.published(state, made["video_mae"])
        return Published(file, (clips,), (logits,), "model")
    return _torchvision(made)


def _rgbpose(merged: bool) -> Published:
    pose_net = {**slowonly.POSE, "temporal": (1, 1, 1)}
    state = slowonly.random_state(slowonly.rgbpose_shapes(17, CLASSES, slowonly.RGB, pose_net))
    rgb, pose = torch.randn(1, 3, 2, 64, 64), torch.rand(1, 17, 8, 16, 16)
    if merged:  # the padded channels are zero, so that the connections do not count
        for name, lateral in _LATERAL.items():
            for part in ("conv1", "downsample"):
                state[f"backbone.{name}.0.{part}.conv.weight"][:, -lateral:] = 0
    logits = slowonly.rgbpose_logits(rgb, pose, state, slowonly.RGB, pose_net)
    if merged:
        state = {name: value for name, value in state.items() if "_lateral." not in name}
    return Published(state, (rgb, pose), tuple(logits))


# Stages that lateral connections lead into, and how many channels they add there.
_LATERAL = {
    "rgb_path.layer3": 128,
    "rgb_path.layer4": 256,
    "pose_path.layer2": 32,
    "pose_path.layer3": 64,
}


def _torchvision(made: dict) -> Published:
    import microgesture.models.torchvision_operators  # noqa: F401

    # isort: split
    import torchvision

    name = made["torchvision"]
    if name == "resnet50":  # the shift is new, so there are no logits to compare
        return Published(torchvision.models.resnet50().state_dict(), place=None)
    network = getattr(torchvision.models.video, name)(num_classes=CLASSES).eval()
    clips = torch.randn(2, 3, 8, 64, 64)
    state, logits = network.state_dict(), network(clips)
    if made.get("as") == "mmaction2":
        state = {mmaction_name(key): value for key, value in state.items()}
    place = "state_dict" if "as" in made else None
    return Published(state, (clips,), (logits,), place)


def mmaction_name(name: str) -> str:
    """torchvision's name of a Swin tensor -> MMAction2's."""
    found = re.match(r"features\.(\d+)\.(.+)", name)
    if found:
        number, rest = int(found[1]), found[2]
        part = f"blocks.{rest}" if number % 2 == 0 else f"downsample.{rest}"
        part = part.replace(".mlp.0.", ".mlp.fc1.").replace(".mlp.3.", ".mlp.fc2.")
        return f"backbone.layers.{number // 2}.{part}"
    if name.startswith("head."):
        return f"cls_head.fc_cls.{name.removeprefix('head.')}"
    return "backbone." + name.replace("norm.", "norm3.", int(name.startswith("norm.")))


@torch.no_grad()
def check(row: dict, folder: Path) -> Outcome:
    """Import a row's random weights into `folder` and compare the logits."""
    write = row["write"]
    made = make(write["model"], row["made"], write.get("persons", 1))
    file, checkpoint = folder / "published.pth", folder / "model.safetensors"
    torch.save({made.place: made.state} if made.place else made.state, file)
    settings = {key: value for key, value in write.items() if key != "model_options"}
    settings |= {"layout": row["layout"], "options": write.get("model_options")}
    try:
        changes = import_weights(file, checkpoint, folder / "model.json", **settings)
    except BadInput as error:
        return Outcome(refusal=str(error).removeprefix(f"{file}: "))
    if not made.logits or any("exchanges" not in change for change in changes):
        return Outcome(changes)
    facts = read_metadata(folder / "model.json")
    network = build_imported(
        write["model"],
        write["stream"],
        facts["num_classes"],
        get_layout(row["layout"]),
        write.get("limbs", "bones"),
        write.get("dims", 2),
        write.get("persons", 1),
        write.get("model_options"),
    ).eval()
    load_network(network, checkpoint)
    found = network.to(made.inputs[0].dtype)(*made.inputs)
    branches = found if isinstance(found, tuple) else (found,)
    if any(theirs.std() < 0.01 for theirs in made.logits):
        raise ValueError(f"{row['family']}: the reference's logits hardly vary")
    differences = [
        float((ours - theirs).abs().max() / theirs.std())
        for ours, theirs in zip(branches, made.logits, strict=True)
    ]
    return Outcome(changes, max(differences))


def describe(row: dict, outcome: Outcome) -> str:
    """The last cell of a row."""
    if outcome.refusal is not None:
        return f"**refused**: {outcome.refusal}"
    parts = []
    if outcome.difference is not None:
        right = outcome.difference < TOLERANCE
        parts.append("right" if right else f"**wrong** by {outcome.difference:.0e} of the spread")
    else:
        parts.append("taken")
    parts += outcome.changes
    if "limbs" in row:
        parts.append(f"write `limbs: {row['limbs']}` in the modality too")
    return "; ".join(parts).replace("|", "/")


def section(rows: list[tuple[dict, Outcome]]) -> str:
    """The section of docs/models.md."""
    cells = []
    for row, outcome in rows:
        entry = yaml.safe_dump(row["write"], default_flow_style=True, sort_keys=False, width=1000)
        cells.append(
            [row["family"], row["held"], row["layout"], f"`{entry.strip()}`"]
            + [describe(row, outcome)]
        )
    lines = [SECTION, "", *wrapped(EXPLANATION), "", *table(HEADER, cells), ""]
    lines += [*wrapped(CLASSIFIER), "", "```yaml", EXAMPLE, "```"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Check every family and write the section."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for row in read_families():
            outcome = check(row, Path(folder))
            rows.append((row, outcome))
            shown = "" if outcome.difference is None else f" ({outcome.difference:.1e})"
            print(f"{row['family']}: {describe(row, outcome)[:150]}{shown}", flush=True)
    page = ROOT / "docs" / "models.md"
    text = with_section(page.read_text(encoding="utf-8"), section(rows))
    page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
