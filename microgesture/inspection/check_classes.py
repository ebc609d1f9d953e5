"""Classes that cannot be learned, chosen by or scored, and classes that are one person."""

from collections.abc import Iterator

import numpy as np

from microgesture.inspection.findings import NOTE, SERIOUS, WARNING, Finding, counted
from microgesture.inspection.material import Material

_LOPSIDED = 50  # commonest class : rarest class
SPLITS = ("train", "val", "test")


def check_classes(material: Material) -> Iterator[Finding]:
    """Clips per class and split, and the people behind them."""
    clips, names = material.labelled, material.names
    if not len(clips):
        what = "No clip has a label: nothing can be trained, keypoints and crops are all there is."
        remedy = "Annotate some clips (docs/annotations.md) and give them a class in clips.tsv."
        yield Finding(NOTE, what, (), remedy)
        return
    used = sorted(set(clips["label"]))
    if len(used) == 1:
        what = "All clips with a label belong to one class: there is nothing to tell it from."
        remedy = "Add clips of another class; clips in which nothing happens can be one."
        yield Finding(SERIOUS, what, ((names[used[0]], counted(len(clips), "clip")),), remedy)
    counts = {
        split: np.bincount(clips.loc[clips["split"] == split, "label"], minlength=len(names))
        for split in SPLITS
    }
    trained = counts["train"].sum() > 0
    if trained:
        yield from _per_class(material, counts)
    elif counts["val"].sum() + counts["test"].sum():
        what = "There is no training clip: nothing will be trained."
        yield Finding(SERIOUS, what, (), "Give some people's clips the split train.")
    for split, use in (("val", "no epoch can be chosen and no confidence be calibrated"),
                       ("test", "nothing can be scored")):  # fmt: skip
        if trained and not counts[split].sum():
            what = f"No labelled clip has the split {split}: {use}."
            remedy = f"Give the clips of some people who are in no other split the split {split}."
            yield Finding(WARNING, what, (), remedy)


def _per_class(material: Material, counts: dict[str, np.ndarray]) -> Iterator[Finding]:
    names, train = material.names, counts["train"]
    none = [k for k in range(len(names)) if not train[k]]
    if none:
        what = "Classes without a training clip cannot be recognised."
        remedy = "Take them out of labels.tsv, or give them clips in the split train."
        yield Finding(SERIOUS, what, tuple((names[k], "0 training clips") for k in none), remedy)
    few = [k for k in range(len(names)) if 0 < train[k] < material.limits.few_clips]
    if few:
        what = f"Classes with fewer than {material.limits.few_clips} training clips will hardly be \
learned."
        remedy = "Annotate more of them, or join classes that look alike."
        places = tuple((names[k], counted(int(train[k]), "training clip")) for k in few)
        yield Finding(WARNING, what, places, remedy)
    for split, use in (("val", "are never looked at when an epoch is chosen"),
                       ("test", "have no score")):  # fmt: skip
        missing = [k for k in range(len(names)) if train[k] and not counts[split][k]]
        if missing and counts[split].sum():
            what = f"Classes without a clip in the split {split} {use}."
            remedy = f"Move a person who shows them to {split}, or rotate over people \
(protocol: folds)."
            places = tuple((names[k], f"0 {split} clips") for k in missing)
            yield Finding(WARNING if split == "test" else NOTE, what, places, remedy)
    yield from _of_one_person(material)
    some = train[train > 0]
    if some.max() > _LOPSIDED * some.min():
        common, rare = int(train.argmax()), int(np.where(train > 0, train, train.max()).argmin())
        what = f"The commonest class has more than {_LOPSIDED} times the clips of the rarest."
        remedy = "Look at macro-F1 and mean-class accuracy, not at top-1 alone."
        places = tuple((names[k], counted(int(train[k]), "training clip")) for k in (common, rare))
        yield Finding(NOTE, what, places, remedy)


def _of_one_person(material: Material) -> Iterator[Finding]:
    clips = material.labelled
    clips = clips[(clips["split"] == "train") & (clips["subject"] != "")]
    if clips["subject"].nunique() < 2:
        return  # then everything is of one person, and that is said elsewhere
    people = clips.groupby("label")["subject"].agg(["nunique", "first", "size"])
    alone = people[(people["nunique"] == 1) & (people["size"] > 1)]
    if len(alone):
        what = "Classes that one person alone shows in training: the person is learned instead."
        remedy = "Annotate the class in other people's videos too."
        places = tuple(
            (material.names[label], f"all {row['size']} clips by {row['first']}")
            for label, row in alone.iterrows()
        )
        yield Finding(WARNING, what, places, remedy)
