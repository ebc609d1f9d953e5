"""Predict all validation, test and unlabelled clips with the two-branch network.

Output: a table with clip, split and one logit per class, ordered by clip: the log of the mean of
the RGB and the pose branch's probabilities, after each branch's logits were averaged over
`test_clips` samples and, with `test_flip`, their mirror images.
"""

from microgesture.provenance.jobs import job
from microgesture.training.predicting_fusion import predict_fusion
from microgesture.training.processes import run_in_processes

WORKFLOW_KEYS = ("threads",)


def predict(
    stores: dict[str, list[str]],
    checkpoint: str,
    metadata: str,
    logits: str,
    settings: dict,
    threads: int,
    gpus: int,
) -> None:
    """Write the table of logits, in as many processes as there are GPUs, at least one."""
    run_in_processes(
        predict_fusion,
        max(gpus, 1),
        stores=stores,
        checkpoint=checkpoint,
        metadata=metadata,
        logits=logits,
        settings={key: value for key, value in settings.items() if key not in WORKFLOW_KEYS},
        threads=max(threads // max(gpus, 1), 1),
        gpu=gpus > 0,
    )


if __name__ == "__main__":
    with job(snakemake):
        predict(
            {
                "clips": [str(snakemake.input.clips)],
                "skeletons": list(snakemake.input.skeletons),
                "saliency": list(snakemake.input.saliency),
                "rgb": list(snakemake.input.rgb),
            },
            str(snakemake.input.checkpoint),
            str(snakemake.input.metadata),
            str(snakemake.output.logits),
            settings=dict(snakemake.params.settings),
            threads=snakemake.threads,
            gpus=int(snakemake.resources.get("gpu", 0)),
        )
