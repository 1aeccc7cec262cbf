"""Real mistakes in apps, workers, volumes and networks: what to replace in samples.py, by what, and the exact line that berth answers."""

PORT = "    port: 8000"
APP_MISTAKES = {
    "nothing to publish": (
        "dev: { apps: { web: {",
        "dev: { apps: { dark: { image: x, publish: 5173, health: { command: [x] } }, web: {",
        "app.yaml:18: apps.dark: has publish and no port: write the port it listens on",
    ),
    "own labels": (
        PORT,
        f"    labels: {{ berth.role: x }}\n{PORT}",
        "app.yaml:6: apps.web.labels.berth.role: begins with berth., as berth's own labels do: choose another name",
    ),
    "no capability": (
        PORT,
        f"    capabilities: [ALL]\n{PORT}",
        "app.yaml:6: apps.web.capabilities.0: is no capability: write one name of capabilities(7), for example NET_BIND_SERVICE",
    ),
    "a reservation above the limit": (
        "redis: { cache: {} }",
        "redis: { cache: { resources: { memory: 64MiB, memory_reservation: 128MiB } } }",
        "app.yaml:14: redis.cache.resources: has a memory_reservation above its memory: lower it, or raise memory",
    ),
    "a host without a path": (
        PORT,
        f"    health: {{ host: shop.test }}\n{PORT}",
        "app.yaml:6: apps.web.health: has a host and no path: the host belongs to a request, write its path",
    ),
    "a worker without health": (
        ", health: { command: [alive] }",
        "",
        "app.yaml:12: workers.jobs: has no health: write health.command, health.file or health.tcp, for it has no port that could be asked",
    ),
    "a worker with the health of an app": (
        "health: { command: [alive] }",
        "health: { path: / }",
        "app.yaml:12: workers.jobs: has a health that asks no port: write health.command, health.file or health.tcp",
    ),
    "a file of two sources": (
        PORT,
        f"    files: {{ /etc/shop: {{ a.cfg: {{ text: x, template: y }} }} }}\n{PORT}",
        "app.yaml:6: apps.web.files./etc/shop.a.cfg: needs exactly one of template and text",
    ),
    "one address for two": (
        PORT,
        f"    replicas: 2\n    address: 172.20.0.5\n{PORT}",
        "app.yaml:4: apps.web: has several replicas and one address: set replicas to 1, or take the address away",
    ),
    "too small a subnet": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nnetworks: { front: { subnet: 172.20.0.0/29 } }",
        "app.yaml:15: networks.front: has a subnet with too few addresses: write /28 or larger",
    ),
    "a public subnet": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nnetworks: { front: { subnet: 8.8.0.0/16 } }",
        "app.yaml:15: networks.front: has a subnet of public addresses, which would be cut off: write one of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16",
    ),
    "a gateway elsewhere": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nnetworks: { front: { gateway: 172.20.0.1 } }",
        "app.yaml:15: networks.front: has a gateway outside the lower half of its subnet: write both, or take the gateway away",
    ),
    "an open data network in prod": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nnetworks: { data: { internal: false } }",
        "app.yaml:15: networks.data: is open, and then a database could call out, and be called: take internal away; an app gets its way out by egress",
    ),
    "overlapping subnets": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nnetworks: { front: { subnet: 172.20.0.0/16 }, data: { subnet: 172.20.1.0/24 } }",
        "app.yaml:15: networks: has 172.20.1.0/24 for data, which overlaps 172.20.0.0/16 of front: choose another",
    ),
    "_uses_have_an_end": (
        "    uses: [db, cache]",
        "    uses: [db, cache, api]",
        "app.yaml:8: apps.web.uses: leads back to itself (web uses api uses web): take one of them away, for each would wait for the other",
    ),
    "shared_volumes_are_shared": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nvolumes: { common: {} }",
        "app.yaml:15: volumes.common: is mounted by no app: write it under volumes of an app, or take it away",
    ),
    "_addresses_fit": (
        PORT,
        f"    address: 172.20.0.5\n{PORT}",
        "app.yaml:6: apps.web.address: needs a network that is known: write networks.front.subnet, or take the address away",
    ),
}
