"""Templates that somebody might write to get more than a message out of the engine."""

DEEP = "{% if visit_count > 1 %}" * 1_000 + "x" + "{% endif %}" * 1_000
MANY = "{{ customer_first_name | upcase }}" * 2_500

# Refused when saved.
REFUSED = {
    # loops
    "for": "{% for i in (1..1000000) %}{{ i }}{% endfor %}",
    "nested for": "{% for a in (1..9999) %}{% for b in (1..9999) %}x{% endfor %}{% endfor %}",
    "tablerow": "{% tablerow i in (1..99999999) cols:2 %}x{% endtablerow %}",
    "cycle": "{% cycle 'a', 'b' %}",
    "while": "{% while true %}x{% endwhile %}",
    "jinja for": "{% for x in ''.__class__.__mro__ %}{{ x }}{% endfor %}",
    # laughs
    "assign": "{% assign a = 'ha' %}{% assign b = a | append: a %}{{ b }}",
    "capture": "{% capture a %}haha{% endcapture %}{{ a }}{{ a }}",
    "increment": "{% increment n %}",
    "echo": "{% echo customer_first_name %}",
    "liquid tag": "{% liquid assign a = 1 %}",
    "ranges": "{{ (1..99999999) }}",
    "range in a condition": "{% if (1..99999999) contains 5 %}x{% endif %}",
    # other files
    "include": "{% include 'settings' %}",
    "render": "{% render '../../etc/passwd' %}",
    "extends": "{% extends 'base.html' %}",
    "load": "{% load static %}",
    "raw": "{% raw %}{{ customer_first_name }}{% endraw %}",
    "comment": "{% comment %}x{% endcomment %}",
    "inline comment": "{% # x %}",
    "doc": "{% doc %}x{% enddoc %}",
    # walks
    "owner's password": "{{ customer.shop.owner.password }}",
    "field's parts": "{{ customer_first_name.__class__ }}",
    "index": "{{ customer_first_name['__class__'] }}",
    "number index": "{{ customer_first_name[0] }}",
    "size": "{{ customer_first_name.size }}",
    "dunder": "{{ __class__ }}",
    "globals": "{{ self.__init__.__globals__ }}",
    "settings": "{{ settings.SECRET_KEY }}",
    "request": "{{ request.user.password }}",
    "walk in a condition": "{% if customer.email == 'a@b.example' %}x{% endif %}",
    "walk in a filter": "{{ customer_first_name | default: shop.owner }}",
    "jinja mro": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "jinja cycler": "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
    "jinja arithmetic": "{{ 7*7 }}",
    "jinja call": "{{ range(10) }}",
    "jinja set": "{% set x = 1 %}",
    "jinja macro": "{% macro m() %}x{% endmacro %}",
    "django debug": "{% debug %}",
    "django csrf": "{% csrf_token %}",
    "django with": "{% with a=1 %}{{ a }}{% endwith %}",
    "django filter": "{{ customer_first_name|add:'x' }}",
    "django filter argument": "{{ customer_first_name|default:'x'|safe }}",
    # filters
    "giant truncate": "{{ customer_first_name | truncate: 99999999999999999999 }}",
    "negative truncate": "{{ customer_first_name | truncate: -5 }}",
    "truncate by a text": "{{ customer_first_name | truncate: 'x' }}",
    "unknown filter": "{{ customer_first_name | upcas }}",
    "internal filter": "{{ customer_first_name | as_html }}",
    "replace": "{{ customer_first_name | replace: 'a', 'aaaaaaaaaaaaaaaa' }}",
    "times": "{{ visit_count | times: 999999999 }}",
    "decode": "{{ customer_first_name | base64_decode }}",
    "date of everything": "{{ last_visit_on | date: '%9999999999d' }}",
    "date with c": "{{ last_visit_on | date: '%c%n' }}",
    "filters without end": "{{ customer_first_name " + "| upcase " * 500 + "}}",
    # form
    "nested": DEEP,
    "too many": MANY,
    "long condition": "{% if " + " or ".join(["visit_count > 1"] * 5_000) + " %}x{% endif %}",
    "unclosed output": "{{ customer_first_name",
    "unclosed tag": "{% if visit_count",
    "unclosed block": "{% if visit_count > 1 %}x",
    "stray end": "x{% endif %}",
    "wrong end": "{% if visit_count > 1 %}x{% endunless %}",
    "else twice": "{% if visit_count > 1 %}a{% else %}b{% else %}c{% endif %}",
    "open quotation": "{{ customer_first_name | default: 'x }}" + "'" * 5_000,
    "many openings": "{{" * 40_000,
    "many tag openings": "{% " * 30_000,
    "output in output": "{{ {{ customer_first_name }} }}",
    "tag in output": "{{ {% if x %} }}",
    "empty": "{{ }}",
    "literal": "{{ 'customer' }}",
    # other engines with our braces
    "handlebars if": "{{#if customer_first_name}}x{{/if}}",
    "handlebars raw": "{{{ customer_first_name }}}",
    "handlebars insert": "{{insert customer_first_name}}",
    "handlebars partial": "{{> header}}",
    "handlebars comment": "{{! x }}",
    "angular": "{{constructor.constructor('alert(1)')()}}",
    "format": "{{ 0.__class__.__format__ }}",
    "homoglyph": "{{ сustomer_first_name }}",  # noqa: RUF001 - a Cyrillic letter
    "full width": "{{ ｃustomer_first_name }}",  # noqa: RUF001
    "zero width": "{{ customer\u200b_first_name }}",
    "bidi": "{{ \u202ecustomer_first_name }}",
    "no-break space": "{{\u00a0customer_first_name.x }}",
}

