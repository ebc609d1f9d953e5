"""Training of the demo's small whole-body pose model: a plain loop around mmpose's network.

The coordinate loss is RTMPose's (Jiang et al. 2023; SimCC of Li et al. 2022): Kullback-Leibler
divergence of the two coordinate distributions from Gaussians. It says nothing about the height of
the responses, which mmpose takes for the score; so a second term brings the highest response to 1
where a point can be seen and to 0 where it cannot. A crop without a person then scores near 0.
"""

import copy
import logging
import math
import platform
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from tqdm import tqdm

from microgesture.pose.estimation import (
    Estimator,
    Preprocessing,
    build_network,
    estimate_points,
    read_config,
    read_preprocessing,
)
from microgesture.pose.layouts import get_layout
from microgesture.pose.scoring import score_frames
from microgesture.pose.tracking import TrackingSettings, body_joints, person_scores, point_boxes
from microgesture.pose.training_frames import (
    LAYOUT,
    Pictures,
    draw_crop,
    load_pictures,
    render_pictures,
)
from microgesture.provenance.files import written_whole

LOGGER = logging.getLogger(__name__)

_SHARPNESS = 10.0  # RTMPose's beta: factor before the softmax of targets and responses


@dataclass(frozen=True)
class PoseTrainingSettings:
    """Numbers of the training, all of them config values.

    pictures of people, empty_rooms, clutter: made for training; some more check the model. Clutter
    (neither people nor drawn rooms) teaches the model to see nobody in real rooms too; the shipped
    weights were made without. steps of batch_size crops; learning_rate: AdamW's highest, after
    `warm_up` steps, then a cosine to zero.
    average: decay of the running mean of the weights, which is what is kept. score_weight: of the
    response term. hand_weight: of a hand's point against one of the face; the body's weigh double.
    """

    pictures: int = 8000
    empty_rooms: int = 400
    clutter: int = 0
    steps: int = 1200
    batch_size: int = 64
    learning_rate: float = 2e-3
    weight_decay: float = 0.05
    warm_up: int = 100
    average: float = 0.995
    score_weight: float = 1.0
    hand_weight: float = 2.0
    seed: int = 11


def coordinate_loss(
    responses: torch.Tensor, places: torch.Tensor, weights: torch.Tensor, sigma: float
) -> torch.Tensor:
    """Kullback-Leibler divergence from a Gaussian, mean over points by their weights.

    responses: (N, J, B) over the B bins of one axis; places: (N, J) true places in bins; weights:
    (N, J), 0 for points that cannot be seen.
    """
    bins = torch.arange(responses.shape[-1], device=responses.device)
    target = torch.exp(-((bins - places[..., None]) ** 2) / (2 * sigma**2))
    target = (target * _SHARPNESS).softmax(-1)
    found = (responses.float() * _SHARPNESS).log_softmax(-1)
    divergence = (target * (target.log() - found)).sum(-1)
    return (divergence * weights).sum() / weights.sum().clamp(min=1)


def response_loss(
    responses: torch.Tensor, visible: torch.Tensor, weights: torch.Tensor
) -> torch.Tensor:
    """Squared distance of the highest response (N, J, B) from `visible` (N, J), 1 or 0."""
    error = (responses.float().amax(-1) - visible) ** 2
    return (error * weights).mean()


def joint_weights(hand_weight: float) -> torch.Tensor:
    """Weight of every joint (133,), mean 1: body 4, hands 2 x `hand_weight`, face and feet 2."""
    layout = get_layout(LAYOUT)
    weights = torch.full((layout.num_joints,), 2.0)
    weights[list(body_joints(layout))[:17]] = 4.0
    weights[list(layout.parts["left_hand"] + layout.parts["right_hand"])] = 2.0 * hand_weight
    return weights / weights.mean()


