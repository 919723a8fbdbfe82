"""The words that docs/api.md explains are the words the language knows."""

import re

from django.conf import settings

from customers.criteria import FACTS


def test_page_names_every_criterion_and_no_other():
    page = (settings.BASE_DIR / "docs" / "api.md").read_text()
    table = page[page.index("**Criteria**") : page.index("**Campaigns.**")]

    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == set(FACTS)
