"""A run in figures for operators: whether the books add up, and what is still open."""

import datetime as dt

from django.db.models import Count, Exists, OuterRef, Q

from barbershop.templatetags.ui import ago, counted
from campaigns import live, progress
from campaigns.models import CampaignExecution
from communications.delivery import resolve
from communications.models import CustomerCommunication, DeliveryAttempt, Dispatch

WORDS = ("pending", "sent", "blocked", "rejected", "unknown", "cancelled")


def of(execution: CampaignExecution, *, now: dt.datetime) -> dict:
    """Everything about one run, ready for JSON. Times are ISO 8601 in UTC, ages in seconds.

    ``adds_up``: the words of ``counts`` make up the rows of the ledger. Rows are only ever added,
    so what was counted lies between the rows before and the rows after, also while it runs.
    """
    rows = CustomerCommunication.objects.filter(dispatch=execution.dispatch_id)
    before = rows.count()
    found = live.of(execution, now=now)
    after = rows.count()
    total = sum(getattr(found.counts, word) for word in WORDS)
    return _heading(execution) | {
        "as_of": now.isoformat(),
        "counts": found.counts.as_dict(),
        "rows": after,
        "adds_up": before <= total <= after and total == found.counts.audience,
        "on_the_wire": _calls(found.on_the_wire, now=now),
        "unresolved": _calls(found.unresolved, now=now),
        "open_incidents": found.open_incidents,
        "incidents": [
            {
                "incident": incident.pk,
                "kind": incident.kind,
                "detail": incident.detail,
                "created_at": incident.created_at.isoformat(),
            }
            for incident in found.incidents
        ],
    }


def unfinished(*, now: dt.datetime) -> list[dict]:
    """The runs that are not over, and those with calls without an outcome, the newest first."""
    lost = DeliveryAttempt.objects.filter(dispatch=OuterRef("dispatch"), state__in=live.UNRESOLVED)
    wanted = Q(dispatch__state__in=Dispatch.STOPPABLE) | Exists(lost)
    executions = CampaignExecution.objects.select_related("dispatch", "definition", "shop")
    runs = list(executions.filter(wanted).order_by("-started_at", "-pk"))
    counts = progress.count(runs)
    calls = _calls_by_dispatch(runs)
    return [
        _heading(run)
        | {"as_of": now.isoformat(), "counts": counts[run.pk].as_dict()}
        | calls.get(run.dispatch_id, {"on_the_wire": 0, "unresolved": 0})
        for run in runs
    ]


def _heading(execution: CampaignExecution) -> dict:
    dispatch = execution.dispatch
    return {
        "execution": execution.pk,
        "campaign": execution.definition_id,
        "name": execution.definition.name,
        "shop": execution.shop.name,
        "status": execution.current_status,
        "pause_cause": dispatch.pause_cause,
        "paused_reason": dispatch.paused_reason,
        "started_at": execution.started_at.isoformat(),
        "sends_from": _iso(dispatch.starts_at),
        "prepared_at": _iso(dispatch.prepared_at),
        "finished_at": _iso(dispatch.finished_at),
    }


def _calls(calls: live.Calls, *, now: dt.datetime) -> dict:
    return {
        "calls": calls.number,
        "messages": calls.messages,
        "oldest": [_call(call, now=now) for call in calls.oldest],
    }


def _call(call: DeliveryAttempt, *, now: dt.datetime) -> dict:
    return {
        "attempt": str(call.uuid),
        "channel": call.channel,
        "state": call.state,
        "messages": call.messages,
        "began_at": call.sending_at.isoformat(),
        "age_seconds": max(0, int((now - call.sending_at).total_seconds())),
        "deadline": call.call_deadline.isoformat(),
        "error": call.error,
        "resolved_by": "" if call.state in live.ON_THE_WIRE else resolve.what_next(call, now=now),
    }


def _calls_by_dispatch(runs) -> dict[int, dict[str, int]]:
    rows = (
        DeliveryAttempt.objects.filter(dispatch__in=[run.dispatch_id for run in runs])
        .order_by()
        .values("dispatch")
        .annotate(
            on_the_wire=Count("pk", filter=Q(state__in=live.ON_THE_WIRE)),
            unresolved=Count("pk", filter=Q(state__in=live.UNRESOLVED)),
        )
    )
    return {row.pop("dispatch"): row for row in rows}


def _iso(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def in_words(found: dict) -> str:
    """The same for a terminal."""
    counts = found["counts"]
    sums = " + ".join(f"{counted(counts[word])} {word}" for word in WORDS)
    verdict = "adds up" if found["adds_up"] else f"DOES NOT ADD UP: {found['rows']} rows"
    lines = [
        *_heading_in_words(found),
        f"{sums} = {counted(counts['audience'])} audience: {verdict}",
        f"{counted(counts['people'])} people considered, {counted(counts['held_out'])} held out",
        "",
        *_calls_in_words("On the wire", found["on_the_wire"]),
        *_calls_in_words("Outcome not known", found["unresolved"]),
        f"Open incidents: {counted(found['open_incidents'])}",
        *(f"  {each['incident']}  {each['kind']}: {each['detail']}" for each in found["incidents"]),
    ]
    return "\n".join(lines)


def list_in_words(found: list[dict]) -> str:
    if not found:
        return "No execution runs, is paused, or has a call without an outcome."
    return "\n\n".join("\n".join([*_heading_in_words(each), _line(each)]) for each in found)


def _line(each: dict) -> str:
    counts = " ".join(f"{word} {counted(each['counts'][word])}" for word in ("audience", *WORDS))
    return f"{counts}; calls on the wire {each['on_the_wire']}, unresolved {each['unresolved']}"


def _heading_in_words(found: dict) -> list[str]:
    reason = f" ({found['paused_reason']})" if found["paused_reason"] else ""
    first = f"Execution {found['execution']}: {found['name']}, {found['shop']}"
    times = ("started_at", "sends_from", "prepared_at", "finished_at")
    moments = [f"{name} {found[name]}" for name in times if found[name]]
    return [first, f"{found['status']}{reason}; {', '.join(moments)}"]


def _calls_in_words(title: str, calls: dict) -> list[str]:
    lines = [f"{title}: {counted(calls['calls'])} calls, {counted(calls['messages'])} messages"]
    for call in calls["oldest"]:
        began = dt.datetime.fromisoformat(call["began_at"])
        age = ago(began, began + dt.timedelta(seconds=call["age_seconds"]))
        what = call["resolved_by"] or f"to be answered before {call['deadline']}"
        messages = f"{call['messages']} {call['channel']}"
        lines.append(f"  {call['attempt']}  {call['state']}, {messages}, begun {age}. {what}")
    if calls["calls"] > len(calls["oldest"]):
        lines.append(f"  and {counted(calls['calls'] - len(calls['oldest']))} more")
    return [*lines, ""]
