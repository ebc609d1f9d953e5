"""Cross-modal pseudo-labels: what the other modalities agree on, a student learns from.

A target clip is taken iff all teachers name the same class, the mean of their calibrated
probabilities reaches that class's curriculum threshold, and the class is not full yet. Of a class
with more clips than its cap the most certain ones stay. True labels play no part.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from microgesture.pseudo.thresholds import confident_counts, curriculum_thresholds


@dataclass(frozen=True)
class Selection:
    """The pseudo-labels of one round and how they came about.

    table: clip (str), label (int64), confidence (float64, mean probability), teachers (str, names
    joined by "+"), ordered by clip id; the same columns when nothing was found.
    report: plain numbers for a json file.
    """

    table: pd.DataFrame
    report: dict


def select_pseudo_labels(
    clips: np.ndarray,
    probabilities: np.ndarray,
    teachers: list[str],
    threshold: float = 0.9,
    cap_per_class: int | None = None,
    floor: float = 0.0,
) -> Selection:
    """Choose clips and labels for one student.

    clips (N,) ids of the target clips; probabilities (M, N, K) calibrated, one block per teacher;
    teachers: their M names; threshold: tau in (0, 1]; cap_per_class: None = no cap.
    """
    probabilities = np.asarray(probabilities, dtype=np.float64)
    clips = np.asarray(clips, dtype=object)
    mean = probabilities.mean(axis=0)
    votes = probabilities.argmax(axis=2)  # (M, N)
    labels = mean.argmax(axis=1)
    confidence = mean.max(axis=1, initial=0.0)
    thresholds = curriculum_thresholds(mean, threshold, floor)
    agreed = (votes == votes[:1]).all(axis=0)
    taken = agreed & (confidence >= thresholds[labels])
    kept = _capped(taken, labels, confidence, clips, cap_per_class)

    table = pd.DataFrame(
        {
            "clip": clips[kept],
            "label": labels[kept].astype(np.int64),
            "confidence": confidence[kept],
            "teachers": "+".join(teachers),
        }
    ).astype({"clip": "str", "teachers": "str"})
    table = table.sort_values("clip", ignore_index=True)
    num_classes = probabilities.shape[2]
    report = {
        "teachers": list(teachers),
        "target_clips": len(clips),
        "selected": len(table),
        "share_selected": _share(len(table), len(clips)),
        "teachers_agree": _share(int(agreed.sum()), len(clips)),
        "agreement_by_pair": _agreement_by_pair(votes, teachers),
        "mean_confidence": float(confidence[kept].mean()) if len(table) else None,
        "threshold": float(threshold),
        "cap_per_class": cap_per_class,
        "classes": [
            {
                "label": label,
                "threshold": float(thresholds[label]),
                "confident": int(confident),
                "agreed": int((agreed & (labels == label)).sum()),
                "over_threshold": int((taken & (labels == label)).sum()),
                "selected": int((table["label"] == label).sum()),
            }
            for label, confident in zip(range(num_classes), confident_counts(mean, threshold))
        ],
        "message": _message(len(table), len(clips), int(agreed.sum()), threshold),
    }
    return Selection(table, report)


def no_pseudo_labels() -> pd.DataFrame:
    """The table of a round that found nothing: the right columns and types, no row."""
    columns = {"clip": "str", "label": "int64", "confidence": "float64", "teachers": "str"}
    return pd.DataFrame({name: pd.Series(dtype=kind) for name, kind in columns.items()})


def _capped(
    taken: np.ndarray,
    labels: np.ndarray,
    confidence: np.ndarray,
    clips: np.ndarray,
    cap: int | None,
) -> np.ndarray:
    """Row numbers that stay: per class the most confident, of equals the first id."""
    rows = np.flatnonzero(taken)
    if cap is None:
        return rows
    order = sorted(rows, key=lambda row: (-confidence[row], str(clips[row])))
    seen: dict[int, int] = {}
    kept = []
    for row in order:
        label = int(labels[row])
        seen[label] = seen.get(label, 0) + 1
        if seen[label] <= cap:
            kept.append(row)
    return np.array(kept, dtype=int)


def _agreement_by_pair(votes: np.ndarray, teachers: list[str]) -> dict[str, float | None]:
    return {
        f"{teachers[first]}+{teachers[second]}": _share(
            int((votes[first] == votes[second]).sum()), votes.shape[1]
        )
        for first in range(len(teachers))
        for second in range(first + 1, len(teachers))
    }


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def _message(selected: int, clips: int, agreed: int, threshold: float) -> str:
    if selected:
        return f"{selected} of {clips} target clips got a pseudo-label"
    if not clips:
        return "no target clip: nothing to pseudo-label; the round trains on the labelled clips"
    return (
        f"no pseudo-label: the teachers agree on {agreed} of {clips} target clips, none of them "
        f"certain enough (threshold {threshold}); the round trains on the labelled clips"
    )