def draw_batch(
    pictures: Pictures, size: int, preprocessing: Preprocessing, seed: tuple[int, ...]
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random crops: images float32 (N, 3, h, w), normalised; points (N, 133, 3) in crop pixels."""
    rng = np.random.default_rng(seed)
    flip_order = get_layout(LAYOUT).flip_order
    crops, points = [], []
    for number in rng.integers(len(pictures), size=size):
        crop, placed = draw_crop(
            pictures.read(number),
            pictures.points[number],
            preprocessing.input_size,
            preprocessing.padding,
            flip_order,
            rng,
        )
        crops.append(crop)
        points.append(placed)
    images = (np.stack(crops) - preprocessing.mean) / preprocessing.std
    images = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
    return images.contiguous(memory_format=torch.channels_last), torch.from_numpy(np.stack(points))


def check_model(estimator: Estimator, pictures: Pictures) -> dict[str, float]:
    """PCK at 0.2 torso lengths of body, face and hands, and the person scores with and without one.

    Every picture is estimated in the box of its true points, as tracking would give it.
    """
    boxes = point_boxes(pictures.points, 320, 240, TrackingSettings())
    points = np.concatenate(
        [
            estimate_points(
                estimator,
                np.stack([pictures.read(n) for n in range(start, min(start + 32, len(pictures)))]),
                boxes[start : start + 32],
            )
            for start in range(0, len(pictures), 32)
        ]
    )
    people = pictures.points[..., 2].any(1)
    sums = score_frames(points[people], pictures.points[people])
    figures = {part: numbers["correct"] / numbers["points"] for part, numbers in sums.items()}
    scores = person_scores(points, body_joints(get_layout(LAYOUT)))
    figures["lowest_with_person"] = float(np.quantile(scores[people], 0.02))
    figures["highest_without"] = float(np.quantile(scores[~people], 0.98))
    return figures


def learning_rate(step: int, settings: PoseTrainingSettings) -> float:
    """Linear warm-up, then half a cosine down to a hundredth."""
    if step < settings.warm_up:
        return settings.learning_rate * (step + 1) / settings.warm_up
    share = (step - settings.warm_up) / max(1, settings.steps - settings.warm_up)
    return settings.learning_rate * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)


def average_weights(mean: torch.nn.Module, network: torch.nn.Module, decay: float) -> None:
    """Move `mean`'s weights and statistics towards those of `network`, in place."""
    with torch.no_grad():
        for kept, new in zip(mean.state_dict().values(), network.state_dict().values()):
            if kept.dtype.is_floating_point:
                kept.lerp_(new, 1 - decay)
            else:
                kept.copy_(new)


def train_pose_model(
    config: str | Path,
    checkpoint: str | Path,
    settings: PoseTrainingSettings,
    state: str | Path,
    device: str = "cpu",
    command: str = "",
) -> dict[str, float]:
    """Train the network of an mmpose config on rendered people and write its weights.

    state: a folder for the rendered pictures and for what is needed to go on after an interruption
    (the training goes on from there if it exists). The checkpoint holds `state_dict` (half
    precision) and `meta`: plain types only. Returns the figures of `check_model`.
    """
    state = Path(state)
    people, others = state / "pictures.npz", state / "check.npz"
    if not people.exists():
        render_pictures(
            people, settings.pictures, settings.empty_rooms, settings.clutter, settings.seed
        )
    if not others.exists():
        count, empty = max(12, settings.pictures // 20), max(4, settings.empty_rooms // 10)
        render_pictures(others, count, empty, settings.clutter // 10, settings.seed + 1)
    pictures, unseen = load_pictures(people), load_pictures(others)
    torch.manual_seed(settings.seed)
    configuration = read_config(config)
    preprocessing = read_preprocessing(configuration)
    codec = configuration.codec
    network = build_network(configuration)
    network.init_weights()
    network.to(device, memory_format=torch.channels_last)
    mean = copy.deepcopy(network).eval()
    estimator = Estimator(mean, preprocessing, LAYOUT, torch.device(device))
    decayed = [weight for weight in network.parameters() if weight.ndim > 1]
    free = [weight for weight in network.parameters() if weight.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed}, {"params": free, "weight_decay": 0.0}],
        weight_decay=settings.weight_decay,
    )
    first = 0
    if (state / "training.pth").exists():
        saved = torch.load(state / "training.pth", map_location=device, weights_only=True)
        network.load_state_dict(saved["network"])
        mean.load_state_dict(saved["mean"])
        optimizer.load_state_dict(saved["optimizer"])
        first = saved["step"]
    weights = joint_weights(settings.hand_weight).to(device)
    began = time.perf_counter()
    for step in tqdm(range(first, settings.steps), initial=first, total=settings.steps):
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, settings)
        images, points = draw_batch(
            pictures, settings.batch_size, preprocessing, (settings.seed, 5, step)
        )
        images, points = images.to(device), points.to(device)
        network.train()
        with torch.autocast(torch.device(device).type, torch.bfloat16):
            responses = network.head(network.backbone(images))
        visible = points[..., 2]
        loss = torch.zeros((), device=device)
        for axis in (0, 1):
            places = points[..., axis] * codec.simcc_split_ratio
            loss = loss + coordinate_loss(
                responses[axis], places, visible * weights, codec.sigma[axis]
            )
            loss = loss + settings.score_weight * response_loss(responses[axis], visible, weights)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 5.0)
        optimizer.step()
        average_weights(mean, network, min(settings.average, (1 + step) / (10 + step)))
        if (step + 1) % 200 == 0 or step + 1 == settings.steps:
            figures = check_model(estimator, unseen)
            text = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
            tqdm.write(f"step {step + 1}: loss {loss.item():.3f}; {text}")
            LOGGER.info("step %d: loss %.3f; %s", step + 1, loss.item(), text)
            with written_whole(state / "training.pth") as temporary:
                torch.save(
                    {
                        "network": network.state_dict(),
                        "mean": mean.state_dict(),
                        "optimizer": optimizer.state_dict(),
                        "step": step + 1,
                    },
                    temporary,
                )
    figures = check_model(estimator, unseen)
    meta = {
        "command": command,
        "settings": asdict(settings),
        "unseen": figures,
        "minutes": round((time.perf_counter() - began) / 60, 1),
        "layout": LAYOUT,
        "torch": torch.__version__.split("+")[0],
        "python": platform.python_version(),
    }
    kept = {
        name: (value.half() if value.dtype.is_floating_point else value).cpu().contiguous()
        for name, value in mean.state_dict().items()
    }
    with written_whole(checkpoint) as temporary:
        torch.save({"state_dict": kept, "meta": meta}, temporary)
    return figures
