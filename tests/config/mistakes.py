"""Real mistakes in the application of samples.py: what to replace, by what, and the exact line that berth answers."""

from tests.config.proxy_mistakes import PROXY_MISTAKES

PASSWORD = "berth:secrets.key VALUE, or let it be derived with generate"
WEB = "apps:\n  web:\n"
MISTAKES = {
    # the form of values
    "missing": ("name: shop\n", "", "app.yaml: name: is missing: write it"),
    "missing in a service": ("app: web, ", "", "app.yaml:12: workers.jobs.app: is missing: write it"),
    "string_type": ("db: {}", "db: { version: 17 }", 'app.yaml:13: postgres.db.version: has to be text: quote it, "17"'),
    "string_type of a mapping": ("db: {}", "db: { version: {} }", "app.yaml:13: postgres.db.version: has to be text"),
    "string_type of a switch": ('"${proxy.url}"', "true", 'app.yaml:9: apps.web.env.SITE: has to be text: quote it, "true"'),
    "int_type": ("port: 8000", 'port: "8000"', "app.yaml:6: apps.web.port: has to be a whole number, without quotes"),
    "bool_type": ("/: {}", "/: { websocket: [] }", "app.yaml:7: apps.web.routes./.websocket: has to be true or false"),
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
    "another refusal of pydantic": (
        "generate: {}",
        "generate: { bytes: 8 }",
        "app.yaml:16: secrets.key.generate.bytes: input should be greater than or equal to 16",
    ),
    "unknown key": (
        "    port: 8000",
        "    prot: 8000",
        "app.yaml:6: apps.web.prot: is no key here; allowed: address, build, capabilities, command, egress, env, files, health, image, labels, logs, migrate, "
        "migrate_timeout, mounts, port, read_only, replicas, resources, roll, routes, secrets, stop_grace, stop_signal, tmpfs, user, uses, volumes; did you mean port?",
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
        "app.yaml:14: reddis: is no key here; allowed: apps, format, mail, name, networks, postgres, proxy, redis, secrets, topology, volumes, workers; "
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
    # parts that have to agree
    "_names_are_unique": ("cache: {}", "db: {}", "app.yaml:14: redis.db: stands under postgres too: choose another name, for services find each other by it"),
    "_names_are_unique, berth's own": (
        "cache: {}",
        "proxy: {}",
        "app.yaml:14: redis.proxy: is berth's own: choose another name, for services find each other by it",
    ),
    "_names_are_unique, variables": (
        "cache: {} }",
        "cache: {}, my-db: {}, my_db: {} }",
        "app.yaml:14: redis.my_db: stands under redis too: choose another name, for services find each other by it",
    ),
    "_postgres_names_are_free": (
        "db: {}",
        "db: { database: template0 }",
        "app.yaml:13: postgres.db.database: is template0, a name of Postgres itself: write another database",
    ),
    "_volumes_are_unique": (
        "media: { path: /media, writers: many } }",
        "a-b: { path: /media, writers: many } }\n  web-a: { image: x, port: 1, volumes: { b: { path: /y } } }",
        "app.yaml:11: apps.web-a.volumes.b: would be called web-a-b, as the volume a-b of web is: choose another name",
    ),
    "_one_writer_is_one": (
        "writers: many",
        "writers: one",
        "app.yaml:12: workers.jobs.app: shares the volume media of web, which has one writer: set its writers to many if both can use it at once",
    ),
    "_uses_exist": ("[db, cache]", "[db, cach]", "app.yaml:8: apps.web.uses.1: 'cach' is no other service; there are: cache, db, mail; did you mean cache?"),
    "_workers_have_apps": ("app: web,", "app: wep,", "app.yaml:12: workers.jobs.app: 'wep' is no app; there are: web; did you mean web?"),
    "routes_are_unique": (
        "workers:\n",
        "  other: { image: x, port: 1, routes: { /: {} } }\nworkers:\n",
        "app.yaml:11: apps.other.routes./: leads to web already: a path has one app",
    ),
    "routes_are_unique, last slash": (
        "routes: { /: {} }",
        "routes: { /api: {}, /api/: {} }",
        "app.yaml:7: apps.web.routes./api/: leads to web already: a path has one app",
    ),
    "_secrets_exist": (
        "    port: 8000",
        "    port: 8000\n    secrets: { KEY: { from: kye } }",
        "app.yaml:7: apps.web.secrets.KEY.from: 'kye' is no secret; there are: key; did you mean key?",
    ),
    "_secrets_exist, twice": (
        "    port: 8000",
        "    port: 8000\n    secrets: { SITE: { from: key } }",
        "app.yaml:7: apps.web.secrets.SITE: stands under env too: keep one of them",
    ),
    "_secrets_exist, no value": (
        "{ generate: {} }",
        "{}",
        f"app.yaml:16: secrets.key: has no value in this stage: pulumi config set --path --secret {PASSWORD}",
    ),
    "_references_resolve": ("${proxy.url}", "${proxi.url}", "app.yaml:9: apps.web.env.SITE: ${proxi.url} is unknown; did you mean proxy.url?"),
    "_references_resolve, part": ("${proxy.url}", "${db.hots}", "app.yaml:9: apps.web.env.SITE: ${db.hots} is unknown; did you mean db.host?"),
    "_references_resolve, nothing near": (
        "${proxy.url}",
        "${QQQQ}",
        "app.yaml:9: apps.web.env.SITE: ${QQQQ} is unknown; there are: apps.web.host, apps.web.port, apps.web.url, cache.host, cache.password, cache.port, "
        "cache.url, db.database, db.host, db.password, db.port, db.url, db.username, mail.from, mail.host, mail.password, mail.port, mail.ui_url, "
        "mail.username, proxy.url, secrets.key",
    ),
    "_references_resolve, optional secret without value": (
        '"${proxy.url}" }',
        '"${secrets.partner}" }\n    secrets: { PARTNER: { from: partner } }',
        "app.yaml:9: apps.web.env.SITE: ${secrets.partner} is unknown; did you mean secrets.key?",
    ),
    "_references_resolve, unfinished": (
        "${proxy.url}",
        "$${a} ${proxy.url",
        "app.yaml:9: apps.web.env.SITE: has a ${ without its }: close it, or write $${ for a literal one",
    ),
    "_references_resolve, NUL": (
        '"${proxy.url}"',
        '"a\\0b"',
        "app.yaml:9: apps.web.env.SITE: has a NUL character, which no variable can hold: take it out",
    ),
    "_references_are_used": (
        "${proxy.url}",
        "${mail.host}",
        "app.yaml:9: apps.web.env.SITE: refers to mail, which the app does not use: add mail to its uses, or it could not reach it",
    ),
    "ports_are_unique": (
        "{ from: a@shop.test }",
        "{ from: a@shop.test, mailhog: { ui_port: 8080 } }",
        "app.yaml:15: mail.mailhog.ui_port: is 8080, as proxy.ports.http is: choose another",
    ),
    "_smtp_password_is_secret": (
        "{ host: smtp.test }",
        "{ host: smtp.test, username: a, password: s3cret }",
        "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "_smtp_password_is_secret, with more": (
        "{ host: smtp.test }",
        '{ host: smtp.test, password: "x${secrets.key}" }',
        "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "_smtp_password_is_secret, optional secret without value": (
        "{ host: smtp.test }",
        '{ host: smtp.test, password: "${secrets.partner}" }',
        "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
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
}
