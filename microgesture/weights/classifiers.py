"""The classifier of a published checkpoint: which of its classes are ours, known by their names."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from microgesture.provenance.errors import BadInput


def read_source_labels(given: Sequence[str] | str | None) -> list[str] | None:
    """The class names of a file, in the order of its classifier.

    given: the names; or the path of a text file with one name a line (as OpenMMLab publishes them);
    or None. Raises BadInput for a file that cannot be read and for names that come twice.
    """
    if given is None:
        return None
    origin = "source_labels"
    if isinstance(given, str):
        origin = f"source_labels: {given}"
        try:
            lines = Path(given).read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise BadInput(
                f"{origin}: cannot be read ({error}); write a text file (UTF-8) with one class "
                "name a line, in the order of the file's classes, or the list itself"
            ) from error
        given = [line for line in lines if line.strip()]
    names = [str(name).strip() for name in given]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput(f"{origin}: {twice[0]!r} comes twice; every class needs a name of its own")
    return names


def fit_classifiers(
    state: dict[str, Tensor],
    own: Mapping[str, Tensor],
    origin: str,
    *,
    heads: Sequence[str],
    labels: Sequence[str],
    source_labels: Sequence[str] | None,
) -> list[str]:
    """Put classifiers for `labels` into `state` (our names), in place; returns what was changed.

    own: the network's state, whose rows a class gets that the file does not have. heads: the
    classifiers' names. source_labels: the file's classes in their order; None: not known, so that
    no row is taken, even where the numbers are equal. Raises BadInput when the file's classifier
    has another number of classes than `source_labels`.
    """
    changes = []
    for head in heads:
        weight = state.get(f"{head}.weight")
        names = [name for name in own if name.startswith(f"{head}.")]
        if weight is None or source_labels is None:
            why = (
                "the file holds none"
                if weight is None
                else f"the names of the file's {len(weight)} are not known, write source_labels "
                "to keep those that are the same"
            )
            state.update({name: own[name] for name in names})
            changes.append(f"{head}: new, {len(labels)} classes ({why})")
            continue
        if len(weight) != len(source_labels):
            raise BadInput(
                f"{origin}: its classifier has {len(weight)} classes, source_labels names "
                f"{len(source_labels)}; write all of the file's classes in their order"
            )
        if list(labels) == list(source_labels):
            continue
        rows = [source_labels.index(name) if name in source_labels else -1 for name in labels]
        fresh = [label for label, row in zip(labels, rows) if row < 0]
        fits = all(name in state and state[name].shape[1:] == own[name].shape[1:] for name in names)
        for name in names if fits else ():  # another width is told by loading
            state[name] = torch.stack(
                [own[name][new] if row < 0 else state[name][row] for new, row in enumerate(rows)]
            )
        more = f", new: {', '.join(fresh[:4])}{' ...' if len(fresh) > 4 else ''}" if fresh else ""
        changes.append(
            f"{head}: {len(labels) - len(fresh)} of {len(labels)} classes taken by name{more}"
        )
    return changes
