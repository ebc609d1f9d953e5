"""Predict all validation, test and unlabelled clips with a trained network.

Output: a table with clip, split and one logit per class, ordered by clip; logits are averaged over
`test_clips` samples of a clip and, with `test_flip`, their mirror images. Settings given here stand
above those of the training, for example `batch_size`.
"""

from microgesture.provenance.jobs import job
from microgesture.training.predicting import predict_modality

WORKFLOW_KEYS = ("threads",)


def predict(
    stores: dict[str, list[str]],
    checkpoint: str,
    metadata: str,
    logits: str,
    settings: dict,
    threads: int,
    gpu: bool,
) -> None:
    """Write the table of logits."""
    predict_modality(
        stores,
        checkpoint,
        metadata,
        logits,
        settings={key: value for key, value in settings.items() if key not in WORKFLOW_KEYS},
        threads=threads,
        gpu=gpu,
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
            gpu=int(snakemake.resources.get("gpu", 0)) > 0,
        )
