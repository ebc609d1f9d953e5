"""What can be known from the configuration and the sheets is told before the first job, at once.

What needs a video, a network or a result is told by the job that has it.
"""

import logging
from collections.abc import Iterable
from dataclasses import replace

from microgesture.configuration.plan_files import (
    check_class_vectors,
    check_import_weights,
    check_initial_weights,
    check_pose_files,
    check_stores,
)
from microgesture.configuration.plan_networks import (
    check_augmentation,
    check_batch_sizes,
    check_compiled,
    check_last_batches,
    check_models,
    check_names,
    check_parents,
    check_pixels,
    check_snapshots,
    check_windows,
)
from microgesture.configuration.plan_pretraining import check_pretraining, warn_of_known_people
from microgesture.configuration.plan_votes import (
    check_pseudo_labels,
    check_submission,
    check_validation,
    check_voters,
    check_weights,
    warn_of_equal_votes,
    warn_of_mirror_images,
)
from microgesture.configuration.plans import Plan
from microgesture.configuration.runs import MAIN, Runs
from microgesture.tables.problems import Problem, raise_for
from microgesture.tables.sheets import Sheets

LOGGER = logging.getLogger(__name__)
CHECKS = (
    check_names,
    check_windows,
    check_models,
    check_parents,
    check_pixels,
    check_batch_sizes,
    check_last_batches,
    check_compiled,
    check_augmentation,
    check_snapshots,
    check_validation,
    check_voters,
    check_weights,
    check_pseudo_labels,
    check_submission,
    check_pose_files,
    check_initial_weights,
    check_import_weights,
    check_class_vectors,
    check_stores,
    check_pretraining,
)
WARNINGS = (warn_of_equal_votes, warn_of_mirror_images, warn_of_known_people)


def check_plan(
    runs: Runs, sheets: Sheets, names: Iterable[str] | None = None, processes: int = 1
) -> None:
    """Raise one BadInput that lists all that the runs `names` cannot do; log what is doubtful.

    names: None is the main run, or where `protocol: folds` asks for a rotation its first fold (the
    others are alike). The variants of an ablation are asked where they are planned, for opening
    their configurations takes time. processes: GPUs of one training job.
    """
    if names is None:
        names = runs.folds(sheets.clips)[:1] or [MAIN]
    problems: list[Problem] = []
    warnings: list[str] = []
    for name in names:
        split = replace(sheets, clips=runs.with_splits(name, sheets.clips))
        plan = Plan(runs.config(name), split, processes)
        problems += [found for check in CHECKS for found in check(plan)]
        warnings += [found for check in WARNINGS for found in check(plan)]
    raise_for(problems, "the plan")
    for warning in dict.fromkeys(warnings):
        LOGGER.warning("%s", warning)
