"""Where a request came from, for evidence and for limits."""

import ipaddress


def client_ip(request) -> str | None:
    """The caller's address; behind our own proxy the one that the proxy saw.

    Only a caller from a private network is taken for our proxy, and of what it forwards only the
    last entry, the one it wrote itself: everything before could have been sent by anybody.
    """
    direct = _address(request.META.get("REMOTE_ADDR", ""))
    if direct is None or direct.is_global:
        return direct and str(direct)
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
    return str(_address(forwarded.strip()) or direct)


def _address(text: str):
    try:
        # Without the zone of an IPv6 address: a name of its sender's own, of any length.
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
