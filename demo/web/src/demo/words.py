"""Numbers and times as people say them."""

from datetime import UTC, datetime

_UNITS = ("KiB", "MiB", "GiB", "TiB")


def size_in_words(size: int) -> str:
    """A number of bytes: 17 bytes, 4.2 MiB."""
    if size < 1024:
        return "1 byte" if size == 1 else f"{size} bytes"
    amount = float(size)
    for unit in _UNITS:
        amount /= 1024
        if amount < 1023.95 or unit == _UNITS[-1]:
            break
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


def ago(moment: datetime, now: datetime | None = None) -> str:
    """How long ago something was: just now, 5 min ago, 3 h ago, else its day."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60:.0f} min ago"
    if seconds < 86400:
        return f"{seconds // 3600:.0f} h ago"
    return f"{moment:%Y-%m-%d}"
