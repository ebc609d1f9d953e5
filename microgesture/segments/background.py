"""From recognisers that know K gestures to probabilities of K gestures and of none.

A recogniser trained on cut clips must always name a gesture. What it says about a window of idle
movement is no probability at all, but it differs from what it says about a gesture: flatter, or
sure of the one class that rest resembles. A multinomial logistic regression over the members'
calibrated log-probabilities and features learns that difference from windows of completely
annotated training videos, one for every length of window. Its confidences are calibrated on
validation windows.
"""

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from scipy.special import log_softmax, softmax

from microgesture.datasets.balancing import class_weights
from microgesture.ensembles.temperature import fit_temperature
from microgesture.provenance.errors import BadInput

AT_ONCE = 2048  # windows, so that an hour of them fits into memory
STRENGTHS = (0.003, 0.03, 0.3)
ABSENT = -30.0  # logit of a class that no training window shows


@dataclass(frozen=True)
class BackgroundHead:
    """K + 1 probabilities of a window, background last.

    temperatures (M,), one per member; mean, scale (F,) of the inputs; weights (F, K + 1), bias
    (K + 1,); temperature: of the result, (). All float64. Inputs are, member after member,
    log softmax(logits / temperature) (K) and then, where there are any, the features.
    """

    temperatures: np.ndarray
    mean: np.ndarray
    scale: np.ndarray
    weights: np.ndarray
    bias: np.ndarray
    temperature: np.ndarray

    @property
    def num_classes(self) -> int:
        """K, background left out."""
        return len(self.bias) - 1

    def logits(self, logits: np.ndarray, features: np.ndarray | None = None) -> np.ndarray:
        """Members' logits (M, N, K), features (N, F) or None -> float64 (N, K + 1)."""
        inputs = window_inputs(logits, features, self.temperatures)
        if inputs.shape[1] != len(self.mean):
            raise BadInput(
                f"the background head was fitted on {len(self.mean)} numbers a window, these "
                f"windows have {inputs.shape[1]}; predict with the members it was fitted with"
            )
        return (inputs - self.mean) / self.scale @ self.weights + self.bias

    def probabilities(self, logits: np.ndarray, features: np.ndarray | None = None) -> np.ndarray:
        """As `logits`, calibrated: float64 (N, K + 1), rows add up to 1."""
        return softmax(self.logits(logits, features) / self.temperature, axis=1)

    def as_arrays(self, prefix: str = "") -> dict[str, np.ndarray]:
        """Plain arrays by name, for a file without code in it (.npz, safetensors)."""
        return {
            prefix + field.name: np.asarray(getattr(self, field.name)) for field in fields(self)
        }

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], prefix: str = "") -> "BackgroundHead":
        """The head of `as_arrays`. Raises BadInput that names what is missing."""
        names = [field.name for field in fields(cls)]
        missing = [prefix + name for name in names if prefix + name not in arrays]
        if missing:
            raise BadInput(f"background head: {', '.join(missing)} is missing; fit it again")
        return cls(**{name: np.asarray(arrays[prefix + name], np.float64) for name in names})


def window_inputs(
    logits: np.ndarray, features: np.ndarray | None, temperatures: np.ndarray
) -> np.ndarray:
    """What a head reads: float64 (N, M K (+ F))."""
    logits = np.asarray(logits, np.float64)
    parts = list(log_softmax(logits / np.asarray(temperatures)[:, None, None], axis=2))
    if features is not None:
        parts.append(np.asarray(features, np.float64))
    return np.concatenate(parts, axis=1)


