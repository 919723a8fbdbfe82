"""What tests of admin as a whole begin with."""

import pytest
from django.contrib import admin


@pytest.fixture
def bare_admin(monkeypatch):
    """Pages without the list of all models: half of their making, and the same on each."""
    monkeypatch.setattr(admin.site, "get_app_list", lambda request, app_label=None: [])
