"""The strict content policy and the contrast promise, held by reading the files."""

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if "email" not in path.parts]
TOKENS = (ROOT / "static/css/tokens.css").read_text()
ICONS = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text()))

TEXT_PAIRS = [
    *((ink, wash) for ink in ("ink", "ink-soft", "link", "brass-ink", "bad", "good")
      for wash in ("paper", "surface")),
    ("ink", "sunk"), ("ink-soft", "sunk"), ("link", "sunk"),
    *((tone, f"{tone}-wash") for tone in ("good", "warn", "bad", "busy")),
    *(("ink", f"{tone}-wash") for tone in ("good", "warn", "bad", "busy")),
    ("on-frame", "frame"), ("on-frame-soft", "frame"),
    ("on-action", "action"), ("on-action", "action-hover"), ("on-danger", "danger"),
]  # fmt: skip
SHAPE_PAIRS = [
    *((shape, ground) for shape in ("line-strong", "focus", "action") for ground in
      ("paper", "surface")),
    *((f"series-{number}", "surface") for number in range(1, 6)),
    ("series-1", "sunk"), ("brass", "frame"), ("danger", "surface"),
]  # fmt: skip


def colour(name, scheme):
    value = re.search(rf"--{name}: ([^;]+);", TOKENS)[1]
    both = re.findall(r"#[0-9a-f]{3,6}", value)
    chosen = both[0] if len(both) == 1 else both[("light", "dark").index(scheme)]
    digits = chosen[1:] if len(chosen) == 7 else "".join(2 * digit for digit in chosen[1:])
    return [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]


def luminance(rgb):
    """WCAG 2.2, relative luminance."""
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in rgb]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other, scheme):
    lighter, darker = sorted(
        (luminance(colour(name, scheme)) for name in (one, other)), reverse=True
    )
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_a_contrast_of_four_and_a_half(scheme):
    weak = {pair: round(contrast(*pair, scheme), 2) for pair in TEXT_PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_shapes_that_carry_meaning_have_a_contrast_of_three(scheme):
    weak = {pair: round(contrast(*pair, scheme), 2) for pair in SHAPE_PAIRS}

    assert {pair: ratio for pair, ratio in weak.items() if ratio < 3} == {}


def test_contrast_of_black_on_white_is_twenty_one(monkeypatch):
    monkeypatch.setitem(globals(), "TOKENS", "--black: #000; --white: #ffffff;")

    assert contrast("black", "white", "light") == pytest.approx(21)


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_has_no_inline_style_or_script(page):
    text = page.read_text()

    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|javascript:|<script(?![^>]*\ssrc=)", text) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_page_uses_only_icons_that_exist(page):
    assert set(re.findall(r'{% icon "([\w-]+)"', page.read_text())) - ICONS == set()
