"""The limit: plain Python, no framework, SendGrid-shaped calls of 1,000, two writes per row.

A claim and a record per call, one after the other, on one connection to a table with one index.
``python -m benchmarks.sending.limit PROVIDER MESSAGES RUNS``
"""

import http.client
import json
import os
import sys
from urllib.parse import urlsplit

import psycopg

from benchmarks.sending import letter
from benchmarks.sending.figures import measured

PER_CALL = 1_000
TABLE = """
CREATE TABLE limit_messages (
    id bigserial PRIMARY KEY, email text NOT NULL, first_name text NOT NULL, barber text NOT NULL,
    token uuid NOT NULL, state text NOT NULL, attempt bigint, accepted_at timestamptz
);
CREATE INDEX ON limit_messages (id) WHERE state = 'pending';
CREATE INDEX ON limit_messages (attempt);
"""
FILL = """
INSERT INTO limit_messages (email, first_name, barber, token, state)
SELECT 'p' || n || '@example.com', 'Sam', 'Tony', gen_random_uuid(), 'pending'
FROM generate_series(1, %s) AS n
"""
CLAIM = """
UPDATE limit_messages SET state = 'sending', attempt = %s
WHERE id IN (SELECT id FROM limit_messages WHERE state = 'pending'
             ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)
RETURNING id, email, first_name, barber, token
"""
RECORD = "UPDATE limit_messages SET state = 'accepted', accepted_at = now() WHERE attempt = %s"


def main(provider: str, messages: int, runs: int) -> None:
    host = urlsplit(provider)
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        connection.execute("DROP TABLE IF EXISTS limit_messages")
        connection.execute(TABLE)
        for _ in range(runs):
            connection.execute("TRUNCATE limit_messages")
            connection.execute(FILL, [messages])
            connection.commit()
            wire = http.client.HTTPConnection(host.hostname, host.port, timeout=30)
            with measured(messages):
                send_all(connection, wire)


def send_all(connection: psycopg.Connection, wire: http.client.HTTPConnection) -> None:
    attempt = 0
    while True:
        attempt += 1
        rows = connection.execute(CLAIM, [attempt, PER_CALL]).fetchall()
        connection.commit()
        if not rows:
            return
        wire.request("POST", "/v3/mail/send", _call(rows), {"Content-Type": "application/json"})
        answer = wire.getresponse()
        answer.read()
        assert answer.status == 202, answer.status
        connection.execute(RECORD, [attempt])
        connection.commit()


def _call(rows: list[tuple]) -> bytes:
    body = {
        "from": {"email": "hello@example.com"},
        "subject": letter.SUBJECT,
        "content": [
            {"type": "text/plain", "value": letter.TEXT},
            {"type": "text/html", "value": letter.HTML},
        ],
        "personalizations": [_personalization(row) for row in rows],
    }
    return json.dumps(body).encode()


def _personalization(row: tuple) -> dict:
    number, email, first_name, barber, token = row
    values = letter.values(first_name=first_name, barber=barber, token=token.hex)
    return {
        "to": [{"email": email}],
        "substitutions": values,
        "custom_args": {"communication": token.hex, "id": str(number)},
        "headers": {
            "List-Unsubscribe": f"<{values['unsubscribe_link']}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    }


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
