"""The words that we add to what a shop writes."""

from django import template

from communications import languages

register = template.Library()


@register.filter
def unsubscribe_word(shop) -> str:
    """In the language of the shop."""
    return languages.UNSUBSCRIBE[languages.of_person("", shop=shop)]
