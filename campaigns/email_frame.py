"""An email as a page of its own, for a frame within ours: nothing in it can run or reach us."""

from django.http import HttpResponse

# Pictures and the email's own styles, and no more than a mail program allows: no script, no form,
# no frame, no fonts. The sanitiser lets no other pictures in than those of the web, and the check
# of the texts warns of those without https.
POLICY = (
    "default-src 'none'; img-src https:; style-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'; sandbox"
)


def email_page(html: str) -> HttpResponse:
    return HttpResponse(
        html,
        headers={
            "Content-Security-Policy": POLICY,
            "X-Frame-Options": "SAMEORIGIN",
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "private, no-store",
        },
    )
