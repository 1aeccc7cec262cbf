"""Real mistakes in backing services: what to replace in samples.py, by what, and the exact line that berth answers."""

DB = "postgres: { db: {} }"
CACHE = "redis: { cache: {} }"
BACKING_MISTAKES = {
    "postgres_names_are_free": (
        DB,
        "postgres: { db: { database: template0 } }",
        "app.yaml:13: postgres.db.database: is template0, a name of Postgres itself: write another database",
    ),
    "postgres_names_are_free, a role": (
        DB,
        "postgres: { db: { username: pg_monitor } }",
        "app.yaml:13: postgres.db.username: is pg_monitor, a name of Postgres itself: write another username",
    ),
    "postgres_names_are_free, another database": (
        DB,
        "postgres: { db: { databases: { template1: { username: x } } } }",
        "app.yaml:13: postgres.db.databases.template1: is template1, a name of Postgres itself: write another database",
    ),
    "postgres_names_are_free, its role": (
        DB,
        "postgres: { db: { databases: { books: { username: postgres } } } }",
        "app.yaml:13: postgres.db.databases.books.username: is postgres, a name of Postgres itself: write another username",
    ),
    "databases_are_unique": (
        DB,
        "postgres: { db: { databases: { db: {} } } }",
        "app.yaml:13: postgres.db.databases.db: is the server's own database already: choose another name, or take it away",
    ),
    "databases_are_unique, outside": (
        DB,
        "postgres: { db: { external: { tls: require, host: h, database: shop, databases: { shop: {} } } } }",
        "app.yaml:13: postgres.db.external.databases.shop: is the server's own database already: choose another name, or take it away",
    ),
    "passwords_are_secrets": (
        "{ host: smtp.test }",
        "{ host: smtp.test, username: a, password: s3cret }",
        "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "passwords_are_secrets, with more": (
        "{ host: smtp.test }",
        '{ host: smtp.test, password: "x${secrets.key}" }',
        "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "passwords_are_secrets, optional secret without value": (
        "{ host: smtp.test }",
        '{ host: smtp.test, password: "${secrets.partner}" }',
        "app.yaml:19: mail.smtp.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "passwords_are_secrets, of a server outside": (
        DB,
        "postgres: { db: { external: { tls: require, host: h, password: s3cret } } }",
        "app.yaml:13: postgres.db.external.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "passwords_are_secrets, of its other database": (
        DB,
        "postgres: { db: { external: { tls: require, host: h, databases: { x: { password: s3cret } } } } }",
        "app.yaml:13: postgres.db.external.databases.x.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "passwords_are_secrets, of a store outside": (
        CACHE,
        "redis: { cache: { external: { host: h, password: s3cret } } }",
        "app.yaml:14: redis.cache.external.password: has to be one reference to a secret, ${secrets.NAME}; there are: secrets.key",
    ),
    "outside_is_reached": (
        "uses: [db, cache]",
        "uses: [db, mail]\n    egress: false",
        "app.yaml:9: apps.web.egress: is off, and mail is outside: switch it on, or the app would not get there",
    ),
    "outside_is_reached, by several": (
        "  prod: {",
        "  prod: { apps: { web: { egress: false } }, postgres: { db: { external: { tls: require, host: h } } }, redis: { cache: { external: { host: h } } },",
        "app.yaml:19: apps.web.egress: is off, and cache, db are outside: switch it on, or the app would not get there",
    ),
    "images_are_pinned": (
        "images: { moving_tags: true }",
        "images: {}",
        "app.yaml:13: postgres.db: pulls postgres:17 by a tag, which may stand for something else tomorrow: "
        "berth pin -s dev writes down what it is, or write name@sha256:... yourself",
    ),
    "a server that proves nothing": (
        "db: {}",
        "db: { external: { host: h } }",
        "app.yaml:13: postgres.db.external: has no ca, and nothing would prove which server answers: name the PEM file of its authority, or write tls: require",
    ),
    "an authority for nothing": (
        "db: {}",
        "db: { external: { host: h, tls: require, ca: ca.pem } }",
        "app.yaml:13: postgres.db.external: has ca, which means something to tls: verify-full alone: take one of them away",
    ),
    "an external server and more": (
        DB,
        'postgres: { db: { external: { tls: require, host: h }, version: "17" } }',
        "app.yaml:13: postgres.db: has external and version: keep external alone, for that server is as it is",
    ),
    "an external store and more": (
        CACHE,
        "redis: { cache: { external: { host: h }, logs: {}, databases: 2 } }",
        "app.yaml:14: redis.cache: has external and databases, logs: keep external alone, for that server is as it is",
    ),
    "a server that is built and pulled": (
        DB,
        "postgres: { db: { build: { context: web }, image: x } }",
        "app.yaml:13: postgres.db: has image and build: keep one of them",
    ),
    "a setting that is berth's": (
        DB,
        "postgres: { db: { settings: { listen_addresses: '*' } } }",
        "app.yaml:13: postgres.db.settings.listen_addresses: is berth's own, for the start of the server and its probe rest on it: take it away",
    ),
    "a setting that is berth's, of Redis": (
        CACHE,
        "redis: { cache: { settings: { requirepass: x } } }",
        "app.yaml:14: redis.cache.settings.requirepass: is berth's own, for the start of the server and its probe rest on it: take it away",
    ),
    "a setting without its unit's quotes": (
        DB,
        "postgres: { db: { settings: { max_connections: 200 } } }",
        "app.yaml:13: postgres.db.settings.max_connections: has to be text: put it in quotes",
    ),
    "a setting with a key of its own": (
        CACHE,
        "redis: { cache: { settings: { maxmemory: 1mb } } }",
        "app.yaml:14: redis.cache.settings.maxmemory: is not written here: use resources.memory",
    ),
    "two settings in one": (
        CACHE,
        'redis: { cache: { settings: { save: "1 1 --port 7" } } }',
        "app.yaml:14: redis.cache.settings.save: has a word that begins with --, as another setting would: write that one under its own name",
    ),
    "no SQL file": (
        DB,
        "postgres: { db: { init: [seed.py] } }",
        "app.yaml:13: postgres.db.init.0: is no SQL file: name a file that ends in .sql, without a colon or a comma in its path",
    ),
    "an SQL file that is not there": (
        DB,
        "postgres: { db: { init: [web/seed.sql] } }",
        "app.yaml:13: postgres.db.init: {root}/web/seed.sql cannot be read (No such file or directory): correct the path, or make the file",
    ),
    "no host of a server": (
        DB,
        'postgres: { db: { external: { tls: require, host: "https://db.test" } } }',
        "app.yaml:13: postgres.db.external.host: is 'https://db.test', which does not match ^([A-Za-z0-9][A-Za-z0-9._-]{0,252}|\\[[0-9A-Fa-f:.]+\\])$",
    ),
    "a port that two services want": (
        "dev: { apps",
        "dev: { postgres: { db: { publish: 8080 } }, apps",
        "app.yaml:18: postgres.db.publish: is 8080, as proxy.ports.http is: choose another",
    ),
}
