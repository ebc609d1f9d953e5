import pytest

from tests.slurm.cluster import running_cluster, why_not


@pytest.fixture(scope="session")
def cluster(tmp_path_factory):
    """A running SLURM; without one the tests are skipped and say why."""
    if reason := why_not():
        pytest.skip(reason)
    with running_cluster(tmp_path_factory.mktemp("slurm")) as started:
        yield started
