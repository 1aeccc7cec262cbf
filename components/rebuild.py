"""Why an image does not build: the provider's error has nothing of what the build wrote, so its last step is repeated and shown."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pulumi

from components.printable import printable

LINES = 20
PATIENCE_S = 600
STOPPED = "context canceled"


def explained(image: str) -> pulumi.ResourceHookBinding:
    """Show, once the build of a service's image has failed, the last lines that it writes."""

    def explain(failed: pulumi.ErrorHookArgs) -> bool:
        if text := told(image.removesuffix("-image"), failed):
            pulumi.log.error(text)
        return False  # it is not tried again

    return pulumi.ResourceHookBinding(on_error=[pulumi.ErrorHook(f"{image}-why", explain)])


def told(service: str, failed: pulumi.ErrorHookArgs) -> str:
    """What to say of a failure; nothing of one that somebody asked for, or that is none of a build."""
    build = (failed.new_inputs or {}).get("build")
    return explanation(service, build) if build and not any(STOPPED in error for error in failed.errors) else ""


def explanation(service: str, build: Mapping[str, Any]) -> str:
    """Repeat a build and say how it ends; what went well is not done again."""
    file = Path(build["context"]) / build.get("dockerfile", "Dockerfile")
    words = command(build)
    if not shutil.which(words[0]):
        return f"{service}: {file} does not build. See why: {' '.join(words)}"
    try:
        done = subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE_S, check=False)  # noqa: S603  # what the stage builds
    except subprocess.TimeoutExpired:
        return f"{service}: {file} does not build within {PATIENCE_S} s. See why: {' '.join(words)}"
    if not done.returncode:
        return f"{service}: {file} did not build the first time, and does now: run this again"
    lines = done.stdout.decode(errors="replace").rstrip().splitlines()[-LINES:]
    return "\n".join([f"{service}: {file} does not build; the last lines of its output:", *(f"    {printable(line)}" for line in lines)])


def command(build: Mapping[str, Any]) -> list[str]:
    """The command that builds the same."""
    context = str(build["context"])
    options = ["--file", str(Path(context) / build.get("dockerfile", "Dockerfile"))]
    options += ["--target", build["target"]] if build.get("target") else []
    for name, value in sorted((build.get("buildArgs") or {}).items()):
        options += ["--build-arg", f"{name}={value}"]
    for secret in build.get("secrets") or ():
        options += ["--secret", f"id={secret['id']},src={secret['src']}"]
    return ["docker", "build", "--progress=plain", *options, context]
