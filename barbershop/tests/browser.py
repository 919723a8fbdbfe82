"""A real chromium at a real server: what the browser tests stand on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connections
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from barbershop.tests.environment import chromium

PASSWORD = "a-long-password-for-tests"
QUIET = ["--no-sandbox", "--disable-background-networking", "--disable-component-update"]


@contextmanager
def database_in_a_file(folder: Path) -> Iterator[None]:
    """The server's threads cannot share one SQLite connection in memory: copy it to a file."""
    connection = connections["default"]
    if connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    in_memory, name = connection.connection, connection.settings_dict["NAME"]
    path = folder / "browser.sqlite3"
    with closing(sqlite3.connect(path)) as copy:
        in_memory.backup(copy)
    # Kept open meanwhile: a database in memory lives as long as its last connection.
    connection.connection, connection.settings_dict["NAME"] = None, str(path)
    try:
        yield
    finally:
        connection.close()
        connection.connection, connection.settings_dict["NAME"] = in_memory, name


@contextmanager
def server() -> Iterator[str]:
    """Its address."""
    running = LiveServer("127.0.0.1:0")
    try:
        yield running.url
    finally:
        running.stop()


@contextmanager
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=chromium(), args=QUIET)
        try:
            yield opened
        finally:
            # While Playwright's loop runs, this thread has database connections of its own.
            connections.close_all()
            opened.close()


def complaints_of(page: Page) -> list[str]:
    """What the page will have said to the console: a refused script or style, an error."""
    said: list[str] = []
    page.on(
        "console",
        lambda line: said.append(line.text) if line.type in {"error", "warning"} else None,
    )
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
