"""Snakemake's scheduler is not woken by timers that beget timers (decision 46)."""

import pytest

TOLD = """
onsuccess:
    print("LIMIT", getattr(workflow.scheduler.job_rate_limiter, "max_jobs", None))
"""


@pytest.mark.parametrize(
    "wish, found", [((), "None"), (("--max-jobs-per-timespan", "50/1m"), "50")]
)
def test_the_default_limit_of_starts_is_off_and_a_wish_stays(workspace, wish, found):
    with open(workspace.folder / "Snakefile", "a", encoding="utf-8") as file:
        file.write(TOLD)
    told = workspace.snakemake(*wish, "--", "results/state/changed")
    assert f"LIMIT {found}" in told.stdout
