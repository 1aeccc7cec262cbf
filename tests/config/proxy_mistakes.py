"""Mistakes in what is said of the proxy and of routes; the same form as in mistakes.py."""

PLAIN = (
    "is missing, and people would reach the site in plain: write tls: { files: { certificate: FILE, key: FILE } }, "
    "tls: { self_signed: {} } to try it out, or tls: { elsewhere: {} } where a load balancer before it ends TLS"
)
EMPTY = "is empty: write a value ({} where the defaults will do) or remove the key; null only takes away what an earlier layer says"
PROXY_MISTAKES = {
    "no route": (
        "/: {}",
        "api: {}",
        "app.yaml:7: apps.web.routes.api: is no route: write [host]/path, for example /api or api.demo.example/v2, of letters, digits and . _ ~ @ -",
    ),
    "no route, dots": (
        "/: {}",
        "/a/../b: {}",
        "app.yaml:7: apps.web.routes./a/../b: is no route: write [host]/path, for example /api or api.demo.example/v2, of letters, digits and . _ ~ @ -",
    ),
    "no path in a volume": (
        "/: {}",
        "/: { static: { volume: media, folder: ../x } }",
        "app.yaml:7: apps.web.routes./.static.folder: is no path inside the volume: write one like assets/index.html, of letters, digits and . _ ~ @ -, without .. and a first slash",
    ),
    "no origin": (
        "/: {}",
        "/: { cors: { origins: [shop.test] } }",
        'app.yaml:7: apps.web.routes./.cors.origins.0: is no origin: write scheme, host and port, for example https://demo.example or http://localhost:5173, or "*" for all',
    ),
    "no method": (
        "/: {}",
        '/: { cors: { origins: ["*"], methods: [TRACE] } }',
        "app.yaml:7: apps.web.routes./.cors.methods.0: is 'TRACE'; allowed: 'GET', 'HEAD', 'POST', 'PUT', 'PATCH' or 'DELETE'",
    ),
    "nothing to redirect to": (
        "/: {}",
        "/: { redirect: { to: //evil.test } }",
        "app.yaml:7: apps.web.routes./.redirect.to: is nothing to redirect to: write a path, /new, or an address, https://demo.example/new",
    ),
    "no code of a redirect": (
        "/: {}",
        "/: { redirect: { to: /new, code: 200 } }",
        "app.yaml:7: apps.web.routes./.redirect.code: is 200; allowed: 301, 302, 303, 307 or 308",
    ),
    "static and redirect": (
        "/: {}",
        "/: { static: { volume: media }, redirect: { to: /x } }",
        "app.yaml:7: apps.web.routes./: has both static and redirect: keep one of them",
    ),
    "strip of files": (
        "/: {}",
        "/: { static: { volume: media }, strip: true }",
        "app.yaml:7: apps.web.routes./: has static, for which strip means nothing: take it away",
    ),
    "a limit of a redirect": (
        "/: {}",
        "/: { redirect: { to: /x }, rate_limit: a }",
        "app.yaml:7: apps.web.routes./: has redirect, for which rate_limit means nothing: take it away",
    ),
    "credentials for all": (
        "/: {}",
        '/: { cors: { origins: ["*"], credentials: true } }',
        'app.yaml:7: apps.web.routes./.cors: allows credentials to origin "*", which browsers refuse: name the origins',
    ),
    "no host": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { domains: [https://shop.test/] }",
        "app.yaml:15: proxy.domains.0: is no host: write a name in small letters, for example demo.example, without scheme, port or path",
    ),
    "two kinds of TLS": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { tls: { self_signed: {}, files: { certificate: a, key: b } } }",
        "app.yaml:15: proxy.tls: needs exactly one of files, self_signed and elsewhere",
    ),
    "no kind of TLS": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { tls: {} }",
        "app.yaml:15: proxy.tls: needs exactly one of files, self_signed and elsewhere",
    ),
    "TLS in prod, not said": (
        "images: { moving_tags: true }, proxy: { tls: { elsewhere: {} } } }",
        "images: { moving_tags: true } }",
        f"app.yaml: proxy.tls: {PLAIN}",
    ),
    "TLS in prod, taken away": (
        "proxy: { tls: { elsewhere: {} } }",
        "proxy: { tls: null }",
        f"app.yaml:19: proxy.tls: {EMPTY}",
    ),
    "acme": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { tls: { acme: { email: a@shop.test } } }",
        "app.yaml:15: proxy.tls.acme: is not built yet: berth asks no authority for certificates; name yours under tls.files",
    ),
    "hsts without a certificate": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { hsts: 365, tls: { self_signed: {} } }",
        "app.yaml:15: proxy: has hsts without tls.files: browsers would refuse the site for that long",
    ),
    "no network": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { trusted_proxies: [balancer.test] }",
        "app.yaml:15: proxy.trusted_proxies.0: is no address or network: write one like 10.0.0.5 or 10.0.0.0/8",
    ),
    "everybody": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { trusted_proxies: [0.0.0.0/0] }",
        "app.yaml:15: proxy.trusted_proxies.0: is everybody, who could then pretend to be anybody: name what stands before this site",
    ),
    "nobody": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { trusted_proxies: [255.255.255.255] }",
        "app.yaml:15: proxy.trusted_proxies.0: is nobody's address, but the broadcast's: name what stands before this site",
    ),
    "no name of a header": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { headers: { X_A: b } }",
        "app.yaml:15: proxy.headers.X_A: is no name of a header: write letters, digits and -, for example X-Frame-Options",
    ),
    "no text of a header": (
        "redis: { cache: {} }",
        'redis: { cache: {} }\nproxy: { headers: { X-A: "b\\nc" } }',
        "app.yaml:15: proxy.headers.X-A: is no text of a header: write printable ASCII without a blank at either end; null takes the header away",
    ),
    "a header with a key of its own": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { headers: { Strict-Transport-Security: x } }",
        "app.yaml:15: proxy.headers: has Strict-Transport-Security, which is not written here: use hsts",
    ),
    "a header of cors": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { headers: { Access-Control-Allow-Origin: x } }",
        "app.yaml:15: proxy.headers: has Access-Control-Allow-Origin, which is not written here: use cors of a route",
    ),
    "a header of the server": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { headers: { Content-Length: x } }",
        "app.yaml:15: proxy.headers: has Content-Length, which the server has to set by itself: take it away",
    ),
    "a header in two spellings": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { headers: { X-A: x, x-a: y } }",
        "app.yaml:15: proxy.headers: has X-A in more than one spelling: keep one",
    ),
    "no rate": (
        "redis: { cache: {} }",
        'redis: { cache: {} }\nproxy: { rate_limits: { a: { paths: [/], per_second: "1" } } }',
        "app.yaml:15: proxy.rate_limits.a.per_second: has to be a whole number, without quotes",
    ),
    "static_volumes_exist": (
        "/: {}",
        "/: { static: { volume: medai } }",
        "app.yaml:7: apps.web.routes./.static.volume: 'medai' is no volume of web; there are: media; did you mean media?",
    ),
    "rate_limits_exist": (
        "/: {}",
        "/: { rate_limit: slow }",
        "app.yaml:7: apps.web.routes./.rate_limit: 'slow' is no rate limit; there are: none",
    ),
    "rate_limits_exist, unused": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { rate_limits: { a: { per_second: 1 } } }",
        "app.yaml:15: proxy.rate_limits.a: limits nothing: give it paths, or name it as rate_limit of a route",
    ),
    "ports_are_unique, of a route": (
        "/: {}",
        "/: { listen: 8025 }",
        "app.yaml:7: apps.web.routes./.listen: is 8025, as mail.mailhog.ui_port is: choose another",
    ),
    "ports_are_unique, of TLS": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { tls: { self_signed: {} }, ports: { https: 8080 } }",
        "app.yaml:15: proxy.ports.https: is 8080, as proxy.ports.http is: choose another",
    ),
    "an unknown kind of TLS": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { tls: { file: {} } }",
        "app.yaml:15: proxy.tls.file: is no key here; allowed: elsewhere, files, self_signed; did you mean files?",
    ),
    "no path of a certificate": (
        "redis: { cache: {} }",
        "redis: { cache: {} }\nproxy: { tls: { files: { certificate: a } } }",
        "app.yaml:15: proxy.tls.files.key: is missing: write it",
    ),
}
