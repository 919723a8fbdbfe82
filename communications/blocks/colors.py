"""Colours that can be read: contrast after WCAG 2.2, 1.4.3 (at least 4.5 to 1 for text)."""

ENOUGH = 4.5
WHITE, DARK = "#ffffff", "#1e1e1e"
STEP = 0.04


def contrast(one: str, other: str) -> float:
    """From 1 to 21: (lighter + 0.05) / (darker + 0.05), by relative luminance."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def text_on(background: str) -> str:
    """White where it can be read, else nearly black, else black."""
    return next(
        (color for color in (WHITE, DARK) if contrast(color, background) >= ENOUGH), "#000000"
    )


def readable(color: str, *, on: str) -> str:
    """The colour, darkened or lightened no more than it takes to be read on a background."""
    goal = (255, 255, 255) if _luminance(on) < 0.18 else (0, 0, 0)
    parts, share = _parts(color), 0.0
    while contrast(color, on) < ENOUGH and share < 1:
        share = min(1.0, share + STEP)
        mixed = (round(p + (g - p) * share) for p, g in zip(parts, goal, strict=True))
        color = "#{:02x}{:02x}{:02x}".format(*mixed)
    return color


def _parts(color: str) -> tuple[int, ...]:
    return tuple(int(color[i : i + 2], 16) for i in (1, 3, 5))


def _luminance(color: str) -> float:
    """Relative luminance of sRGB, 0 to 1 (WCAG 2.2, definition)."""
    channels = (part / 255 for part in _parts(color))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
