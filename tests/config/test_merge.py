"""The rules of merging, one by one, and that every value knows where it came from."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.document import Where, parse
from config.merge import EMPTY, Layer, Merged, merge, odd_key

VALUES = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b", "apps", "health", "tls", "build", "image"]), inner, max_size=4),
    max_leaves=12,
)
LAYERS = st.dictionaries(st.sampled_from(["apps", "workers", "proxy", "a"]), VALUES, max_size=4)


def layer(text: str, name: str) -> Layer:
    document = parse(text, name) if text else parse("{}", name)
    return Layer(document=document, data=document.data, locate=lambda path: path)


def merged(*texts: str) -> Merged:
    return merge([layer(text, name) for text, name in zip(texts, ("app", "overlay", "stage"), strict=False)])


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["a: 1"], {"a": 1}),
        (["a: 1", "a: 2"], {"a": 2}),
        (["a: 1", "a: 2", "a: 3"], {"a": 3}),
        (["a: 1", "a: 2", "b: 3"], {"a": 2, "b": 3}),
        (["a: {x: 1, y: 1}", "a: {y: 2, z: 2}"], {"a": {"x": 1, "y": 2, "z": 2}}),
        (["a: {b: {c: {x: 1}}}", "a: {b: {c: {y: 2}}}"], {"a": {"b": {"c": {"x": 1, "y": 2}}}}),
        (["a: {x: 1, y: 1}", "a: {y: null}"], {"a": {"x": 1}}),
        (["a: {x: 1}", "a: null"], {}),
        (["a: {x: 1}", "a: null", "a: {y: 2}"], {"a": {"y": 2}}),
        (["a: null"], {}),
        (["a: 1", "b: null"], {"a": 1}),
        (["a: [1, 2, 3]", "a: [4]"], {"a": [4]}),
        (["a: [{x: 1}]", "a: [{y: 2}]"], {"a": [{"y": 2}]}),
        (["a: {x: 1}", "a: text"], {"a": "text"}),
        (["a: text", "a: {x: 1}"], {"a": {"x": 1}}),
        (["a: {x: 1}", "a: {}"], {"a": {"x": 1}}),
        (["apps: {web: {health: {path: /up}}}", "apps: {web: {health: {command: [x]}}}"], {"apps": {"web": {"health": {"command": ["x"]}}}}),
        (["workers: {w: {health: {times: {retries: 1}}}}", "workers: {w: {health: {command: [x]}}}"], {"workers": {"w": {"health": {"command": ["x"]}}}}),
        (["proxy: {tls: {files: a}}", "proxy: {tls: {acme: b}}"], {"proxy": {"tls": {"acme": "b"}}}),
        (["apps: {web: {build: {context: w}}}", "apps: {web: {image: x}}"], {"apps": {"web": {"image": "x"}}}),
        (["apps: {web: {image: x}}", "apps: {web: {build: {context: w}}}"], {"apps": {"web": {"build": {"context": "w"}}}}),
        (["apps: {web: {image: x}}", "apps: {web: {build: {}, image: y}}"], {"apps": {"web": {"build": {}, "image": "y"}}}),
        (["apps: {web: {image: x}}", "apps: {web: {build: null}}"], {"apps": {"web": {"image": "x"}}}),
        (["postgres: {db: {version: a, init: [x]}}", "postgres: {db: {external: {host: h}}}"], {"postgres": {"db": {"external": {"host": "h"}}}}),
        (["postgres: {db: {external: {host: h}}}", "postgres: {db: {version: a}}"], {"postgres": {"db": {"version": "a"}}}),
        (["postgres: {db: {external: {host: h, port: 1}}}", "postgres: {db: {external: {host: i}}}"], {"postgres": {"db": {"external": {"host": "i"}}}}),
        (["postgres: {db: {external: {host: h}}}", "postgres: {db: {external: null}}"], {"postgres": {"db": {}}}),
        (["postgres: {db: {external: {host: h}}}", "postgres: {db: {}}"], {"postgres": {"db": {"external": {"host": "h"}}}}),
        (["redis: {db: {eviction: a}}", "redis: {db: {external: {host: h}, version: b}}"], {"redis": {"db": {"external": {"host": "h"}, "version": "b"}}}),
        (
            ["postgres: {db: {image: a, database: d}}", "postgres: {db: {build: {context: c}}}"],
            {"postgres": {"db": {"build": {"context": "c"}, "database": "d"}}},
        ),
        (["postgres: {external: {version: a}}", "postgres: {external: {database: b}}"], {"postgres": {"external": {"version": "a", "database": "b"}}}),
        (["apps: {health: {port: 1}}", "apps: {health: {replicas: 2}}"], {"apps": {"health": {"port": 1, "replicas": 2}}}),
        (["apps: {web: {env: {build: a}}}", "apps: {web: {env: {image: b}}}"], {"apps": {"web": {"env": {"build": "a", "image": "b"}}}}),
        (["apps: {build: {port: 1}}", "apps: {image: {port: 2}}"], {"apps": {"build": {"port": 1}, "image": {"port": 2}}}),
    ],
    ids=[
        "one layer",
        "later wins",
        "the stage has the last word",
        "what a stage leaves out stays",
        "mappings merge key by key",
        "mappings merge deeply",
        "null deletes a key",
        "null deletes a mapping",
        "what was deleted starts anew",
        "null in the first layer is nothing",
        "null deletes nothing",
        "lists replace",
        "lists of mappings replace",
        "text replaces a mapping",
        "a mapping replaces text",
        "an empty mapping changes nothing",
        "health is replaced whole",
        "health of a worker too",
        "tls is replaced whole",
        "image takes the place of build",
        "build takes the place of image",
        "both in one layer stay, to be refused",
        "a deleted rival deletes nothing",
        "an external server takes the place of one of berth's",
        "and the other way round",
        "external is replaced whole",
        "a deleted external server leaves one of berth's",
        "nothing said of an external server leaves it",
        "both in one layer stay, to be refused, for Redis",
        "a build takes the place of the image of a server",
        "a server called external",
        "an app called health",
        "variables called build and image",
        "apps called build and image",
    ],
)
def test_merging(texts: list[str], expected: dict[str, Any]) -> None:
    assert merged(*texts).data == expected


@pytest.mark.parametrize(
    ("texts", "problems"),
    [
        (["a: {x: 1}", "a: null"], []),
        (["a: null"], [(("a",), EMPTY)]),
        (["a: 1", "b: null"], [(("b",), EMPTY)]),
        (["a: {b: {c: null}, d: }"], [(("a", "b", "c"), EMPTY), (("a", "d"), EMPTY)]),
        (["a: {x: 1}", "a: null", "a: null"], [(("a",), EMPTY)]),
        (["apps: {web: {image: x}}", "apps: {web: {build: null}}"], [(("apps", "web", "build"), EMPTY)]),
        (["apps: {web: {health: {path: /}}}", "apps: {web: {health: {path: null}}}"], [(("apps", "web", "health", "path"), EMPTY)]),
        (["a: [null]"], []),
        (["a: {1: x, false: y, null: z, 2.5: u}"], [(("a",), odd_key(key)) for key in (1, False, None, 2.5)]),
    ],
    ids=["taken away", "empty", "empty above", "empty inside", "taken away twice", "a rival", "replaced whole", "in a list", "keys that are no text"],
)
def test_what_cannot_be_merged(texts: list[str], problems: list[tuple[Where, str]]) -> None:
    assert merged(*texts).problems == problems


@pytest.mark.parametrize(("key", "shown"), [(None, "null"), (True, "true"), (7, "7"), (0.5, "0.5"), (date(2024, 1, 2), "2024-01-02")])
def test_odd_key(key: object, shown: str) -> None:
    assert odd_key(key) == f"has the key {shown}, which is no text: quote it"


@pytest.mark.parametrize(
    ("path", "place"),
    [
        (("name",), "app:1"),
        (("apps", "web"), "app:3"),
        (("apps", "web", "port"), "app:4"),
        (("apps", "web", "env", "A"), "overlay:4"),
        (("apps", "web", "env", "B"), "app:6"),
        (("apps", "web", "uses", 1), "stage:3"),
        (("apps", "web", "health", "command"), "overlay:5"),
        (("apps", "web", "user"), "stage:4"),
        (("apps", "web", "missing"), "app:3"),
        (("redis",), "app"),
        (("mail", "from"), "stage:5"),
    ],
)
def test_every_value_knows_its_file_and_line(path: Where, place: str) -> None:
    app = "name: shop\napps:\n  web:\n    port: 80\n    env: { A: one,\n      B: two }\n    uses: [x]\n    health: { path: /up }\n    user: 1:1\n"
    overlay = "apps:\n  web:\n    env:\n      A: other\n    health: { command: [x] }\n"
    stage = "apps:\n  web:\n    uses: [x, y]\n    user: null\nmail: { from: a@b }\n"
    assert merged(app, overlay, stage).place(path) == place


def test_null_takes_away_a_header_that_berth_itself_would_set() -> None:
    result = merged(
        "proxy: {headers: {X-Frame-Options: null, X-A: a}, gzip: null}", "proxy: {headers: {X-A: null}}", "proxy: {headers: {X-Frame-Options: DENY}}"
    )
    assert result.data == {"proxy": {"headers": {"X-Frame-Options": "DENY", "X-A": None}}}


def built_in(text: str) -> Layer:
    return replace(layer(text, "default of dev"), built_in=True)


@pytest.mark.parametrize(
    ("path", "origin", "place"),
    [
        (("proxy",), "stage:1", "stage:1"),
        (("proxy", "ports"), "stage:1", "stage:1"),
        (("proxy", "ports", "http"), "stage:1", "stage:1"),
        (("proxy", "ports", "address"), "default of dev:1", "stage:1"),
        (("proxy", "gzip"), None, "stage:1"),
        (("redis",), "default of dev:2", "app"),
        (("redis", "cache"), "default of dev:2", "app"),
        (("name",), "app:1", "app:1"),
        (("uses", 0), None, "app:2"),
        (("uses",), "app:2", "app:2"),
        (("mail",), None, "app"),
    ],
)
def test_a_built_in_layer_is_an_origin_and_no_place_to_mend(path: Where, origin: str | None, place: str) -> None:
    files = [layer("name: shop\nuses: [a]", "app"), layer("proxy: { ports: { http: 81 } }", "stage")]
    result = merge([built_in("proxy: { ports: { address: '::', http: 80 } }\nredis: { cache: {} }"), *files])
    assert (result.origin(path), result.place(path)) == (origin, place)


def test_null_deletes_what_is_built_in() -> None:
    assert merge([built_in("proxy: { ports: { http: 80, https: 443 } }"), layer("proxy: { ports: { https: null } }", "app")]).data == {
        "proxy": {"ports": {"http": 80}}
    }


@given(LAYERS)
def test_a_layer_over_itself_is_itself(data: dict[str, Any]) -> None:
    one = Layer(document=parse("{}", "x"), data=data, locate=lambda path: path)
    assert merge([one, one]).data == merge([one]).data == data


@given(LAYERS, LAYERS)
def test_merging_changes_no_layer(below: dict[str, Any], above: dict[str, Any]) -> None:
    before = repr((below, above))
    merge([Layer(document=parse("{}", "x"), data=data, locate=lambda path: path) for data in (below, above)])
    assert repr((below, above)) == before


@given(LAYERS, LAYERS)
def test_every_origin_is_a_layer_that_has_a_say_there(below: dict[str, Any], above: dict[str, Any]) -> None:
    layers = [Layer(document=parse("{}", "x"), data=data, locate=lambda path: path) for data in (below, above)]
    result = merge(layers)
    for path, origin in result.origins.items():
        current: Any = origin.data
        for step in path:
            assert step in current
            current = current[step]
