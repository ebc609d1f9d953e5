"""Which pairs of joints a limb heatmap volume has a channel for, and in which order."""

from microgesture.pose.layouts import Layout
from microgesture.provenance.errors import BadInput

LIMB_SETS = ("bones", "pyskl17")

# The limb checkpoints of PYSKL and MMAction2 (Duan et al., Revisiting Skeleton-based Action
# Recognition, CVPR 2022) are all made for these pairs, `skeletons` in their configurations: the
# bones of COCO's 17 joints from the trunk outwards, and the line from hip to hip.
PYSKL17 = (
    ("nose", "left_shoulder"),
    ("nose", "right_shoulder"),
    ("left_shoulder", "left_elbow"),
    ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"),
    ("right_elbow", "right_wrist"),
    ("left_shoulder", "left_hip"),
    ("left_hip", "left_knee"),
    ("left_knee", "left_ankle"),
    ("right_shoulder", "right_hip"),
    ("right_hip", "right_knee"),
    ("right_knee", "right_ankle"),
    ("nose", "left_eye"),
    ("nose", "right_eye"),
    ("left_eye", "left_ear"),
    ("right_eye", "right_ear"),
    ("left_hip", "right_hip"),
)


def limb_names(layout: Layout, limbs: str = "bones") -> tuple[tuple[str, str], ...]:
    """The names of each limb's two ends, in the order of the channels.

    limbs: "bones", the layout's own tree (child, parent), or "pyskl17", the published set, which is
    the same for every layout.
    """
    if limbs == "pyskl17":
        return PYSKL17
    if limbs != "bones":
        raise BadInput(f"limbs is {limbs!r}; write one of {', '.join(LIMB_SETS)}")
    return tuple((layout.joints[a], layout.joints[b]) for a, b in layout.edges)


def limb_pairs(layout: Layout, limbs: str = "bones") -> tuple[tuple[int, int], ...]:
    """The same as joint numbers of `layout`. BadInput where the layout lacks a joint."""
    if limbs == "bones":
        return layout.edges
    names = limb_names(layout, limbs)
    missing = sorted({joint for pair in names for joint in pair} - set(layout.joints))
    if missing:
        raise BadInput(
            f"limbs: {limbs} draws lines between COCO's 17 joints, and {layout.name} has no "
            f"{', '.join(missing[:4])}{' ...' if len(missing) > 4 else ''}; write limbs: bones, or "
            f"take a layout with these joints"
        )
    return tuple((layout.joints.index(a), layout.joints.index(b)) for a, b in names)
