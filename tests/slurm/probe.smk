# Small jobs that show what SLURM gives and how Snakemake meets what goes wrong. Run by test_probe.py.
from pathlib import Path


def grown(start):
    return lambda wildcards, attempt: start * attempt


rule all:
    input:
        expand("given/gpu{number}", number=[0, 1]),
        expand(
            "given/{name}",
            name=["cpu", "grows", "cancelled", "requeued", "preempted", "timed", "signalled"],
        ),


rule on_gpu:
    output:
        "given/gpu{number}",
    resources:
        gpu=1,
        slurm_partition="gpu",
        mem_mb=300,
        runtime=5,
    shell:
        "sleep 6; echo $CUDA_VISIBLE_DEVICES > {output}"


rule on_cpu:
    output:
        "given/cpu",
    resources:
        mem_mb=300,
        runtime=5,
    shell:
        "echo none${{CUDA_VISIBLE_DEVICES:-}} > {output}"


rule grows:
    output:
        "given/grows",
    resources:
        mem_mb=grown(300),
        runtime=grown(5),
        attempt=lambda wildcards, attempt: attempt,
    shell:
        "test {resources.attempt} = 2 && echo {resources.mem_mb} {resources.runtime} > {output}"


# Ended from outside once; the second time it finds what the first left outside every output.
rule ended:
    output:
        "given/{name}",
    wildcard_constraints:
        name="cancelled|requeued",
    resources:
        mem_mb=300,
        runtime=5,
    shell:
        "if test -e state-{wildcards.name}; then echo second > {output};"
        " else touch state-{wildcards.name}; sleep 600; fi"


# Its first attempt has one minute and takes more; it is told to end before it is killed.
rule timed:
    output:
        "given/timed",
    resources:
        mem_mb=300,
        runtime=grown(1),
    shell:
        "if test -e state-timed; then echo second > {output}; else touch state-timed;"
        " trap 'touch told-timed; exit 75' TERM; sleep 600 & wait; fi"


# Told a minute before its time is up, as docs/cluster.md advises for trainings.
rule signalled:
    output:
        "given/signalled",
    resources:
        mem_mb=300,
        runtime=grown(2),
        slurm_extra="--signal=TERM@60",
    shell:
        "if test -e state-signalled; then echo second > {output}; else touch state-signalled;"
        " trap 'touch told-signalled; exit 75' TERM; sleep 600 & wait; fi"


rule preempted:
    output:
        "given/preempted",
    resources:
        mem_mb=25000,  # more than half of the node: another such job finds no room beside it
        runtime=5,
        slurm_partition="low",
    shell:
        "if test -e state-preempted; then echo second > {output};"
        " else touch state-preempted; sleep 600; fi"


rule too_large:
    output:
        "given/too_large",
    resources:
        mem_mb=10**7,
        runtime=5,
    shell:
        "touch {output}"


rule too_many_gpus:
    output:
        "given/too_many_gpus",
    resources:
        gpu=2,
        slurm_partition="gpu",
        mem_mb=300,
        runtime=5,
    shell:
        "touch {output}"
