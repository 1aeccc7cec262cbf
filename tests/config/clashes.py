"""Mistakes, as in mistakes.py, that no value shows by itself: the parts of a stage do not agree. Named after the rule that finds them."""

CLASHES = {
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
    "volumes_are_unique": (
        "media: { path: /media, writers: many } }",
        "a-b: { path: /media, writers: many } }\n  web-a: { image: x, port: 1, volumes: { b: { path: /y } } }",
        "app.yaml:11: apps.web-a.volumes.b: would be called web-a-b, as the volume a-b of web is: choose another name",
    ),
    "paths_are_unique": (
        "path: /media",
        "path: /tmp",
        "app.yaml:10: apps.web.volumes.media.path: is /tmp, where tmpfs is mounted: take /tmp out of tmpfs, or choose another path",
    ),
    "paths_are_unique, sources": (
        "{ web: /src }",
        "{ web: /media }",
        "app.yaml:18: apps.web.mounts.{root}/web: is /media, where the volume media is mounted: choose another path",
    ),
    "one_writer_is_one": (
        "writers: many",
        "writers: one",
        "app.yaml:12: workers.jobs.app: shares the volume media of web, which has one writer: set its writers to many if both can use it at once",
    ),
    "_uses_exist": ("[db, cache]", "[db, cach]", "app.yaml:8: apps.web.uses.1: 'cach' is no other service; there are: cache, db, mail; did you mean cache?"),
    "_workers_have_apps": ("app: web,", "app: wep,", "app.yaml:12: workers.jobs.app: 'wep' is no app; there are: web; did you mean web?"),
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
        "app.yaml:16: secrets.key: has no value in this stage: pulumi config set -s dev --path --secret berth:secrets.key, or let it be derived with generate",
    ),
    "_variables_are_unique": (
        "    port: 8000",
        "    port: 8000\n    secrets: { KEY: { from: key, as: file_env }, KEY_FILE: { from: key } }",
        "app.yaml:7: apps.web.secrets.KEY: would set KEY_FILE, which stands under secrets too: keep one of them",
    ),
    "_variables_are_unique, env": (
        "    port: 8000",
        "    port: 8000\n    secrets: { SITE: { from: key, as: file_env } }",
        "app.yaml:7: apps.web.secrets.SITE: stands under env too: keep one of them",
    ),
    "_injected_are_unique": (
        "workers:\n  jobs: { app: web, command: [work], health: { command: [alive] } }\npostgres: { db: {} }\n",
        "  other: { image: x, port: 1, uses: [redis, cache] }\npostgres: { db: {}, redis: {} }\n",
        "app.yaml:11: apps.other.uses: would set REDIS_URL to redis.url and to cache.url: give one of the two services another name",
    ),
    "_references_resolve": ("${proxy.url}", "${proxi.url}", "app.yaml:9: apps.web.env.SITE: ${proxi.url} is unknown; did you mean proxy.url?"),
    "_references_resolve, part": ("${proxy.url}", "${db.hots}", "app.yaml:9: apps.web.env.SITE: ${db.hots} is unknown; did you mean db.host?"),
    "_references_resolve, nothing near": (
        "${proxy.url}",
        "${QQQQ}",
        "app.yaml:9: apps.web.env.SITE: ${QQQQ} is unknown; there are: apps.web.host, apps.web.port, apps.web.url, cache.host, cache.password, cache.port, "
        "cache.url, cache.username, db.database, db.host, db.password, db.port, db.url, db.username, mail.from, mail.host, mail.password, mail.port, "
        "mail.security, mail.starttls, mail.tls, mail.ui_url, mail.url, mail.username, proxy.url, secrets.key",
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
    "_references_are_used": (
        "${proxy.url}",
        "${mail.host}",
        "app.yaml:9: apps.web.env.SITE: refers to mail, which the app does not use: add mail to its uses, or it could not reach it",
    ),
    "_references_stand_in_env": (
        "command: [work]",
        'command: [sh, -c, "echo ${HOME} ${db.host}"]',
        "app.yaml:12: workers.jobs.command.2: holds ${db.host}, but references work in env and files only (and in passwords of services outside): "
        "give the app a variable, or write the value here",
    ),
    "_references_stand_in_env, arguments of a build": (
        "{ context: web }",
        '{ context: web, args: { KEY: "${secrets.key}" } }',
        "app.yaml:5: apps.web.build.args.KEY: holds ${secrets.key}, but references work in env and files only (and in passwords of services outside): "
        "give the app a variable, or write the value here",
    ),
    "_references_stand_in_env, a name of mail": (
        "a@shop.test",
        '"x@${proxy.url}"',
        "app.yaml:15: mail.from: holds ${proxy.url}, but references work in env and files only (and in passwords of services outside): "
        "give the app a variable, or write the value here",
    ),
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
    "ports_are_unique": (
        "{ from: a@shop.test }",
        "{ from: a@shop.test, mailhog: { ui_port: 8080 } }",
        "app.yaml:15: mail.mailhog.ui_port: is 8080, as proxy.ports.http is: choose another",
    ),
}
