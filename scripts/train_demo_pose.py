"""Train the small whole-body pose model that ships with the project (not part of `all`).

Renders people who are not in the demo's videos, trains the network of
resources/pose/demo_wholebody.py on random crops of them, and writes
results/demo_pose/demo_wholebody.pth: weights in half precision and plain notes (settings, scores,
the command). Copied to resources/pose/ it is what `extract_keypoints` uses by default. About half
an hour on one core; an interrupted run goes on where it stopped.

The model knows drawn people in drawn rooms only. For real footage name a downloaded whole-body
model in `extract_keypoints`.
"""

import torch

from microgesture.pose.training import PoseTrainingSettings, train_pose_model
from microgesture.provenance.code_digest import ROOT
from microgesture.provenance.jobs import job
from microgesture.provenance.state import state_folder

COMMAND = "snakemake --cores 1 results/demo_pose/demo_wholebody.pth"
CONFIG = ROOT / "resources" / "pose" / "demo_wholebody.py"


def train_demo_pose(checkpoint, settings, signature="", state=None, device="cpu", threads=1):
    """Train and write the model; returns its scores on rendered people it has not seen.

    checkpoint: file to write. settings: fields of PoseTrainingSettings. signature: of all
    that the training is made from. state: folder to go on from; by default one named after the
    signature, so that pictures of a former renderer are never used again. device: 'cpu' or 'cuda'.
    threads: CPU threads.
    """
    torch.set_num_threads(threads)
    state = state or state_folder("train_demo_pose", signature)
    numbers = PoseTrainingSettings(**settings)
    return train_pose_model(CONFIG, checkpoint, numbers, state, device, COMMAND)


if __name__ == "__main__":
    with job(snakemake):
        train_demo_pose(
            snakemake.output.checkpoint,
            dict(snakemake.params.settings),
            signature=snakemake.params.made_from,
            device="cuda" if snakemake.resources.get("gpu", 0) else "cpu",
            threads=snakemake.threads,
        )
