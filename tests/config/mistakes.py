"""Real mistakes in the application of samples.py: what to replace, by what, and the exact line that berth answers; and mistakes in its stage."""

from typing import Any

from tests.config.clashes import CLASHES
from tests.config.mistakes_apps import APP_MISTAKES
from tests.config.mistakes_backing import BACKING_MISTAKES
from tests.config.mono_mistakes import MONO_MISTAKES
from tests.config.proxy_mistakes import PROXY_MISTAKES

SOURCES = "has to be an encrypted text, or a mapping with one of command, environment, file"
EMPTY = "is empty: write a value ({} where the defaults will do) or remove the key; null only takes away what an earlier layer says"
PLACES = "is no place for an app's files: nothing may be mounted at / or in /.berth, /run/secrets, /dev, /proc, /sys; choose another path"
MISTAKES = CLASHES | {
    # the form of values
    "missing": ("name: shop\n", "", "app.yaml: name: is missing: write it"),
    "missing in a service": ("app: web, ", "", "app.yaml:12: workers.jobs.app: is missing: write it"),
    "string_type": ("db: {}", "db: { version: 17 }", "app.yaml:13: postgres.db.version: has to be text: put it in quotes"),
    "string_type of a mapping": ("db: {}", "db: { version: {} }", "app.yaml:13: postgres.db.version: has to be text"),
    "string_type of a switch": ('"${proxy.url}"', "true", "app.yaml:9: apps.web.env.SITE: has to be text: put it in quotes"),
    "int_type": ("port: 8000", 'port: "8000"', "app.yaml:6: apps.web.port: has to be a whole number, without quotes"),
    "bool_type": ("/: {}", "/: { websocket: [] }", "app.yaml:7: apps.web.routes./.websocket: has to be true or false"),
    "string_type in a list": ("[db, cache]", "[db, 7]", "app.yaml:8: apps.web.uses.1: has to be text: put it in quotes"),
    "int_type of a switch": ("    port: 8000", "    port: 8000\n    replicas: true", "app.yaml:7: apps.web.replicas: has to be a whole number, without quotes"),
    "bool_parsing": ("/: {}", "/: { websocket: maybe }", "app.yaml:7: apps.web.routes./.websocket: has to be true or false"),
    "dict_type": ("postgres: { db: {} }", "postgres: [db]", "app.yaml:13: postgres: has to be a mapping of keys to values"),
    "model_type": ("postgres: { db: {} }", "postgres: { db: 17 }", "app.yaml:13: postgres.db: has to be a mapping of keys to values"),
    "tuple_type": ("uses: [db, cache]", "uses: db", "app.yaml:8: apps.web.uses: has to be a list, [a, b]"),
    "enum": ("writers: many", "writers: all", "app.yaml:10: apps.web.volumes.media.writers: is 'all'; allowed: 'one' or 'many'"),
    "literal_error": ("format: 1", "format: 2", "app.yaml:1: format: is 2; allowed: 1"),
    "string_pattern_mismatch": (
        "name: shop",
        "name: My Shop",
        "app.yaml:2: name: is 'My Shop', which does not match ^[a-z][a-z0-9_-]{0,39}$",
    ),
    "string_pattern_mismatch of a key": (
        "  web:\n",
        "  Web:\n",
        "app.yaml:4: apps.Web: is 'Web', which does not match ^[a-z][a-z0-9_-]{0,39}$",
    ),
    "greater_than_equal": ("generate: {}", "generate: { bytes: 8 }", "app.yaml:16: secrets.key.generate.bytes: is 8: write 16 or more"),
    "less_than_equal": ("    port: 8000", "    port: 8000\n    replicas: 101", "app.yaml:7: apps.web.replicas: is 101: write 100 or less"),
    "too_short": ("command: [work]", "command: []", "app.yaml:12: workers.jobs.command: is an empty list: write at least one word"),
    "a long value": (
        "name: shop",
        f"name: {'X' * 5000}",
        f"app.yaml:2: name: is '{'X' * 79}..., which does not match ^[a-z][a-z0-9_-]{{0,39}}$",
    ),
    # what YAML makes of it
    "an empty section": ("postgres: { db: {} }", "postgres:", f"app.yaml:13: postgres: {EMPTY}"),
    "an empty service": ("postgres: { db: {} }", "postgres:\n  db:", f"app.yaml:14: postgres.db: {EMPTY}"),
    "an empty field": ("    port: 8000", "    port: 8000\n    command: null", f"app.yaml:7: apps.web.command: {EMPTY}"),
    "an empty field of an overlay": ("dev: { apps: { web: {", "dev: { apps: { web: { command: ,", f"app.yaml:18: apps.web.command: {EMPTY}"),
    "an empty field that has to be there": ("app: web,", "app: ,", f"app.yaml:12: workers.jobs.app: {EMPTY}"),
    "a key that is nothing": ("postgres: { db: {} }", "postgres: { null: {} }", "app.yaml:13: postgres: has the key null, which is no text: quote it"),
    "a key that is a switch": ('SITE: "${proxy.url}"', "true: x", "app.yaml:9: apps.web.env: has the key true, which is no text: quote it"),
    "a key that is a number": ("{ web: /src }", "{ 1: /src }", "app.yaml:18: apps.web.mounts: has the key 1, which is no text: quote it"),
    "NUL": (
        '"${proxy.url}"',
        '"a\\0b"',
        r"app.yaml:9: apps.web.env.SITE: holds '\x00', which is no character of a text: take it out, or write the character itself",
    ),
    "half of a pair": (
        '"${proxy.url}"',
        '"\\ud83d\\ude00"',
        r"app.yaml:9: apps.web.env.SITE: holds '\ud83d', which is no character of a text: take it out, or write the character itself",
    ),
    "NUL in a list": (
        "command: [work]",
        'command: ["\\0"]',
        r"app.yaml:12: workers.jobs.command.0: holds '\x00', which is no character of a text: take it out, or write the character itself",
    ),
    "NUL in a key": (
        "routes: { /: {} }",
        'routes: { "/\\0": {} }',
        r"app.yaml:7: apps.web.routes./\x00: holds '\x00', which is no character of a text: take it out, or write the character itself",
    ),
    "NUL in a path": (
        "{ context: web }",
        '{ context: "web\\0" }',
        r"app.yaml:5: apps.web.build.context: holds '\x00', which is no character of a text: take it out, or write the character itself",
    ),
    "a line break in a key": (
        "routes: { /: {} }",
        'routes: { "/\\n": {} }',
        r"app.yaml:7: apps.web.routes./\n: is no route: write [host]/path, for example /api or api.demo.example/v2, of letters, digits and . _ ~ @ -",
    ),
    "unknown key": (
        "    port: 8000",
        "    prot: 8000",
        "app.yaml:6: apps.web.prot: is no key here; allowed: address, build, capabilities, command, egress, env, files, health, image, labels, logs, migrate, "
        "migrate_timeout, mounts, port, publish, read_only, replicas, resources, roll, routes, secrets, stop_grace, stop_signal, tmpfs, user, uses, volumes; did you mean port?",
    ),
    "unknown key in a model of a model": (
        "/: {}",
        "/: { websockets: true }",
        "app.yaml:7: apps.web.routes./.websockets: is no key here; allowed: body_limit, cors, listen, rate_limit, read_timeout, redirect, static, strip, websocket; did you mean websocket?",
    ),
    "unknown key under an alias": (
        "{ from: a@shop.test }",
        "{ from: a@shop.test, form: x }",
        "app.yaml:15: mail.form: is no key here; allowed: from, mailhog; did you mean from?",
    ),
    "unknown section": (
        "redis:",
        "reddis:",
        "app.yaml:14: reddis: is no key here; allowed: apps, format, images, mail, name, networks, postgres, proxy, redis, secrets, topologies, volumes, workers; "
        "did you mean redis?",
    ),
    "something without a near name": (
        "/: {}",
        "/: { xyz: 1 }",
        "app.yaml:7: apps.web.routes./.xyz: is no key here; allowed: body_limit, cors, listen, rate_limit, read_timeout, redirect, static, strip, websocket",
    ),
    # values that a model refuses
    "no size": (
        "redis: { cache: {} }",
        "redis: { cache: { resources: { memory: 512 } } }",
        "app.yaml:14: redis.cache.resources.memory: is no size: write a whole number from 1 on and its unit (KiB, MiB, GiB), for example 512MiB",
    ),
    "no duration": (
        "    port: 8000",
        "    port: 8000\n    stop_grace: 30",
        "app.yaml:7: apps.web.stop_grace: is no duration: write a whole number from 1 on and its unit (ms, s, m, h), for example 90s",
    ),
    "too large a size": (
        "redis: { cache: {} }",
        "redis: { cache: { resources: { memory: 1025GiB } } }",
        "app.yaml:14: redis.cache.resources.memory: is too much: write 1024GiB or less",
    ),
    "a size of many digits": (
        "redis: { cache: {} }",
        f"redis: {{ cache: {{ resources: {{ memory: {'9' * 5000}KiB }} }} }}",
        "app.yaml:14: redis.cache.resources.memory: is too much: write 1024GiB or less",
    ),
    "too long a duration": (
        "    port: 8000",
        "    port: 8000\n    stop_grace: 8785h",
        "app.yaml:7: apps.web.stop_grace: is too much: write 8784h or less",
    ),
    "too little memory for Postgres": (
        "db: {}",
        "db: { resources: { memory: 63MiB } }",
        "app.yaml:13: postgres.db.resources: gives too little memory: Postgres starts with 64MiB or more",
    ),
    "too little memory for Redis": (
        "cache: {}",
        "cache: { resources: { memory: 15MiB } }",
        "app.yaml:14: redis.cache.resources: gives too little memory: Redis starts with 16MiB or more",
    ),
    "an empty program": (
        "command: [work]",
        'command: [""]',
        "app.yaml:12: workers.jobs.command: begins with an empty word: write the program first, then its arguments",
    ),
    "no address": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { ports: { address: localhost } }",
        "app.yaml:15: proxy.ports.address: is no IP address: write 127.0.0.1 for this machine alone, 0.0.0.0 for every network, or one of the host's own",
    ),
    "a path that is not plain": (
        "path: /media",
        "path: /a/../media/",
        "app.yaml:10: apps.web.volumes.media.path: is not written plainly: write /media, without a / at the end, // or ..",
    ),
    "a volume at the root": ("path: /media", "path: /", f"app.yaml:10: apps.web.volumes.media.path: {PLACES}"),
    "a volume over the tools": ("path: /media", "path: /.berth", f"app.yaml:10: apps.web.volumes.media.path: {PLACES}"),
    "tmpfs over the secrets": ("    port: 8000", "    port: 8000\n    tmpfs: { /run/secrets: 1MiB }", f"app.yaml:7: apps.web.tmpfs./run/secrets: {PLACES}"),
    "sources over the kernel": ("{ web: /src }", "{ web: /proc/x }", f"app.yaml:18: apps.web.mounts.{{root}}/web: {PLACES}"),
    "no memory limit": (
        "redis: { cache: {} }",
        "redis: { cache: { resources: { memory: 1MiB } } }",
        "app.yaml:14: redis.cache.resources.memory: is no memory limit: the engine takes whole MiB from 6MiB on",
    ),
    "no CPU share": (
        "redis: { cache: {} }",
        "redis: { cache: { resources: { cpus: 1 } } }",
        'app.yaml:14: redis.cache.resources.cpus: is no CPU share: write a quoted number of cores from 0.01 on, for example "0.5"',
    ),
    "no port": ("port: 8000", "port: 70000", "app.yaml:6: apps.web.port: is no port: write a whole number from 1 to 65535"),
    "build and image": ("    port: 8000", "    image: x\n    port: 8000", "app.yaml:4: apps.web: needs exactly one of build and image"),
    "neither build nor image": ("    build: { context: web }\n", "", "app.yaml:4: apps.web: needs exactly one of build and image"),
    "routes without port": ("    port: 8000\n", "", "app.yaml:4: apps.web: has routes and no port: write the port it listens on"),
    "nothing to probe": (
        "    port: 8000\n    routes: { /: {} }\n",
        "",
        "app.yaml:4: apps.web: has neither port nor health.command, health.file or health.tcp: nothing would tell whether it is well",
    ),
    "two probes": (
        "    port: 8000",
        "    port: 8000\n    health: { path: /up, command: [x] }",
        "app.yaml:7: apps.web.health: has path and command: keep one of them",
    ),
    "several replicas and one writer": (
        "writers: many } }",
        "writers: one } }\n    replicas: 2",
        "app.yaml:4: apps.web: has several replicas and a volume with one writer: set replicas to 1, or writers to many if the app can share it",
    ),
    # what only one topology may do
    "sources in prod": (
        "prod: { ",
        "prod: { apps: { web: { mounts: { web: /src } } }, ",
        "app.yaml:19: apps.web.mounts: is not for prod: what runs there is the image alone; copy the files in its Dockerfile",
    ),
    "a catcher in prod": (
        "prod: { mail: { ",
        "prod: { mail: { mailhog: {}, ",
        "app.yaml:19: mail.mailhog: is not for prod: people wait for their mail there; name a real server under mail.smtp",
    ),
    "a mail server in dev": (
        "dev: { ",
        "dev: { mail: { smtp: { host: x } }, ",
        "app.yaml:18: mail.smtp: is not for dev: every mail is caught there, and nobody gets one by mistake; it belongs under topologies.prod",
    ),
    **PROXY_MISTAKES,
    **MONO_MISTAKES,
    **APP_MISTAKES,
    **BACKING_MISTAKES,
}
SECRET_REMEDY = "set each with pulumi config set -s dev --path --secret berth:secrets.NAME"
KEYS = "application, apps, engine, images, instance, mail, mono, networks, postgres, proxy, redis, root_secret, secrets, topology, volumes, workers"
STAGE_MISTAKES: list[tuple[dict[str, Any], list[str]]] = [
    ({"topology": "swarm"}, ["berth:topology: has to be one of dev, prod, mono"]),
    (
        {"topology": None, "application": None},
        ["berth:topology: has to be one of dev, prod, mono", "berth:application: has to be the path of app.yaml, relative to Pulumi.yaml"],
    ),
    ({"application": {"a": 1}}, ["berth:application: has to be the path of app.yaml, relative to Pulumi.yaml"]),
    ({"aps": {}}, [f"berth:aps: is no key here; allowed: {KEYS}; did you mean apps?"]),
    ({"name": "x"}, [f"berth:name: is no key here; allowed: {KEYS}"]),
    ({"secrets": {"key": "x"}, "secret": frozenset()}, [f"berth:secrets: stand here in plain text: {SECRET_REMEDY}"]),
    ({"secrets": "x"}, ["berth:secrets: has to be a mapping of names to texts"]),
    ({"secrets": {"key": ""}}, ["berth:secrets.key: is empty: write its text"]),
    ({"secrets": {"key": 7}}, [f"berth:secrets.key: {SOURCES}"]),
    ({"secrets": {"key": None}}, [f"berth:secrets.key: {SOURCES}"]),
    ({"secrets": {"key": "a\0b"}}, ["berth:secrets.key: holds a NUL character, which no variable can hold"]),
    ({"secrets": {"key": "\ud800"}}, ["berth:secrets.key: holds a character that no text can have: set it again"]),
    (
        {"secrets": {"My-Key": "x", "other": {"a": "x"}}},
        [
            "berth:secrets.My-Key: is no name of a secret: it has to match ^[a-z][a-z0-9_-]{0,39}$",
            f"berth:secrets.other: {SOURCES}",
        ],
    ),
    ({"apps": ""}, ["apps: has to be a mapping of keys to values"]),
]
"""Values of the stage, and what they are answered."""
