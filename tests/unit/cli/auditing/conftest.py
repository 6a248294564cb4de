"""What tests of audits share."""

import pytest

from tests.support.audited import AuditedStack


@pytest.fixture
def stack() -> AuditedStack:
    return AuditedStack()
