"""Heatmaps of one clip against the plain loop: 68 points, 48 frames, 56 x 56 pixels, sigma 0.6."""

import numpy as np

from bench.clips import seated_person
from bench.plain_heatmaps import plain_joints, plain_limbs
from bench.timing import medians, table
from microgesture.heatmaps.gaussian import render_joints
from microgesture.heatmaps.limb import render_limbs
from microgesture.pose.layouts import get_layout

SIZE, SIGMA, FRAMES = (56, 56), 0.6, 48


def bench_heatmaps():
    """Lines of the report."""
    edges = get_layout("h68").edges
    generator = np.random.default_rng(0)
    person = seated_person(FRAMES, generator)
    person[..., :2] *= 56
    scattered = person.copy()
    scattered[..., :2] = generator.uniform(0, 56, scattered[..., :2].shape)
    scattered[..., 2] = generator.uniform(0.2, 1, scattered.shape[:-1])
    joints = np.empty((68, FRAMES, *SIZE), dtype=np.float32)
    limbs = np.empty((len(edges), FRAMES, *SIZE), dtype=np.float32)
    rows = []
    for kind, points in (("a seated person", person), ("points anywhere", scattered)):
        difference = {
            "joint": plain_joints(points, SIZE, SIGMA) - render_joints(points, SIZE, SIGMA),
            "limb": plain_limbs(points, edges, SIZE, SIGMA)
            - render_limbs(points, edges, SIZE, SIGMA),
        }
        taken = medians(
            {
                "joint plain": lambda points=points: plain_joints(points, SIZE, SIGMA),
                "joint": lambda points=points: render_joints(points, SIZE, SIGMA, joints),
                "limb plain": lambda points=points: plain_limbs(points, edges, SIZE, SIGMA),
                "limb": lambda points=points: render_limbs(points, edges, SIZE, SIGMA, limbs),
                "fill": lambda: joints.fill(0),
            },
            repeats=9,
        )
        for name in ("joint", "limb"):
            plain, ours = taken[f"{name} plain"], taken[name]
            worst = float(np.abs(difference[name]).max())
            rows.append(
                [f"{name}, {kind}", f"{plain:.1f}", f"{ours:.2f}", f"{taken['fill']:.2f}"]
                + [f"{plain / ours:.1f}x", f"{worst:.1e}"]
            )
    header = ["volume", "plain loop ms", "ours ms", "filling the buffer ms", "ratio", "difference"]
    return [f"68 points, {len(edges)} limbs, {FRAMES} frames, 56 x 56, sigma {SIGMA}.", ""] + table(
        header, rows
    )
