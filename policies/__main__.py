"""The pack as Pulumi runs it: `--policy-pack` with this folder."""

import pulumi

from policies.pack import run

run(pulumi.Config("berth").get("topology"))
