"""Train one network on one stream of the clips.

Round 0 trains on the labelled training clips, from the checkpoint `initial_weights` where the
modality names one: a classifier for other labels, and what hangs on other keypoints, start afresh.
A later round starts from the weights of round 0 and adds the pseudo-labelled clips with the loss
weight `pseudo_weight`; class weights are counted over the labelled clips alone. After every epoch
the validation clips are looked at. With `classifier_retraining` some epochs follow in which a new
classifier learns on fixed features. An interrupted job goes on after its last finished epoch and
gives the same result.

Output: checkpoint (weights as safetensors), metadata (json: all that is needed to use them, and
what they were made from), curves (a line per epoch). Settings:
microgesture/configuration/settings.py.
"""

from microgesture.provenance.jobs import job
from microgesture.provenance.state import state_folder
from microgesture.training.modality import train_modality
from microgesture.training.processes import run_in_processes

WORKFLOW_KEYS = ("threads",)


def train(
    stores: dict[str, list[str]],
    outputs: dict[str, str],
    *,
    modality: str,
    round: int,
    settings: dict,
    layout: str,
    labels: list[str],
    seed: int,
    pseudo_labels: list[str],
    parent: list[str],
    initial: list[str],
    state: str,
    provenance: dict,
    threads: int,
    gpus: int,
) -> None:
    """Train in as many processes as there are GPUs, at least one.

    labels: the classes' names. pseudo_labels, parent: at most one file each.
    initial: the checkpoint that `initial_weights` names, then its metadata; or nothing.
    """
    run_in_processes(
        train_modality,
        max(gpus, 1),
        stores=stores,
        outputs=outputs,
        modality=modality,
        round=round,
        settings={key: value for key, value in settings.items() if key not in WORKFLOW_KEYS},
        layout=layout,
        labels=labels,
        provenance=provenance,
        seed=seed,
        pseudo_labels=pseudo_labels[0] if pseudo_labels else None,
        parent=parent[0] if parent else None,
        initial=initial[0] if initial else None,
        state=state,
        threads=max(threads // max(gpus, 1), 1),
        gpu=gpus > 0,
    )


if __name__ == "__main__":
    with job(snakemake):
        params = dict(snakemake.params.items())
        round_number = int(snakemake.wildcards.round)
        train(
            {
                "clips": [str(snakemake.input.clips)],
                "skeletons": list(snakemake.input.skeletons),
                "saliency": list(snakemake.input.saliency),
                "rgb": list(snakemake.input.rgb),
            },
            {name: str(path) for name, path in snakemake.output.items()},
            modality=snakemake.wildcards.modality,
            round=round_number,
            settings=dict(params["settings"]),
            layout=params["layout"],
            labels=list(params["labels"]),
            seed=params["seed"],
            # With one file Snakemake gives its path, with none an empty list.
            pseudo_labels=[str(snakemake.input.pseudo_labels)] if round_number else [],
            parent=[str(snakemake.input.parent)] if round_number else [],
            initial=list(snakemake.input.initial),
            state=str(state_folder("train_modality", params["made_from"])),
            provenance=dict(params["provenance"]),
            threads=snakemake.threads,
            gpus=int(snakemake.resources.get("gpu", 0)),
        )
