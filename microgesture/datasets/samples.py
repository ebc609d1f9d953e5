"""Samples of clips and batches of samples: raw, compact, the same for any number of workers.

A sample is asked for by a key that says everything its random numbers depend on, so a run that is
taken up again, a second run and any number of loader processes draw the same samples.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from microgesture.datasets.clips import Clips
from microgesture.datasets.more_numbers import draw_more
from microgesture.datasets.timing import (
    between_frames,
    nearest_frames,
    short_positions,
    stretched_places,
)
from microgesture.videos.sampling import sample_testing, sample_training

RANDOM_NUMBERS = 16  # uniform numbers in [0, 1) that augmentation may use for a sample


class Key(NamedTuple):
    """clip: number in `Clips`; epoch and draw seed its random numbers."""

    clip: int
    epoch: int = 0
    draw: int = 0


class ClipSamples(Dataset):
    """Samples of `clips`, by `Key`.

    A sample is a dictionary: "skeleton" float32 (M, T, V, D + 1) and / or "rgb" uint8
    (T', S, S, 3), "label" int64, "weight" float32, "clip" int64 (its number), and in training
    "random" float32 (RANDOM_NUMBERS,), "random_joints" float32 (V,) and, when noise is asked for,
    "noise" float32 (M, T, V, D), standard normal. With both, the T' pictures are taken at T' of the
    T skeleton frames, one from each equal part, so that the two stay together in time. With
    `skip_empty` only frames in which somebody is seen are sampled (all, where nobody ever is).
    `more` adds what `draw_more` draws for a training sample.
    """

    def __init__(
        self,
        clips: Clips,
        *,
        frames: int = 0,
        rgb_frames: int = 0,
        training: bool = False,
        seed: int = 0,
        sampling: str = "uniform",
        noise: bool = False,
        skip_empty: bool = False,
        short_clips: str = "loop",
        more: dict | None = None,
        view: int = 0,
        views: int = 1,
    ):
        """frames, rgb_frames: T and T', 0 = none of it. Without `training`, view `view` of
        `views` is taken at fixed places. more: the group `augmentation` of the settings."""
        self.clips, self.frames, self.rgb_frames = clips, frames, rgb_frames
        self.training, self.seed, self.sampling = training, seed, sampling
        self.noise, self.skip_empty = noise, skip_empty
        self.short_clips, self.more = short_clips, more
        self.view, self.views = view, views

    def __getitem__(self, key: Key) -> dict[str, np.ndarray]:
        clips, number = self.clips, key.clip
        generator = None
        if self.training:
            generator = np.random.default_rng([self.seed, key.epoch, key.draw, number])
        sample = {
            "label": clips.labels[number],
            "weight": clips.weights[number],
            "clip": np.int64(number),
        }
        places = np.arange(int(clips.lengths[number]))
        if self.skip_empty and self.frames:
            places = clips.frames_with_person(number)
        if generator is not None and self.more and self.more["time_stretch"]:
            places = stretched_places(places, self.more["time_stretch"], generator)
        motion = clips.energies[number][places] if self.sampling == "motion" else None
        count, positions = self.frames or self.rgb_frames, None
        if self.short_clips != "loop" and len(places) < count and motion is None:
            positions = short_positions(len(places), count, generator, self.view, self.views)
            chosen = places[nearest_frames(positions)]
        else:
            chosen = places[self._choose(len(places), count, motion, generator)]
        if self.frames:
            sample["skeleton"] = clips.points[number][:, chosen]
            if positions is not None and self.short_clips == "interpolate":
                sample["skeleton"] = between_frames(clips.points[number][:, places], positions)
        if self.rgb_frames:
            if self.frames:
                chosen = chosen[self._choose(self.frames, self.rgb_frames, None, generator)]
            sample["rgb"] = clips.rgb.read(number, chosen)
        if generator is not None:
            sample["random"] = generator.random(RANDOM_NUMBERS, np.float32)
            if self.frames:
                shape = sample["skeleton"].shape
                sample["random_joints"] = generator.random(shape[2], np.float32)
                if self.noise:
                    sample["noise"] = generator.standard_normal(
                        (*shape[:3], shape[3] - 1), np.float32
                    )
            if self.more:
                joints = sample["skeleton"].shape[2] if self.frames else 0
                sample |= draw_more(generator, self.more, joints)
        return sample

    def _choose(self, length, count, motion, generator) -> np.ndarray:
        if generator is None:
            return sample_testing(length, count, self.views)[self.view]
        return sample_training(length, count, generator, motion)


class EpochBatches:
    """The keys of an epoch in batches, for the loader; `epoch` is set before each pass.

    Every process takes its share of every batch: the batch size is the whole one. The last batch
    may be smaller.
    """

    def __init__(
        self,
        chosen: np.ndarray,
        batch_size: int,
        *,
        repeats: int = 1,
        seed: int = 0,
        shuffle: bool = True,
        draw_weights: np.ndarray | None = None,
        process: int = 0,
        processes: int = 1,
    ):
        """chosen: clip numbers; draw_weights: float (len(chosen),), with them an epoch is drawn
        with replacement in proportion to them."""
        self.chosen, self.batch_size, self.repeats = np.asarray(chosen), batch_size, repeats
        self.seed, self.shuffle, self.draw_weights = seed, shuffle, draw_weights
        self.process, self.processes, self.epoch = process, processes, 0
        self.first = 0  # batches of the epoch that are left out: an interrupted one goes on there

    def __len__(self) -> int:
        return -(-len(self.chosen) * self.repeats // self.batch_size)

    def __iter__(self) -> Iterator[list[Key]]:
        total = len(self.chosen) * self.repeats
        order = np.arange(total)
        if self.shuffle:
            generator = np.random.default_rng([self.seed, self.epoch])
            if self.draw_weights is None:
                order = generator.permutation(total)
            else:
                share = self.draw_weights / self.draw_weights.sum()
                order = generator.choice(len(self.chosen), total, p=share)
        # `draw` tells apart the several samples of one clip in an epoch.
        keys = [
            Key(int(self.chosen[place % len(self.chosen)]), self.epoch, draw)
            for draw, place in enumerate(order)
        ]
        for first in range(self.first * self.batch_size, total, self.batch_size):
            batch = keys[first : first + self.batch_size]
            if self.shuffle:  # every process must take part in every training step
                while len(batch) % self.processes:
                    batch.append(keys[len(batch) % total])
            share = batch[self.process :: self.processes]
            if share:
                yield share


def collate(samples: list[dict[str, np.ndarray]]) -> dict[str, torch.Tensor]:
    """A batch: every entry of the samples stacked along a new first axis."""
    return {
        name: torch.from_numpy(np.stack([sample[name] for sample in samples]))
        for name in samples[0]
    }


def make_loader(
    samples: ClipSamples, batches: EpochBatches, workers: int = 0, pin: bool = False
) -> DataLoader:
    """A loader over the batches; workers: processes that load ahead, 0 = none."""
    return DataLoader(
        samples,
        batch_sampler=batches,
        num_workers=workers,
        collate_fn=collate,
        pin_memory=pin,
        persistent_workers=workers > 0,
    )
