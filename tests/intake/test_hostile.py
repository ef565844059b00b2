"""Requests made from the interface's own description, to do harm: whatever comes, the intake never breaks down."""

from __future__ import annotations

from uuid import uuid4

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error

from anlan.accounts.services import token_issue
from anlan.core.actor import SYSTEM
from world import T0

REQUESTS = 12
OPERATIONS = (("/api/calls", "POST"), ("/api/incidents", "GET"), ("/api/incidents/{incident_id}", "GET"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_the_intake_answers_hostile_requests_without_breaking_down(county, path, method):
    token = token_issue(person=county.people["ben"], label="hostile", by=SYSTEM, at=T0)
    described = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())

    @seed(20260302)
    @settings(
        max_examples=REQUESTS,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=described[path][method].as_strategy(generation_mode=schemathesis.GenerationMode.NEGATIVE))
    def ask(case):
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid4())}
        answered.add(case.call_and_validate(headers=headers, checks=[not_a_server_error]).status_code)

    answered: set[int] = set()
    ask()
    assert answered, "nothing was asked"
    assert 401 not in answered, "a stranger's requests go no further than the door"
