"""Pre-train the network of one modality on clips without their labels: its first weights.

Parts of every clip are hidden, and the network learns to say how the hidden joints move, or where
they are (microgesture/pretraining). Which clips it sees: `pretrain: clips` of the modality. An
interrupted job goes on after its last saved step and gives the same result.

Output: checkpoint (weights without a classifier), metadata (json: also the people that were seen,
and those among them who are scored), curves (a line per epoch). train_modality starts from it.
Settings: microgesture/configuration/settings_of_pretraining.py.
"""

from microgesture.pretraining.modality import pretrain_modality
from microgesture.provenance.jobs import job
from microgesture.provenance.state import state_folder
from microgesture.training.processes import run_in_processes

WORKFLOW_KEYS = ("threads",)


def pretrain(
    stores: dict[str, list[str]],
    outputs: dict[str, str],
    *,
    lost: list[str],
    modality: str,
    settings: dict,
    mode: str,
    layout: str,
    seed: int,
    initial: list[str],
    state: str,
    provenance: dict,
    threads: int,
    gpus: int,
) -> None:
    """Pre-train in as many processes as there are GPUs, at least one.

    initial: the checkpoint that `initial_weights` names, then its metadata; or nothing.
    """
    run_in_processes(
        pretrain_modality,
        max(gpus, 1),
        stores=stores,
        outputs=outputs,
        lost=lost,
        modality=modality,
        settings={key: value for key, value in settings.items() if key not in WORKFLOW_KEYS},
        mode=mode,
        layout=layout,
        seed=seed,
        initial=initial[0] if initial else None,
        state=state,
        provenance=provenance,
        threads=max(threads // max(gpus, 1), 1),
        gpu=gpus > 0,
    )


if __name__ == "__main__":
    with job(snakemake):
        params = dict(snakemake.params.items())
        pretrain(
            {
                "clips": [str(snakemake.input.clips)],
                "skeletons": list(snakemake.input.skeletons),
                "saliency": list(snakemake.input.saliency),
                "rgb": list(snakemake.input.rgb),
            },
            {name: str(path) for name, path in snakemake.output.items()},
            lost=[str(snakemake.input.lost)],
            modality=snakemake.wildcards.modality,
            settings=dict(params["settings"]),
            mode=params["mode"],
            layout=params["layout"],
            seed=params["seed"],
            initial=list(snakemake.input.initial),
            state=str(state_folder("pretrain_modality", params["made_from"])),
            provenance=dict(params["provenance"]),
            threads=snakemake.threads,
            gpus=int(snakemake.resources.get("gpu", 0)),
        )
