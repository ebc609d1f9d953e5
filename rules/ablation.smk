# `snakemake ablation`: the whole system against each variant of the config, over seeds.


rule ablation:
    input:
        probabilities=ablation_probabilities,
        networks=files_of_changed_networks,
        scores=full_runs("scores"),
        quality=full_runs("quality"),
        truth=collect("results/truth/{batch}.parquet", batch=BATCHES),
        clips=collect("results/index/{batch}/clips.parquet", batch=BATCHES),
    output:
        table=report(
            "results/ablation/ablation.tsv",
            caption="../report/ablation.rst",
            category="Ablation",
        ),
        networks=report(
            "results/ablation/networks.tsv",
            caption="../report/networks.rst",
            category="Ablation",
        ),
        systems=report(
            "results/ablation/systems.tsv",
            caption="../report/systems.rst",
            category="Ablation",
        ),
        figure=report(
            "results/ablation/ablation.svg",
            caption="../report/ablation.rst",
            category="Ablation",
        ),
    log:
        "logs/ablation/all.log",
    benchmark:
        "benchmarks/ablation/all.tsv"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        variants=list(RUNS.variants),
        pairs=RUNS.pairs,
        seeds=RUNS.seeds,
        networks=lambda w: changed_networks(),
        modes=lambda w: [
            RUNS.config(RUNS.name(v, RUNS.seeds[0]))["select_pseudo_labels"]["mode"]
            for v in RUNS.variants
        ],
        code=code_digest("scripts/ablation.py"),
    message:
        "Comparing {params.variants} over the seeds {params.seeds}"
    script:
        "../scripts/ablation.py"
