"""One generated county for all tests of the generator; making it takes about two seconds."""

import pytest

from anlan.engines.county.generate import county_generate
from anlan.engines.county.records import County


@pytest.fixture(scope="session")
def county() -> County:
    return county_generate(1)
