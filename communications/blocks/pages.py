"""The whole email around what the owner wrote: branding, footer, and blocks through MJML.

Every piece of Liquid is marked before another program sees it and put back at the end, so that
nothing in the shop's own words (its name, its address) is ever taken for Liquid.
"""

import mjml
from django.template.loader import render_to_string

from barbershop.models import Barbershop
from communications import markup
from communications.blocks import colors
from communications.blocks.plain import openings_field
from communications.blocks.sanitising import sanitised
from communications.markup import Marks

TRANSACTIONAL = "transactional"
PAPER, NIGHT = "#ffffff", "#1e1e1e"  # behind the text, by day and in dark mode


def source(*, shop: Barbershop, kind: str, content) -> str:
    """The HTML with its Liquid; empty when the email is nothing but its message in the shop's own
    language.

    Args:
        kind: of the dispatch: only a transactional email goes without the way to unsubscribe.
        content: has ``subject``, ``preheader``, ``blocks`` and ``html``, already validated, and
            may have ``language``, where its words are in another one than the shop's.
    """
    language = getattr(content, "language", "")
    if getattr(content, "blocks", ()):
        return _block_page(content, shop=shop, kind=kind, language=language)
    if getattr(content, "html", ""):
        marks = Marks()
        found = _frame(marks, shop=shop, kind=kind, language=language)
        found["preheader"] = marks.whole(content.preheader)
        found["body"] = marks.html(sanitised(content.html))
        return marks.restored(render_to_string("messages/email/html.html", found))
    preheader = getattr(content, "preheader", "")
    if preheader or language not in ("", shop.language):
        return plain_page(
            content.message, shop=shop, kind=kind, preheader=preheader, language=language
        )
    return ""


def plain_page(
    text: str, *, shop: Barbershop, kind: str, preheader: str = "", language: str = ""
) -> str:
    """A message that is nothing but text."""
    marks = Marks()
    found = _frame(marks, shop=shop, kind=kind, language=language)
    found["preheader"] = marks.whole(preheader)
    found["body"] = marks.html(markup.of_text(text))
    return marks.restored(render_to_string("messages/email/plain.html", found))


def _frame(marks: Marks, *, shop: Barbershop, kind: str, language: str) -> dict:
    unsubscribe = "" if kind == TRANSACTIONAL else marks.put("{{ unsubscribe_link }}")
    return {
        "shop": shop,
        "lang": language or shop.language,
        "name": marks.words(shop.name),
        "postal_address": marks.words(shop.postal_address),
        "logo_url": marks.words(shop.logo_url),
        "socials": [
            (said, marks.words(url))
            for said, url in (
                (marks.put("{{ website_word }}"), shop.website_url),
                ("Instagram", shop.instagram_url),
                ("Facebook", shop.facebook_url),
            )
            if url
        ],
        "unsubscribe": unsubscribe,
        "unsubscribe_word": marks.put("{{ unsubscribe_word }}"),
        "on_brand": colors.text_on(shop.brand_color),
        "accent": colors.readable(shop.brand_color, on=PAPER),
        "accent_dark": colors.readable(shop.brand_color, on=NIGHT),
        "paper": PAPER,
        "night": NIGHT,
    }


def _block_page(content, *, shop: Barbershop, kind: str, language: str) -> str:
    marks = Marks()
    found = _frame(marks, shop=shop, kind=kind, language=language)
    found |= {
        "preheader": marks.whole(content.preheader),
        "blocks": [_shown(block, marks, found["accent"]) for block in content.blocks],
    }
    page = mjml.mjml2html(render_to_string("messages/email/blocks.mjml", found))
    return marks.restored(page)


def _shown(block: dict, marks: Marks, accent: str) -> dict:
    """A block for the page: texts as HTML, and Liquid of its own around what may vanish."""
    kind = block["type"]
    shown = {"type": kind}
    for key in ("url", "link", "alt", "label"):
        shown[key] = marks.whole(block.get(key, ""))
    text = block.get("text", "")
    if kind == "heading":
        shown["html"] = marks.html(markup.of_line(text))
    elif text:
        shown["html"] = marks.html(markup.of_text(text, link_style=f"color:{accent};"))
    if kind == "offer":
        for key, name in (
            ("discount", "offer_in_words"),
            ("code", "offer_code"),
            ("until", "offer_expires_on"),
        ):
            shown[f"{key}_begins"] = marks.put(f"{{% if {name} %}}", is_part=True)
            shown[f"{key}_ends"] = marks.put("{% endif %}", is_part=True)
            shown[key] = marks.put(f"{{{{ {name} }}}}")
        shown["code_word"] = marks.put("{{ your_code_word }}")
        shown["until_word"] = marks.put("{{ until_word }}")
    if kind == "openings":
        name = openings_field(block)
        shown["begins"] = marks.put(f"{{% if {name} %}}", is_part=True)
        shown["word"] = marks.put("{{ free_times_word }}")
        shown["times"] = marks.put(f"{{{{ {name} }}}}")
        shown["ends"] = marks.put("{% endif %}", is_part=True)
    return shown
