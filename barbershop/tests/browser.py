"""A real chromium at a real server: what the browser tests stand on."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from barbershop.tests.environment import chromium
from barbershop.tests.factories import MembershipFactory

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


def member_of(shop, **membership):
    """Somebody who can sign in: an owner of the shop, unless ``membership`` says otherwise."""
    user = MembershipFactory(shop=shop, **membership).user
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(page: Page, site: str, user, onward: str = "/") -> None:
    """By the form, then on to a page of the site."""
    page.goto(f"{site}/login/?next={onward}")
    page.get_by_label("Email").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{site}{onward}")


def assert_fits(page: Page, *, width: int, at: str, **axe) -> None:
    """Nothing is wider than the screen, and axe has nothing to say.

    Args:
        at: what is looked at, for the message.
        axe: how ``Axe.run`` is to look.
    """
    assert page.evaluate("document.documentElement.scrollWidth") <= width, at
    found = [each["id"] for each in Axe().run(page, **axe).response["violations"]]
    assert (at, found) == (at, [])
