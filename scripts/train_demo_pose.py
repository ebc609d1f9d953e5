"""Train the small whole-body pose model that ships with the project (not part of `all`).

Renders people who are not in the demo's videos, trains the network of
resources/pose/demo_wholebody.py on random crops of them, and writes
resources/pose/demo_wholebody.pth: weights in half precision and plain notes (settings, scores,
the command). About half an hour on one core; an interrupted run goes on where it stopped.

The model knows drawn people in drawn rooms only. For real footage name a downloaded whole-body
model in `extract_keypoints`.
"""

import torch

from microgesture.pose.training import PoseTrainingSettings, train_pose_model
from microgesture.provenance.jobs import job
from microgesture.provenance.state import state_folder

COMMAND = "snakemake --cores 1 resources/pose/demo_wholebody.pth"


def train_demo_pose(config, checkpoint, settings, state=None, threads=1):
    """Train and write the model.

    config: mmpose config of the network. checkpoint: file to write. settings: fields of
    PoseTrainingSettings. state: folder to go on from; by default one named after the settings.
    """
    torch.set_num_threads(threads)
    state = state or state_folder("train_demo_pose", [config], dict(settings))
    return train_pose_model(config, checkpoint, PoseTrainingSettings(**settings), state, COMMAND)


if __name__ == "__main__":
    with job(snakemake):
        train_demo_pose(
            snakemake.input.config,
            snakemake.output.checkpoint,
            dict(snakemake.params.settings),
            threads=snakemake.threads,
        )
