# `snakemake ablation`: the whole system against each variant of the config, over seeds.


rule ablation:
    input:
        unpack(
            tracked(
                "ablation",
                probabilities=ablation_probabilities,
                networks=files_of_changed_networks,
                scores=full_runs("scores"),
                quality=full_runs("quality"),
                truth="results/truth/labels.parquet",
                clips="results/index/clips.parquet",
                lost="results/index/lost.tsv",
            )
        ),
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
        made_from=made_from("ablation"),
        variants=untracked(list(RUNS.variants)),
        pairs=untracked(RUNS.pairs),
        seeds=untracked(RUNS.seeds),
        networks=untracked(lambda w: changed_networks()),
        modes=untracked(lambda w: modes_of_variants()),
        rounds=untracked(lambda w: rounds_of_variants()),
    message:
        "Comparing {params.variants} over the seeds {params.seeds}"
    script:
        "../scripts/ablation.py"
