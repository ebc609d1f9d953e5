"""Which clips a person is shown: per class the one the ensemble is surest of."""

import re

import numpy as np
import pandas as pd


def surest_clips(clips: pd.DataFrame, probabilities: pd.DataFrame) -> pd.DataFrame:
    """One clip per class, of the clips that nobody trained on.

    clips: index (clip, video, start, end, label, split, ...); probabilities: clip, probability_k.
    Test and unlabelled clips; where there are none, validation clips. Of equal confidences the
    first id. A class that is never predicted is stood for by a validation clip of that label, the
    one that the ensemble gives it most: a miss is worth seeing too. Returns the rows of `clips`
    plus predicted (int), confidence and stands_for (int, the class), ordered by class; a class
    with neither has no row.
    """
    columns = [name for name in probabilities.columns if name.startswith("probability_")]
    values = probabilities[[f"probability_{k}" for k in range(len(columns))]].to_numpy()
    guessed = pd.DataFrame(
        {
            "clip": probabilities["clip"],
            "predicted": values.argmax(axis=1),
            "confidence": values.max(axis=1, initial=0.0),
        }
    )
    known = clips.merge(guessed, on="clip")
    unseen = known[known["split"].isin(["test", "unlabelled"])]
    validation = known[known["split"] == "val"]
    shown = unseen if len(unseen) else validation
    ranked = shown.sort_values(["predicted", "confidence", "clip"], ascending=[True, False, True])
    chosen = [ranked.drop_duplicates("predicted").assign(stands_for=lambda row: row["predicted"])]
    for label in sorted(set(range(len(columns))) - set(chosen[0]["predicted"])):
        missed = validation[validation["label"] == label].merge(
            probabilities[["clip", f"probability_{label}"]], on="clip"
        )
        missed = missed.sort_values([f"probability_{label}", "clip"], ascending=[False, True])
        chosen.append(missed[known.columns].head(1).assign(stands_for=label))
    table = pd.concat([part for part in chosen if len(part)] or chosen[:1])
    return table.sort_values("stands_for").reset_index(drop=True)


def liveliest_clips(clips: pd.DataFrame, saliency: pd.DataFrame) -> pd.DataFrame:
    """One clip per video, the one with the most motion: for data without a recogniser.

    saliency: clip, motion (energies per frame). Returns the rows of `clips`, ordered by video.
    """
    energy = saliency.assign(energy=[float(np.sum(values)) for values in saliency["motion"]])
    known = clips.merge(energy[["clip", "energy"]], on="clip")
    ranked = known.sort_values(["video", "energy", "clip"], ascending=[True, False, True])
    return ranked.drop_duplicates("video").drop(columns="energy").reset_index(drop=True)


def file_stem(text: str) -> str:
    """A name as part of a file name: small letters, digits and '-'."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-") or "clip"
