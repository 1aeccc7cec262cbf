"""The reference page, docs/reference/policies.md, made from the rules."""

from collections.abc import Iterator

from policies.rule import Level, Rule
from policies.rules import TOPICS

TOPOLOGIES = ("dev", "prod", "mono")
AUDITED = "`berth status --audit` looks at the live containers"
UNSEEN = {
    "4.3": ("unnecessary packages in images", "what is in an image, no resource shows; berth's own has one static program"),
    "4.4": ("images scanned and rebuilt", "a scanner's work; pins are renewed with `berth pin`"),
    "4.5": ("content trust", "digests take its place: a pinned image is what it was"),
    "4.7": ("update instructions alone in Dockerfiles", "a linter's work: no resource shows a Dockerfile"),
    "4.8": ("setuid permissions in images", "no resource shows them, and `no-new-privileges` takes their effect away"),
    "4.9": ("COPY instead of ADD", "a linter's work: no resource shows a Dockerfile"),
    "4.11": ("verified packages", "what an image is built of, no resource shows"),
    "4.12": ("signed artifacts validated", "what an image is built of, no resource shows"),
    "5.1": ("no swarm mode", "a setting of the engine, not of a container"),
    "5.21": ("the host's UTS namespace", f"the provider has no property for it, so nothing can ask for it; {AUDITED}"),
    "5.23": ("docker exec with privileges", "what somebody does later; `berth exec` never asks for any"),
    "5.24": ("docker exec as root", "what somebody does later; `berth exec` runs as the service's user"),
}
"""Numbers of the CIS Docker Benchmark, sections 4 and 5, that no resource can show: what they ask for, and why not here."""
HEAD = """\
# Policies

<!-- Made from the docstrings of the rules in policies/ by `make golden`: what is wrong here is mended there. -->

What no stage may do. The rules are asked of every resource before it is made or changed, by a policy pack of Pulumi: `berth preview` and `berth up`
run it for every stage that is not dev, `berth preview --policies` for dev too, and any Pulumi takes it with `--policy-pack policies`.

A violation of a *mandatory* rule ends the run before anything is made of that resource; an *advisory* one is said. A value that is not known yet,
the id of an image that is still to be built for example, is asked about when it is. CIS is the Docker Benchmark 1.6.0 of the Center for Internet Security.
"""
TABLE = ("| rule | CIS | asks that | dev | prod | mono |", "|---|---|---|---|---|---|")
REST = """\
## What no resource can show

| CIS | about | why it is no rule here |
|---|---|---|
"""


def page() -> str:
    """Write the page."""
    return "\n".join([HEAD, *_topics()]) + "\n" + REST + "".join(f"| {number} | {about} | {why} |\n" for number, (about, why) in UNSEEN.items())


def _topics() -> Iterator[str]:
    for topic, rules in TOPICS.items():
        yield "\n".join([f"## {topic}", "", *TABLE, *(_row(rule) for rule in rules)]) + "\n"


def _row(rule: Rule) -> str:
    levels = " | ".join(_level(rule.levels.get(topology)) for topology in TOPOLOGIES)
    return f"| `{rule.name}` | {', '.join(rule.cis) or 'own'} | {rule.asks.replace('|', chr(92) + '|')} | {levels} |"


def _level(level: Level | None) -> str:
    return level.value if level else "not asked"
