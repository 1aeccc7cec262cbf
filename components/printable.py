"""Text that others wrote, before a person sees it."""


def printable(text: str) -> str:
    """Without what could drive a terminal: a log is whatever the application wrote."""
    return "".join(character if character.isprintable() or character == "\t" else "?" for character in text)
