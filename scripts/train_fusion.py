"""Train the two-branch network of RGB and pose from its two trained parents.

The parents are the best RGB and pose checkpoints of all rounds by a validation score
(`choose_parents`); the choice and every candidate's scores stand in the metadata. Before the first
step the network gives exactly its parents' logits. Its prediction is the mean of the two branches'
probabilities.

Output: checkpoint, metadata, curves and figure as train_modality. Settings:
microgesture/configuration/settings.py (FUSION_SETTINGS).
"""

from microgesture.provenance.jobs import job
from microgesture.provenance.state import state_folder
from microgesture.training.fusion import train_fusion
from microgesture.training.processes import run_in_processes

WORKFLOW_KEYS = ("threads", "enabled", "rgb_parent", "pose_parent")


def train(
    stores: dict[str, list[str]],
    parents: dict[str, list[str]],
    parent_logits: dict[str, list[str]],
    outputs: dict[str, str],
    *,
    settings: dict,
    layout: str,
    labels: list[str],
    seed: int,
    state: str,
    provenance: dict,
    threads: int,
    gpus: int,
) -> None:
    """Train in as many processes as there are GPUs, at least one.

    parents, parent_logits: files of "rgb" and "pose". labels: the classes' names.
    """
    run_in_processes(
        train_fusion,
        max(gpus, 1),
        stores=stores,
        parents=parents,
        parent_logits=parent_logits,
        outputs=outputs,
        settings={key: value for key, value in settings.items() if key not in WORKFLOW_KEYS},
        layout=layout,
        labels=labels,
        provenance=provenance,
        seed=seed,
        state=state,
        threads=max(threads // max(gpus, 1), 1),
        gpu=gpus > 0,
    )


if __name__ == "__main__":
    with job(snakemake):
        params = dict(snakemake.params.items())
        train(
            {
                "clips": [str(snakemake.input.clips)],
                "skeletons": list(snakemake.input.skeletons),
                "saliency": list(snakemake.input.saliency),
                "rgb": list(snakemake.input.rgb),
            },
            {
                "rgb": list(snakemake.input.rgb_checkpoints),
                "pose": list(snakemake.input.pose_checkpoints),
            },
            {
                "rgb": list(snakemake.input.rgb_logits),
                "pose": list(snakemake.input.pose_logits),
            },
            {name: str(path) for name, path in snakemake.output.items()},
            settings=dict(params["settings"]),
            layout=params["layout"],
            labels=list(params["labels"]),
            seed=params["seed"],
            state=str(state_folder("train_fusion", params["made_from"])),
            provenance=dict(params["provenance"]),
            threads=snakemake.threads,
            gpus=int(snakemake.resources.get("gpu", 0)),
        )
