"""Mistakes, as in mistakes.py, that only a mono stage can make: its programs share one container."""

from tests.config.proxy_mistakes import PLAIN

PORT = "    port: 8000"
OTHER = "workers:\n"
ELSEWHERE = "choose another path, for all programs share one container"
MONO_MISTAKES = {
    "TLS in mono, not said": (
        "mono: { image: all }, images: { moving_tags: true }, proxy: { tls: { elsewhere: {} } } }",
        "mono: { image: all }, images: { moving_tags: true } }",
        f"app.yaml: proxy.tls: {PLAIN}",
    ),
    "one_server_of_a_kind": (
        "db: {}",
        "db: {}, books: {}",
        "app.yaml:13: postgres.books: is one more server than a mono container has: keep one under postgres, or let it be external",
    ),
    "ports_inside_are_unique": (
        PORT,
        "    port: 5432",
        "app.yaml:6: apps.web.port: is 5432, which is that of db in the container that all programs share: let the app listen on another",
    ),
    "ports_inside_are_unique, nginx": (
        PORT,
        "    port: 8080",
        "app.yaml:6: apps.web.port: is 8080, which is nginx's in the container that all programs share: let the app listen on another",
    ),
    "ports_inside_are_unique, two apps": (
        OTHER,
        "  other: { command: [x], port: 8000 }\nworkers:\n",
        "app.yaml:11: apps.other.port: is 8000, which is the port of web in the container that all programs share: let the app listen on another",
    ),
    "secret_files_agree": (
        "workers:\n  jobs: { app: web, command: [work], health: { command: [alive] } }\n",
        "    secrets: { KEY: { from: key, as: file } }\n  other: { command: [x], port: 1, secrets: { KEY: { from: more, as: file } } }\n",
        "app.yaml:12: apps.other.secrets.KEY: would be /run/secrets/KEY, which holds the secret key of web: give it another name, or deliver it as file_env",
    ),
    "folders_are_unique": (
        OTHER,
        "  other: { command: [x], port: 1, volumes: { more: { path: /media } } }\nworkers:\n",
        f"app.yaml:11: apps.other.volumes.more.path: is /media, where the volume media of web is: {ELSEWHERE}",
    ),
    "folders_are_unique, berth's own": (
        "path: /media",
        "path: /var/lib/postgresql/data/x",
        "app.yaml:10: apps.web.volumes.media.path: is /var/lib/postgresql/data/x, where berth's own files are: choose another path",
    ),
    "folders_are_unique, tmpfs": (
        "path: /media",
        "path: /tmp",
        f"app.yaml:10: apps.web.volumes.media.path: is /tmp, where tmpfs of mono is: {ELSEWHERE}",
    ),
    "folders_are_unique, tmpfs over berth's own": (
        "mono: { image: all }",
        "mono: { image: all, tmpfs: { /etc/berth: 1MiB } }",
        "app.yaml:20: mono.tmpfs./etc/berth: is where berth's own files are: take it away",
    ),
    "grace_is_enough": (
        "mono: { image: all }",
        "mono: { image: all, stop_grace: 60s }",
        "app.yaml:20: mono.stop_grace: is 60s, and db alone may take 60s: write more, or leave it out, for it follows from its programs",
    ),
    "no command in mono": (
        ", apps: { web: { command: [serve] } }",
        "",
        "app.yaml:4: apps.web.command: is missing: one image holds all programs, and none is this app's by itself; write the command line that serves it",
    ),
    "no image in mono": (
        ", mono: { image: all }",
        "",
        "app.yaml: mono: is missing: name the image with everything in it, mono.build or mono.image",
    ),
    "build and image in mono": (
        "mono: { image: all }",
        "mono: { image: all, build: { context: web } }",
        "app.yaml:20: mono: needs exactly one of build and image",
    ),
    "an internal network in mono": (
        "mono: { image: all }",
        "mono: { image: all }, networks: { public: { internal: true } }",
        "app.yaml:20: networks.public: is internal, and then nobody could reach the site: take internal away; mono.egress closes the way out",
    ),
    "too little memory for everything": (
        "mono: { image: all }",
        "mono: { image: all, resources: { memory: 64MiB } }",
        "app.yaml:20: mono.resources: gives too little memory: a container with everything in it starts with 128MiB or more",
    ),
    "replicas in mono": (
        "{ command: [serve] }",
        "{ command: [serve], replicas: 2 }",
        "app.yaml:20: apps.web.replicas: is not for mono: each program runs once there",
    ),
}
