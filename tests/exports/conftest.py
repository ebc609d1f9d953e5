"""The video of the importers' tests."""

from tests.importers.conftest import made_talk, talk  # noqa: F401
