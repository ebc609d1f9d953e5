"""docs/layouts.md: `python -m microgesture.pose.documentation` makes it."""

from pathlib import Path

from microgesture.pose.layouts import LAYOUT_NAMES, Layout, get_layout
from microgesture.provenance.files import written_whole

PATH = Path(__file__).resolve().parents[2] / "docs" / "layouts.md"
ABOUT = {
    "h68": "26 points of Halpe and 2 x 21 of the hands: what the recognisers see by default",
    "coco17": "COCO; YOLO pose, most 2D models",
    "coco_wholebody133": "COCO-WholeBody; mmpose's whole-body models, MediaPipe after import",
    "halpe136": "Halpe full body; AlphaPose",
    "openpose137": "OpenPose BODY_25 with face (70) and hands (2 x 21)",
    "body25": "OpenPose BODY_25 alone",
    "imigue22": "the organisers' arrays of iMiGUE",
    "smg25": "SMG: Kinect v2's order",
    "ma52_28": "MA-52: OpenPose's 18 points and ten finger tips",
    "ntu25": "NTU RGB+D: Kinect v2's order",
    "msr20": "MSR-Action3D: 20 joints of Kinect v1 in an order of its own",
    "kinect20": "Kinect v1 in the order of its SDK",
    "utd20": "UTD-MHAD: Kinect v1, spine from the head down",
    "h36m17": "Human3.6M; MotionBERT, VideoPose3D (after lifting)",
    "halpe26": "Halpe's body and feet; RTMPose body8-halpe26",
    "openpose18": "OpenPose's older model (COCO)",
}
HEAD = """# Keypoint layouts

Made by `make docs` (`python -m microgesture.pose.documentation`); do not edit. Which joints a
layout has, in the order of its data. `left` and `right` are the person's own. Points go
from one layout to another by their names; neck and middle of the hips are made from the shoulders
and hips where a layout has them not.

An importer compares: in the right order mirrored bones are equally long and the bones short. Twenty
Kinect joints in the order of its SDK, said to be `msr20`, are refused with the words "write
kinect20".

| layout | joints | whose |
|---|---|---|
"""
OWN = """
## A layout of your own

A small file, named by its path wherever a layout is named (`layout: layouts/mine.yaml` in the
config, `--layout layouts/mine.yaml` of an importer):

```yaml
joints: [chest, nose, left_wrist, right_wrist] # in the order of the data, each name once
edges: [[nose, chest], [left_wrist, chest], [right_wrist, chest]] # bones: one tree over all joints
pairs: [[left_wrist, right_wrist]] # left first; may be left out for names left_... and right_...
center: chest # the root; may be left out
```

It is checked before any job starts: names that come twice, bones to unknown joints, rings, joints
that hang on nothing, pairs that are none, bones without a mirror image. Where a joint has a name of
this page, points go to and from the other layouts. A change of the file runs again what depends on
it. `python -m microgesture.figures.layouts layouts/mine.yaml --out mine.svg` draws it.
"""


def document() -> str:
    """The whole page as Markdown."""
    layouts = [get_layout(name) for name in LAYOUT_NAMES]
    rows = [
        f"| [{one.name}](#{one.name}) | {one.num_joints} | {ABOUT[one.name]} |" for one in layouts
    ]
    return HEAD + "\n".join(rows) + "\n" + OWN + "".join(map(_section, layouts))


def _section(layout: Layout) -> str:
    root = layout.joints[layout.center]
    lines = [f"\n## {layout.name}\n", f"{ABOUT[layout.name]}. Root: {root}.\n"]
    lines += ["| | joint | joined with |", "|---|---|---|"]
    for number, joint in enumerate(layout.joints):
        parent = layout.parents[number]
        joined = "" if parent == number else layout.joints[parent]
        lines.append(f"| {number} | {joint} | {joined} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write docs/layouts.md."""
    with written_whole(PATH) as temporary:
        temporary.write_text(document(), encoding="utf-8")


if __name__ == "__main__":
    main()
