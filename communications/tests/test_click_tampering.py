"""X-07: a click link whose id, token or target was altered leads nowhere, whoever asks."""

import base64

import pytest

from communications import links
from communications.models import LinkClick
from communications.tests.factories import ContentFactory
from communications.tests.reports import in_call
from communications.tests.test_tracked_links import link_of, path, visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def message():
    return in_call()


@pytest.fixture
def link(message):
    return link_of(message)


def test_token_of_which_any_bit_is_changed_leads_nowhere(message, link):
    """X-07: whose message, which link, and the signature over both."""
    token = links.click_token(message.uuid, link.pk)
    raw = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))
    for place in range(len(raw)):
        altered = bytearray(raw)
        altered[place] ^= 1 << (place % 8)
        other = base64.urlsafe_b64encode(bytes(altered)).rstrip(b"=").decode()
        answer = visit(f"/c/{other}/")
        assert (place, answer.status_code, answer.get("Location")) == (place, 404, None)
    assert LinkClick.objects.count() == 0
    assert visit(f"/c/{token}/").status_code == 302


@pytest.mark.parametrize(
    "more",
    ["https://evil.example/", "//evil.example/", "..%2f..%2fevil.example/", "%0d%0aLocation:x/"],
)
def test_target_in_the_path_leads_nowhere(message, link, more):
    for address in (f"{path(message, link)}{more}", f"/c/{more}"):
        answer = visit(address)
        assert (address, answer.status_code, answer.get("Location")) == (address, 404, None)
    assert LinkClick.objects.count() == 0


def test_link_of_another_shop_or_content_is_not_found_though_rightly_signed(message, link):
    content = ContentFactory(dispatch=message.dispatch, variant_label="B")
    same_run = in_call(dispatch=message.dispatch, content=content)
    elsewhere = in_call()

    for other in (same_run, elsewhere):
        assert visit(path(other, link)).status_code == 404
    assert LinkClick.objects.count() == 0
