# `snakemake ablation`: the whole system against each variant of the config, over seeds.


rule ablation:
    input:
        unpack(
            tracked(
                "ablation",
                probabilities=lambda w: FILES.ensembles_of_variants(),
                networks=lambda w: FILES.files_of_changed_networks(),
                scores=lambda w: FILES.of_whole_system("scores"),
                quality=lambda w: FILES.of_whole_system("quality"),
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
        mem_mb=grown(4000),
        runtime=grown(60),
    params:
        made_from=made_from("ablation"),
        variants=untracked(list(RUNS.variants)),
        pairs=untracked(RUNS.pairs),
        seeds=untracked(RUNS.seeds),
        networks=untracked(lambda w: FILES.changed_networks()),
        modes=untracked(lambda w: FILES.modes_of_variants()),
        rounds=untracked(lambda w: FILES.rounds_of_variants()),
        pretrained_on_scored=untracked(
            lambda w: [
                LINEAGE.pretrained_on_scored(RUNS.name(variant, RUNS.seeds[0]))
                for variant in RUNS.variants
            ]
        ),
    message:
        "Comparing {params.variants} over the seeds {params.seeds}"
    script:
        "../scripts/ablation.py"
