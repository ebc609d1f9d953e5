"""Rounds, validation and the vote: what they need is there."""

import re
from collections.abc import Iterator

from microgesture.configuration.plans import Plan, problem
from microgesture.tables.problems import Problem, nearest

SIDES = {"left": "right", "right": "left", "leftwards": "rightwards", "rightwards": "leftwards"}
MA52_CLASSES = 52
OVER_PEOPLE = ("cross_fitted", "stacking")


def check_validation(plan: Plan) -> Iterator[Problem]:
    """What is fitted or chosen on validation clips needs some."""
    if not plan.learns or plan.has("val"):
        return
    clips, fit = plan.config["clips"], plan.config["fit_temperatures"]
    wrong = f"needs validation clips and {clips} has none (split val)"
    give = "hold people out of training: give their clips the split val"
    if fit["calibrate"]:
        yield problem("fit_temperatures: calibrate", True, wrong, f"{give}; or write false")
    if fit["weights"] in ("search", *OVER_PEOPLE):
        place = "fit_temperatures: weights"
        yield problem(place, fit["weights"], wrong, f"{give}; or write equal")
    for place, settings in plan.trained().items():
        if settings["checkpoint"] == "best":
            yield problem(f"{place}: checkpoint", "best", wrong, f"{give}; or write last")


def check_voters(plan: Plan) -> Iterator[Problem]:
    """Cross-fitting leaves every validation person out in turn: one alone cannot be."""
    weights, clips = plan.config["fit_temperatures"]["weights"], plan.sheets.clips
    known = clips[(clips["split"] == "val") & (clips["label"] >= 0)]
    people = known["subject"].where(known["subject"] != "", known["video"]).nunique()
    if plan.learns and weights in OVER_PEOPLE and people == 1:
        wrong = "needs labelled validation clips of two people or more, and they are of one"
        hint = "hold more people out of training (split val), or write search or equal"
        yield problem("fit_temperatures: weights", weights, wrong, hint)


def check_weights(plan: Plan) -> Iterator[Problem]:
    """Weights of the vote by name: of members, and not all zero."""
    weights = plan.config["fit_temperatures"]["weights"]
    if not plan.learns or not isinstance(weights, dict):
        return
    place, members = "fit_temperatures: weights", plan.members
    for name in weights:
        if name not in members:
            similar = nearest(name, members)
            hint = f"members: {', '.join(members)}"
            if similar:
                hint = f"did you mean {similar!r}? {hint}"
            yield problem(place, name, "is no member of the ensemble", hint)
    if not any(weights.get(name, 0) > 0 for name in members):
        yield problem(place, None, "no member has a weight above 0", "give one to a member")


def check_pseudo_labels(plan: Plan) -> Iterator[Problem]:
    """Rounds of pseudo-labels need a teacher and somebody to label."""
    rounds = plan.config["rounds"]
    if not plan.learns or rounds == 0:
        return
    modalities = list(plan.config["modalities"])
    if len(modalities) == 1:
        wrong = f"needs a second modality as a teacher, and {modalities[0]} is the only one"
        yield problem("rounds", rounds, wrong, "add a modality, or write rounds: 0")
    if not plan.has("test", "unlabelled"):
        wrong = "needs clips of the split test or unlabelled to label, and there is none"
        yield problem("rounds", rounds, wrong, "add such clips, or write rounds: 0")
    test = plan.sheets.clips[plan.sheets.clips["split"] == "test"]
    people = test["subject"].where(test["subject"] != "", test["video"]).nunique()
    if plan.config["select_pseudo_labels"]["mode"] == "inductive" and people < 2:
        wrong = f"needs two test subjects or more, and there is {people}"
        hint = "write transductive, or bring more test subjects"
        yield problem("select_pseudo_labels: mode", "inductive", wrong, hint)


def check_submission(plan: Plan) -> Iterator[Problem]:
    """A challenge's form fits the classes."""
    form, classes = plan.config["combine_scores"]["submission"], len(plan.sheets.labels)
    if plan.learns and form == "ma52" and classes != MA52_CLASSES:
        wrong = f"has {MA52_CLASSES} classes, the labels sheet has {classes}"
        yield problem("combine_scores: submission", form, wrong, "write none")


def warn_of_equal_votes(plan: Plan) -> Iterator[str]:
    """Without validation clips nobody knows which member is weak."""
    members = plan.members
    if not plan.learns or plan.has("val") or len(members) < 2:
        return
    if plan.config["fit_temperatures"]["weights"] == "equal":
        yield (
            f"no validation clips: {', '.join(members)} vote with equal weights, and a weak one "
            f"pulls the others down; hold people out (split val) with fit_temperatures: weights: "
            f"search, or give weights by name"
        )


def warn_of_mirror_images(plan: Plan) -> Iterator[str]:
    """A mirror image of `swipe left` is a `swipe right`."""
    names = {name.casefold(): name for name in plan.sheets.labels["name"]}
    pairs = [
        (name, names[other])
        for folded, name in names.items()
        if (other := mirrored(folded)) in names and folded < other
    ]
    mirroring = [place for place, settings in plan.trained().items() if _mirrors(settings)]
    if pairs and mirroring:
        one, other = pairs[0]
        yield (
            f"{', '.join(mirroring)} learn from mirror images, which make {one!r} of {other!r}; "
            f"write mirror_images: false"
        )


def mirrored(name: str) -> str:
    """The name with left and right exchanged."""
    return re.sub(r"[a-z]+", lambda word: SIDES.get(word[0], word[0]), name)


def _mirrors(settings: dict) -> bool:
    return settings["augmentation"]["flip"] > 0 or settings["test_flip"]
