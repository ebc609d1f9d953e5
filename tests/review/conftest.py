"""A rendered video and its review page, open in the browser."""

import pytest

from tests.review import demo_page


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    folder = tmp_path_factory.mktemp("review page")  # a space in its address
    return folder, demo_page.render(folder)


@pytest.fixture
def page(opened, rendered):
    folder, points = rendered
    return opened(demo_page.write(folder, points))
