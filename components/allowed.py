"""What the configuration allows by a field of its own though a rule of the policy pack asks against it.

It is said on the resource itself: a pack cannot read app.yaml, and then only advises against it."""

ALLOWS = "berth.allows"
"""Label, or trigger of an image, which has no labels, that holds the names of the fields."""


def allowing(**fields: bool) -> dict[str, str]:
    """The label, for the fields that allow something; nothing where none does."""
    names = [name for name, allowed in sorted(fields.items()) if allowed]
    return {ALLOWS: ",".join(names)} if names else {}
