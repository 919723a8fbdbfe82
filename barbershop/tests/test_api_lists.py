"""Filters, search, order and pages of lists."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from barbershop.api.errors import ApiError
from barbershop.api.pagination import CursorPagination
from barbershop.models import Barber
from barbershop.tests.factories import BarberFactory, ServiceFactory

pytestmark = pytest.mark.django_db


def names(answer, field="name") -> list[str]:
    return [row[field] for row in answer.json()["results"]]


def test_pages_have_their_four_keys_and_lead_through_all_rows(api, shop):
    barbers = [BarberFactory(shop=shop) for _ in range(5)]
    BarberFactory()
    seen, url, counts = [], "/api/barbers?page_size=2", set()

    while url:
        body = api.get(url).json()
        assert set(body) == {"results", "next", "previous", "count"}
        seen += [row["id"] for row in body["results"]]
        counts.add(body["count"])
        url = body["next"]

    assert seen == [barber.pk for barber in barbers]
    assert counts == {5}


def test_page_holds_fifty_rows_unless_told_otherwise(api, shop):
    Barber.objects.bulk_create(Barber(shop=shop, first_name=f"B{n:03d}") for n in range(60))

    assert len(names(api.get("/api/barbers"), "first_name")) == 50
    assert len(names(api.get("/api/barbers?page_size=500"), "first_name")) == 60


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("page_size=501", 400, "page_size"),
        ("page_size=0", 400, "page_size"),
        ("page_size=abc", 400, "page_size"),
        ("page=abc", 400, "page"),
        ("page=0", 400, "page"),
        ("ordering=prise", 400, "ordering"),
        ("cursor=abc", 400, "cursor"),
        ("is_activ=true", 400, "is_activ"),
        ("price_min=abc", 400, "price"),
        ("price_min=1e999999999", 400, "price"),
    ],
)
def test_wrong_question_is_refused_by_the_name_of_its_word(api, query, status, field):
    answer = api.get(f"/api/services?{query}")

    assert answer.status_code == status
    assert list(answer.json()["error"]["fields"]) == [field]


def test_page_beyond_the_last_is_not_found(api):
    assert api.get("/api/services?page=2").status_code == 404


def test_unknown_filter_names_the_nearest(api):
    message = api.get("/api/services?is_activ=true").json()["error"]["message"]

    assert message == "is_activ: Unknown filter. Did you mean is_active?"


def test_filters_search_and_order_choose_rows(api, shop):
    for name, price in (("Cut", 300), ("Shave", 200), ("Long cut", 400)):
        ServiceFactory(shop=shop, name=name, price=price)
    ServiceFactory(name="Cut of an intruder", price=250)

    assert names(api.get("/api/services?search=cut&ordering=-price")) == ["Long cut", "Cut"]
    assert names(api.get("/api/services?price_min=200&price_max=300")) == ["Cut", "Shave"]


def test_rows_that_tie_keep_their_place_between_pages(api, shop):
    made = [ServiceFactory(shop=shop, price=100).pk for _ in range(4)]

    pages = [api.get(f"/api/services?ordering=-price&page_size=2&page={n}") for n in (1, 2)]

    assert [row["id"] for page in pages for row in page.json()["results"]] == made


def test_filter_does_not_hide_a_row_that_is_asked_for_by_id(api, shop):
    barber = BarberFactory(shop=shop, is_active=True)

    assert api.get(f"/api/barbers/{barber.pk}?is_active=false").status_code == 200


def cursor_page(query: str):
    request = Request(APIRequestFactory().get(f"/x?{query}"))
    paginator = CursorPagination()
    return paginator, paginator.paginate_queryset(Barber.objects.all(), request)


def test_cursor_leads_through_all_rows_newest_first(shop):
    made = [BarberFactory(shop=shop).pk for _ in range(5)]
    seen, query = [], "page_size=2"

    while query:
        paginator, page = cursor_page(query)
        seen += [barber.pk for barber in page]
        link = paginator.get_next_link()
        query = link.split("?", 1)[1] if link else None

    assert seen == made[::-1]


@pytest.mark.parametrize("cursor", ["cD1hYmM%3D", "cD0nJw%3D%3D"])
def test_cursor_that_was_edited_is_refused(shop, cursor):
    BarberFactory(shop=shop)

    with pytest.raises(ApiError, match="not a cursor"):
        cursor_page(f"cursor={cursor}")
