"""Predict all validation, test and unlabelled clips with the two-branch network.

Output: a table with clip, split and one logit per class, ordered by clip: the log of the mean of
the RGB and the pose branch's probabilities, after each branch's logits were averaged over
`test_clips` samples and, with `test_flip`, their mirror images.
"""

from microgesture.provenance.jobs import job
from microgesture.training.predicting_fusion import predict_fusion

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
    predict_fusion(
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