def fit_background_head(
    logits: np.ndarray,
    features: np.ndarray | None,
    labels: np.ndarray,
    *,
    temperatures: np.ndarray,
    training: np.ndarray,
    validation: np.ndarray,
    weighting: str = "sqrt",
    strengths: tuple[float, ...] = STRENGTHS,
    seed: int = 0,
) -> BackgroundHead:
    """Fit a head on the training windows, choose its strength and calibrate it on validation.

    logits (M, N, K); features (N, F) or None; labels int (N,) 0..K, K = background, -1 = unknown;
    temperatures (M,): of the members, fitted on validation clips; training, validation: window
    numbers; weighting: class weights as `datasets.balancing.class_weights` names them;
    strengths: inverse strength of the quadratic penalty to choose from by validation loss; without
    a labelled validation window the first one, the strictest, is taken and nothing is calibrated.
    Raises BadInput without a background window or without a gesture among the training windows.
    """
    from sklearn.linear_model import LogisticRegression  # two seconds that others need not wait

    labels, num_classes = np.asarray(labels), np.asarray(logits).shape[2]
    training = np.asarray(training)[labels[training] >= 0]
    validation = np.asarray(validation)[labels[validation] >= 0]
    counts = np.bincount(labels[training], minlength=num_classes + 1)
    if not counts[num_classes]:
        raise BadInput(
            "no training window shows background: it is learned from the stretches between clips "
            "of videos in which everything that happens has a clip; write yes into the column "
            "'annotated' of the videos sheet for those that are"
        )
    if not counts[:num_classes].any():
        raise BadInput(
            "no training window shows a gesture; give the training videos labelled clips"
        )
    inputs = window_inputs(logits, features, temperatures)
    mean, scale = inputs[training].mean(axis=0), inputs[training].std(axis=0)
    scale[scale < 1e-9] = 1.0
    weights = class_weights(counts, weighting)
    best, lowest = None, np.inf
    for strength in strengths if len(validation) else strengths[:1]:
        model = LogisticRegression(C=strength, max_iter=300, tol=1e-3, random_state=seed)
        model.fit(
            (inputs[training] - mean) / scale,
            labels[training],
            sample_weight=weights[labels[training]],
        )
        head = _head(model, temperatures, mean, scale, num_classes)
        if not len(validation):
            return head
        rows = None if features is None else features[validation]
        found = head.logits(np.asarray(logits)[:, validation], rows)
        fitted = fit_temperature(found, labels[validation], "the background head")
        if fitted.nll_after < lowest:
            lowest = fitted.nll_after
            best = BackgroundHead(
                **{**vars(head), "temperature": np.array(fitted.value, np.float64)}
            )
    return best


def fit_heads(
    windows: pd.DataFrame, logits: np.ndarray, features: np.ndarray | None, labels, **options
) -> dict[int, BackgroundHead]:
    """A head for every length of window, by length; arguments as `fit_background_head`, with
    `training` and `validation` bool (N,)."""
    training, validation = options.pop("training"), options.pop("validation")
    return {
        int(length): fit_background_head(
            logits,
            features,
            labels,
            training=np.flatnonzero(training & (windows["length"] == length)),
            validation=np.flatnonzero(validation & (windows["length"] == length)),
            **options,
        )
        for length in sorted(windows["length"].unique())
    }


def window_probabilities(
    heads: dict[int, BackgroundHead],
    windows: pd.DataFrame,
    logits: np.ndarray,
    features: np.ndarray | None,
) -> np.ndarray:
    """float64 (N, K + 1): every window's, by the head of its length. BadInput for a length that no
    head was fitted for."""
    unknown = set(windows["length"]) - set(heads)
    if unknown:
        raise BadInput(
            f"windows of {min(unknown)} frames, but heads only for {sorted(heads)}; predict with "
            f"the lengths of the training"
        )
    out = np.zeros((len(windows), np.asarray(logits).shape[2] + 1))
    for length, head in heads.items():
        places = np.flatnonzero(windows["length"] == length)
        for at in range(0, len(places), AT_ONCE):
            rows = places[at : at + AT_ONCE]
            own = None if features is None else features[rows]
            out[rows] = head.probabilities(np.asarray(logits)[:, rows], own)
    return out


def _head(model, temperatures, mean, scale, num_classes) -> BackgroundHead:
    """The fitted model with a column for every class, seen or not."""
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients = np.concatenate([-coefficients / 2, coefficients / 2])
        intercepts = np.concatenate([-intercepts / 2, intercepts / 2])
    weights = np.zeros((len(mean), num_classes + 1))
    bias = np.full(num_classes + 1, ABSENT)
    weights[:, model.classes_], bias[model.classes_] = coefficients.T, intercepts
    return BackgroundHead(
        temperatures=np.asarray(temperatures, np.float64),
        mean=mean,
        scale=scale,
        weights=weights,
        bias=bias,
        temperature=np.array(1.0),
    )