# Text for Liquid: it goes out as it stands.
LITERAL = {
    "format string": "{0.__class__} {customer_first_name} %s %(x)s %n",
    "template string": "${7*7} #{7*7} $customer",
    "erb": "<%= 7*7 %> <%= system('id') %>",
    "django comment": "{# secret #}",
    "sendgrid legacy": "-customer_first_name- [%first_name%] <%first_name%> %first_name%",
    "ssi": "<!--#exec cmd='id' -->",
    "full width braces": "\uff5b\uff5b customer_first_name \uff5d\uff5d",
    "entities": "&#123;&#123; customer_first_name &#125;&#125; &lcub;",
    "broken braces": "{ { customer_first_name } } {\u200b{ customer_first_name }\u200b}",
    "our own names": "_link_0 _text_0 as_html q0123456789abcdefn0e",
}

_WHENS = "".join(f"{{% when 'a{n}', 'b{n}', 'c{n}', 'd{n}', 'e{n}' %}}x" for n in range(198))
_MANY_WORDS = f"{{% case customer_first_name %}}{_WHENS}{{% endcase %}}"
# Allowed, and as large as it may be.
LARGEST = [
    "{% if visit_count > 1 %}<p>x</p>{% endif %}" * 100,
    "{% if visit_count > 1 %}a" + "{% elsif visit_count == 9 %}b" * 198 + "{% endif %}",
    "{% case customer_first_name %}" + "{% when 'a' %}b" * 198 + "{% endcase %}",
    _MANY_WORDS,
    "{{ customer_first_name | upcase | downcase }}" * 1_000,
    "".join(f"<a href='https://a.example/{n}'>x</a>" for n in range(2_600)),
    "{% if visit_count > 1 %}" * 10 + "x" + "{% endif %}" * 10,
    "{% if " + " or ".join(["visit_count > 1"] * 15) + " %}x{% endif %}",
    "{{ customer_first_name | default: '" + "x" * 1_900 + "' | truncate: 999999999 }}" * 45,
    "<" * 99_000,
    "&" * 99_000,
    "&" * 99_000 + "{{ customer_first_name }}",
    "<p " + " ".join(f"a{n}=1" for n in range(12_000)) + ">x</p>",
    "<a href='https://x.example/{{ offer_code }}'>x</a>" * 900,
    "<div>" * 4_900 + "x",
    "x" + "<!--" * 20_000,
]
