"""The command `berth`."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from ops import audit, culprits, data, drift, erase, execute, policies, prune, recall, repair, services
from ops import logs as log
from ops.console import OUT, Stop, amount, complain, print_json, say
from ops.engine import Engine
from ops.guard import guarded
from ops.news import News
from ops.project import Project, Stage
from ops.pulumi_cli import Pulumi, interactive
from ops.state import State
from ops.waiting import turn
from ops.watch import Watch

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, rich_markup_mode=None)

Stack = Annotated[str, typer.Option("-s", "--stack", help="The stage: Pulumi.<stack>.yaml describes it.")]
Policies = Annotated[bool, typer.Option("--policies", help="Ask the rules of the policy pack in dev too, where they are advice.")]
Arguments = Annotated[list[str] | None, typer.Argument(metavar="[-- PULUMI_ARGS...]", help="More arguments for Pulumi.")]
STOPPED = "Stopped with grace; the next run goes on from here."


def _stage(stack: str) -> Stage:
    return Project.find(Path.cwd()).stage(stack)


def _turn_file(stage: Stage) -> Path:
    return stage.identity_file.with_suffix(".run")


@app.command()
@guarded
def up(
    stack: Stack = "dev",
    arguments: Arguments = None,
    accept_lost_data: Annotated[bool, typer.Option(data.ACCEPT, help="Start empty what had a data volume that is gone.")] = False,
    ask_policies: Policies = False,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: how the services are in the end; everything else goes to standard error.")] = False,
) -> int:
    """Bring a stage up: mend what a killed run left, run `pulumi up`, show how the services are."""
    if as_json:
        OUT.stderr = True
    stage = _stage(stack)
    engine, pulumi = Engine.connect(stage), Pulumi(stage)
    with turn(_turn_file(stage), stage.stack):
        recall.refuse_another(stage, pulumi)
        recall.refuse_shared(stage, engine)
        state = repair.prepare(stage, engine, pulumi, lambda state: data.refuse_lost(stage, engine, state, accept=accept_lost_data))
        drift.mend(stage, engine, state)
        watch = Watch(stage, engine, None if interactive() else News(pulumi.written))
        # a plan that nobody is asked about is worth its time where rules judge it before anything is done
        first = policies.arguments(stage, asked=ask_policies) or ["--skip-preview"]
        more = [*first, *_refreshing(stage, engine, state, arguments or ())]
        code = pulumi.stream("up", "--yes", "--suppress-outputs", *more, look=watch.look)
        if code and not pulumi.stopped:
            culprits.explain(stage, engine, code, watch.failed)
        if pulumi.stopped:
            say(STOPPED)
        if code and as_json:
            print_json(services.as_json(stage, engine, pulumi.state()))
        if code:
            return code
        state = pulumi.state()
        repair.sweep(stage, engine, state)
        return _result(stage, engine, state, as_json=as_json)


def _refreshing(stage: Stage, engine: Engine, state: State, given: Sequence[str]) -> list[str]:
    """Arguments for Pulumi, which has to look at everything again when something is lost."""
    lost = repair.lost(engine.objects(stage), engine.volume_names(), state) + repair.lost_images(engine, state)
    if not lost or any(argument.startswith("--refresh") for argument in given):
        return list(given)
    say(f"repair: not on the engine any more, or stopped: {', '.join(lost)}; looking at everything again (--refresh)")
    return [*given, "--refresh"]


def _result(stage: Stage, engine: Engine, state: State, *, as_json: bool) -> int:
    found = services.settle(stage, engine, state)
    if as_json:
        print_json(services.as_json(stage, engine, state))
    else:
        services.show(state.outputs, found)
    data.mention_unused(engine.objects(stage), state)
    if all(service.well for service in found):
        return 0
    culprits.explain(stage, engine, 1)
    return 1


@app.command()
@guarded
def preview(stack: Stack = "dev", arguments: Arguments = None, ask_policies: Policies = False) -> int:
    """Show what `up` would do, and change nothing."""
    stage = _stage(stack)
    engine, pulumi = Engine.connect(stage), Pulumi(stage)
    pulumi.make()
    if left := repair.due(stage, engine, pulumi.state()):
        complain(f"left behind by a killed run or changed by hand, which berth up -s {stack} mends: {', '.join(left)}")
    return pulumi.stream("preview", *policies.arguments(stage, asked=ask_policies), *(arguments or ()))


@app.command()
@guarded
def down(stack: Stack = "dev") -> int:
    """Remove everything but data and secrets, and list those."""
    stage = _stage(stack)
    engine, pulumi = Engine.connect(stage), Pulumi(stage)
    with turn(_turn_file(stage), stage.stack):
        stage, known = recall.recalled(stage, pulumi), recall.last_known(stage, pulumi)
        code = _down(stage, engine, pulumi)
        if not code:
            erase.list_kept(stage, engine, known)
        return code


def _down(stage: Stage, engine: Engine, pulumi: Pulumi) -> int:
    if not repair.prepare(stage, engine, pulumi).resources:
        say(f"Stage {stage.stack} is not up: there is nothing to stop.")
        return 0
    code = pulumi.stream("destroy", "--yes", "--exclude-protected", "--suppress-outputs")
    if code:
        complain(f"failed with exit code {code}; the cause stands above. Mend it and run this again" if not pulumi.stopped else STOPPED)
        return code
    repair.sweep(stage, engine, pulumi.state())
    return 0


@app.command(name="erase")
@guarded
def erase_(stack: Stack = "dev", confirm: Annotated[str | None, typer.Option(help="The stack's name, instead of typing it.")] = None) -> int:
    """Remove a dev stage with its data, secrets and built images."""
    stage = _stage(stack)
    erase.refuse_other_than_dev(stage)
    engine, pulumi = Engine.connect(stage), Pulumi(stage)
    with turn(_turn_file(stage), stage.stack):
        if not stage.identity_file.exists() and not pulumi.exists():
            say(f"There is nothing to erase: stage {stage.stack} does not exist here.")
            return 0
        erase.confirmed(stage, confirm)
        stage = recall.recalled(stage, pulumi)
        recall.refuse_another(stage, pulumi)
        known = recall.last_known(stage, pulumi)
        code = _down(stage, engine, pulumi)
        if not code:
            erase.erase(stage, engine, pulumi, known)
        return code


@app.command()
@guarded
def status(
    stack: Stack = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
    audited: Annotated[bool, typer.Option("--audit", help="Ask the rules of the policy pack of what is on the engine; ends with 1 if one fails.")] = False,
) -> int:
    """Show how the services of a stage are."""
    stage = _stage(stack)
    engine, pulumi = Engine.connect(stage), Pulumi(stage)
    stage, state = recall.recalled(stage, pulumi), pulumi.state()
    if audited:
        return _audit(stage, engine, state, as_json=as_json)
    if as_json:
        print_json(services.as_json(stage, engine, state))
        return 0
    there = engine.objects(stage)
    if found := services.services(state.outputs, there.containers):
        services.show(state.outputs, found, drift.words(there, state, engine.tags()))
        used = engine.disk(stage, stage.application)
        say(f"Disk: {', '.join(f'{what} {amount(size)}' for what, size in used.items())}", style="dim")
    else:
        say(f"Stage {stage.stack} is not up: berth up -s {stage.stack} brings it up.")
    return 0


def _audit(stage: Stage, engine: Engine, state: State, *, as_json: bool) -> int:
    if not state.outputs:
        raise Stop(f"stage {stage.stack} is not up, and nothing of it can be audited: berth up -s {stage.stack} brings it up")
    live = audit.resources(engine.inspected(stage), engine.networks(stage), engine.volumes(stage), state.outputs)
    findings = audit.audit(live, stage.topology)
    if as_json:
        print_json(audit.as_json(findings))
    else:
        audit.show(findings)
    return int(any(one.result == "fail" for one in findings))


@app.command()
@guarded
def pin(stack: Stack = "dev") -> int:
    """Write down the digest of every image that the stage pulls by a tag: later runs pull the very same."""
    from ops import pin as pins  # noqa: PLC0415  # as for config

    stage = _stage(stack)
    pins.pin(stage.project.root, stack, Engine.connect(stage))
    return 0


Services = Annotated[list[str] | None, typer.Argument(metavar="[SERVICE...]", help="Services, or single containers; all of them where none is named.")]


@app.command()
@guarded
def logs(
    names: Services = None,
    stack: Stack = "dev",
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on with what is written from now on.")] = False,
    lines: Annotated[int, typer.Option("-n", "--lines", min=0, help="Last lines of each container.")] = 100,
    as_json: Annotated[bool, typer.Option("--json", help="For programs: an object a line.")] = False,
) -> int:
    """Show what services write, in the order of time."""
    stage = _recalled(stack)
    log.show(stage, Engine.connect(stage), names or (), lines=lines, follow=follow, as_json=as_json)
    return 0


@app.command(name="exec", context_settings={"allow_interspersed_args": False, "ignore_unknown_options": True})
@guarded
def exec_(
    service: Annotated[str, typer.Argument(help="A service, or a single container.")],
    command: Annotated[list[str], typer.Argument(help="Program and arguments.")],
    stack: Stack = "dev",
) -> int:
    """Run a command in a container with the variables of its own process, secrets included: `berth exec db psql`."""
    stage = _recalled(stack)
    found = execute.pick(Engine.connect(stage).objects(stage).containers, service)
    execute.become(found, execute.wrapped(found.command, found.probe_command, command), stage.engine_host, os.environ)


@app.command(name="open")
@guarded
def open_(
    service: Annotated[str, typer.Argument(help="A service with a page of its own.")] = "",
    stack: Stack = "dev",
    as_json: Annotated[bool, typer.Option("--json", help="For programs: the address alone, and no browser.")] = False,
) -> int:
    """Open the site, or the page of a service, in the browser; and say its address."""
    stage = _recalled(stack)
    url = services.page(Pulumi(stage).state().outputs, service, stack)
    if as_json:
        print_json({"service": service or None, "url": url})
        return 0
    say(url)
    if OUT.is_terminal:
        typer.launch(url)
    return 0


@app.command(name="prune")
@guarded
def prune_(
    stack: Stack = "dev",
    keep: Annotated[int, typer.Option(min=0, help="Images of each service to keep, the newest, beside those in use.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,
) -> int:
    """Remove images that this application built and nothing runs any more."""
    stage = _stage(stack)
    gone = prune.prune(Engine.connect(stage), stage.application, keep)
    if as_json:
        print_json(prune.as_json(gone, stage.application))
    else:
        prune.show(gone, stage.application, keep)
    return 0


def _recalled(stack: str) -> Stage:
    """A stage whose containers can be found, also when its identity file is gone."""
    stage = _stage(stack)
    return recall.recalled(stage, Pulumi(stage)) if stage.instance is None else stage


@app.command(name="config")
@guarded
def config_(stack: Stack = "dev", as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False) -> int:
    """Show every value of a stage and where it comes from; needs no engine, no Pulumi and no passphrase."""
    from ops import configuration  # noqa: PLC0415  # the models bring Pulumi with them, which takes a second that no other command has to wait

    stage = _stage(stack)
    configuration.show(stage.project.root, stack, as_json=as_json)
    return 0
