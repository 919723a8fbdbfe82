"""One large shop, written by the server itself: ``python -m benchmarks.counting.world PEOPLE``.

Five messages by a monthly campaign, three visits and two payments a person on average, spread over
a year; every tenth has booked again. Prints the shop's id.
"""

import sys

import django

MESSAGES_EACH = 5
RUNS = 10  # each to every other person
PER_CALL = 1_000

# Foreign keys are not looked at while this is written: everything points at what is here. Messages
# lie on disk as runs write them, one run after the other, not one customer after the other.
STATEMENTS = (
    "SET LOCAL session_replication_role = replica",
    """
    INSERT INTO customers (id, created_at, updated_at, external_id, first_name, last_name, email,
        email_hmac, phone, phone_hmac, timezone, zip, language, birth_month, birth_day, source,
        shop_id)
    SELECT n, now() - interval '400 days', now(), 'c' || n,
        (ARRAY['Sam', 'Alex', 'Robin', 'Jamie', 'Chris', 'Pat', 'Jordan', 'Lee'])[1 + n %% 8],
        'Number' || n, 'customer' || n || '@example.com', md5('customer' || n || '@example.com'),
        '', '', '', '', '', 1 + n %% 12, 1 + n %% 28, 'csv', %(shop)s
    FROM generate_series(1, %(people)s) AS n
    """,
    """
    INSERT INTO contact_consents (seq, channel, topic, decision, source, disclosure_version,
        address_hmac, given_at, recorded_at, previous_hash, hash, shop_id, customer_id)
    SELECT 1, 'email', 'marketing', 'opted_in', 'benchmark', '', email_hmac,
        now() - interval '390 days', now() - interval '390 days', '', md5(id::text), shop_id, id
    FROM customers WHERE shop_id = %(shop)s
    """,
    """
    INSERT INTO appointments (created_at, updated_at, external_id, status, booked_at, starts_at,
        price, source, shop_id, customer_id)
    SELECT now(), now(), 'a' || c || '-' || k,
        CASE WHEN hashint8(c * 31 + k) %% 12 = 0 THEN 'no_show' ELSE 'completed' END,
        at - interval '5 days', at, 3500, 'benchmark', %(shop)s, c
    FROM generate_series(1, %(people)s) AS c, generate_series(1, 5) AS k,
        LATERAL (SELECT now() - (abs(hashint8(c * 7 + k)) %% 365) * interval '1 day'
            - interval '2 hours' AS at) AS moment
    WHERE k <= 1 + c %% 5
    """,
    """
    INSERT INTO appointments (created_at, updated_at, external_id, status, booked_at, starts_at,
        price, source, shop_id, customer_id)
    SELECT now(), now(), 'b' || c, 'booked', now() - interval '1 day',
        now() + (1 + abs(hashint8(c)) %% 28) * interval '1 day', 3500, 'benchmark', %(shop)s, c
    FROM generate_series(10, %(people)s, 10) AS c
    """,
    """
    INSERT INTO payments (created_at, updated_at, external_id, amount, refunded_amount, paid_at,
        customer_id, shop_id)
    SELECT now(), now(), 'p' || c || '-' || k, 2000 + abs(hashint8(c + k)) %% 6000, 0,
        now() - (abs(hashint8(c * 7 + k)) %% 365) * interval '1 day', c, %(shop)s
    FROM generate_series(1, %(people)s) AS c, generate_series(1, 2) AS k
    """,
    """
    INSERT INTO dispatches (id, uuid, kind, state, paused_reason, pause_cause, created_at,
        prepared_at, finished_at, shop_id, excludes_booked, is_cap_exempt)
    SELECT n, gen_random_uuid(), 'marketing', 'done', '', '', at, at, at, %(shop)s, false, false
    FROM generate_series(1, %(runs)s) AS n,
        LATERAL (SELECT now() - (n * 30 - 27) * interval '1 day' AS at) AS moment
    """,
    """
    INSERT INTO campaign_executions (id, occurrence_key, started_at, audience_complete_at, failure,
        definition_id, dispatch_id, shop_id)
    SELECT id, 'month:' || id, created_at, created_at, '', %(campaign)s, id, shop_id
    FROM dispatches
    """,
    """
    INSERT INTO message_contents (id, channel, variant_label, variation, subject, text, html,
        created_at, dispatch_id, shop_id)
    SELECT id, 'email', 'A', '', 'Hello', 'Hello', '', created_at, id, shop_id FROM dispatches
    """,
    """
    INSERT INTO delivery_attempts (id, uuid, channel, state, message_count, claimed_at,
        lease_until, sending_at, call_deadline, answered_at, provider_id, error, shop_id,
        dispatch_id, body_digest, lookups, sender)
    SELECT d.id * 1000000 + n, gen_random_uuid(), 'email', 'accepted', %(per_call)s, d.created_at,
        d.created_at, d.created_at, d.created_at, d.created_at, '', '', d.shop_id, d.id, '', 0, ''
    FROM dispatches AS d, generate_series(0, %(people)s / (2 * %(per_call)s)) AS n
    """,
    """
    INSERT INTO customer_communications (uuid, channel, topic, address, address_hmac, values,
        send_state, reason, attempt_count, queued_at, segments, cost_micros, delivery, error_code,
        proven_at, delivered_at, opened_at, clicked_at, customer_id, shop_id, attempt_id,
        dispatch_id, content_id)
    SELECT gen_random_uuid(), 'email', 'marketing', c.email, c.email_hmac, '{}', 'in_call', '', 1,
        d.created_at, 0, 399, 50, '', d.created_at, d.created_at + interval '1 minute',
        CASE WHEN h %% 3 = 0 THEN d.created_at + interval '3 hours' END,
        CASE WHEN h %% 20 = 0 THEN d.created_at + interval '4 hours' END,
        c.id, c.shop_id, d.id * 1000000 + c.id / (2 * %(per_call)s), d.id, d.id
    FROM dispatches AS d
    JOIN customers AS c ON c.id %% 2 = d.id %% 2
    CROSS JOIN LATERAL (SELECT abs(hashint8(c.id * 13 + d.id)) AS h) AS hashed
    ORDER BY d.created_at, c.id
    """,
    "SELECT setval(pg_get_serial_sequence('customers', 'id'), %(people)s)",
    "SELECT setval(pg_get_serial_sequence('dispatches', 'id'), %(runs)s)",
    "SELECT setval(pg_get_serial_sequence('campaign_executions', 'id'), %(runs)s)",
    "SELECT setval(pg_get_serial_sequence('message_contents', 'id'), %(runs)s)",
    "SELECT setval(pg_get_serial_sequence('delivery_attempts', 'id'), (%(runs)s + 1) * 1000000)",
)


def main(people: int) -> None:
    django.setup()
    from django.db import connection, transaction

    from benchmarks.sending import people as invented
    from customers import visit_summaries

    shop = invented.shop_with(0)
    campaign = invented.campaign(shop)
    values = {"shop": shop.pk, "people": people, "runs": RUNS, "per_call": PER_CALL}
    values["campaign"] = campaign.pk
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in STATEMENTS:
            cursor.execute(statement, values)
    visit_summaries.rebuild()  # triggers were off
    with connection.cursor() as cursor:
        # Index-only scans want the map of visible pages, as autovacuum leaves it.
        cursor.execute("VACUUM ANALYZE")
    print(shop.pk)


if __name__ == "__main__":
    main(int(sys.argv[1]))
