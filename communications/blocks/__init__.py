"""Emails as blocks or as HTML, to the HTML source that is stored with a content.

The source still has its Liquid; the shop's branding of the moment is frozen in it.
"""

from communications.blocks.hidden import hidden_words
from communications.blocks.pages import plain_page, source
from communications.blocks.parsing import parse
from communications.blocks.plain import text_of_blocks, text_of_html
from communications.blocks.sanitising import MarkupError, sanitised

__all__ = [
    "MarkupError",
    "hidden_words",
    "parse",
    "plain_page",
    "sanitised",
    "source",
    "text_of_blocks",
    "text_of_html",
]
