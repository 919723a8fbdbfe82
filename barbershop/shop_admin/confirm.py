"""Admin actions that ask first: a page says what would happen, a one-time token lets it happen.

The token names the person, the action and the rows it was shown for, so that nothing else is
confirmed by it; and it is spent by inserting a row, so that of two submits only one acts.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from django.contrib import messages
from django.contrib.admin import helpers
from django.core import signing
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse

from barbershop.models import IdempotencyKey
from barbershop.plain_text import validate_one_line

MAX_ROWS = 20
MAX_REASON = 200  # characters
MISSING = f"Say why, on one line of at most {MAX_REASON} characters: nothing was done yet."
VALID_SECONDS = 3600
SALT = "barbershop.shop_admin.confirm"


@dataclass(frozen=True)
class Consequence:
    """What an action would do to one row.

    Attributes:
        facts: ``(number or word, meaning)`` pairs.
        blocker: why it cannot be done at all; "" when it can.
    """

    facts: list[tuple[object, str]] = field(default_factory=list)
    blocker: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """An action with its question.

    Attributes:
        foresee: ``(row)`` to a ``Consequence``; it may cost queries, so rows are few.
        act: ``(row, by)``; raises one of ``refusals``, whose text is shown.
        done: what is said of a row when it has been done, such as "is paused".
        may: ``(request, row)``: whether this person may do it to this row.
        asks_reason: the question asks why; ``act`` gets it as ``reason``.
        once: False where doing it twice does no more than once: the token is then not spent, which
            a row without a shop could not do.
    """

    action: str
    question: str
    label: str
    foresee: Callable
    act: Callable
    done: str
    may: Callable
    refusals: type[Exception] | tuple[type[Exception], ...]
    danger: bool = False
    asks_reason: bool = False
    once: bool = True


def ask_then_act(model_admin, request, queryset, step: Step):
    """Show the question; on the way back with its token, act. The answer of an admin action."""
    rows = list(queryset.order_by("pk")[: MAX_ROWS + 1])
    if len(rows) > MAX_ROWS:
        say = f"Choose at most {MAX_ROWS} at a time, so that each can be looked at."
        return model_admin.message_user(request, say, messages.ERROR)
    if not all(step.may(request, row) for row in rows):
        say = "Your role does not allow this for every row you chose."
        return model_admin.message_user(request, say, messages.ERROR)
    token = request.POST.get("confirm_token")
    if token is None or _lacks_reason(request, step):
        return _question(model_admin, request, rows, step, said=MISSING if token else "")
    said = _refused_token(request, token, rows, step)
    if said:
        model_admin.message_user(request, said, messages.WARNING)
    else:
        _act(model_admin, request, rows, step)
    return HttpResponseRedirect(request.get_full_path())


def _reason(request) -> str:
    return request.POST.get("reason", "").strip()


def _lacks_reason(request, step: Step) -> bool:
    """The browser asks for it, too; not every browser."""
    if not step.asks_reason:
        return False
    try:
        validate_one_line(_reason(request))
    except ValidationError:
        return True
    return not 0 < len(_reason(request)) <= MAX_REASON


def _question(model_admin, request, rows, step: Step, *, said: str = "") -> TemplateResponse:
    foreseen = [(row, step.foresee(row)) for row in rows]
    context = {
        **model_admin.admin_site.each_context(request),
        "title": step.question,
        "opts": model_admin.model._meta,
        "media": model_admin.media,
        "step": step,
        "foreseen": foreseen,
        "possible": any(not consequence.blocker for _, consequence in foreseen),
        "token": token_for(request.user, rows, step.action),
        "said": said,
        "max_reason": MAX_REASON,
        "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
    }
    request.current_app = model_admin.admin_site.name
    return TemplateResponse(request, "admin/confirm_action.html", context)


def token_for(user, rows, action: str) -> str:
    """Every question has its own: confirming one does not use up the next."""
    meaning = _meaning(user, rows, action)
    return signing.dumps({"is": meaning, "nonce": secrets.token_hex(8)}, salt=SALT)


def _meaning(user, rows, action: str) -> list:
    return [user.pk, action, *sorted(row.pk for row in rows)]


def _refused_token(request, token: str, rows, step: Step) -> str:
    """Why a token does not count; "" when it does, and then it is spent."""
    try:
        meant = signing.loads(token, salt=SALT, max_age=VALID_SECONDS)["is"]
    except signing.BadSignature:
        return "This question is too old or not ours: nothing was done. Please choose again."
    if not rows or meant != _meaning(request.user, rows, step.action):
        return "That was asked about something else: nothing was done. Please choose again."
    if step.once and not _spend(token, shop=rows[0].shop, path=request.path):
        return "You confirmed this already: it was done once."
    return ""


def _spend(token: str, *, shop, path: str) -> bool:
    digest = hashlib.sha256(token.encode()).hexdigest()
    try:
        with transaction.atomic():
            IdempotencyKey.objects.create(
                shop=shop,
                key=f"admin:{digest}",
                method="POST",
                path=path[:255],
                body_digest=digest,
            )
    except IntegrityError:
        return False
    return True


def _act(model_admin, request, rows, step: Step) -> None:
    act = partial(step.act, reason=_reason(request)) if step.asks_reason else step.act
    for row in rows:
        try:
            act(row, request.user)
        except step.refusals as refused:
            model_admin.message_user(request, f"{row}: {refused}", messages.ERROR)
        else:
            model_admin.message_user(request, f"{row} {step.done}.", messages.SUCCESS)
