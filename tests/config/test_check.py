"""What a wrong configuration is told: exact messages, each from a real mistake, and none for which there is no test."""

import ast
from pathlib import Path

import pytest

import components
from config import check
from config.problems import Refused
from tests.config import mistakes, mistakes_apps
from tests.config.samples import APP, PROD, project, stage_of

MISTAKES = mistakes.MISTAKES | mistakes_apps.MISTAKES
IN_PROD = {"_smtp_password_is_secret", "sources in prod", "a catcher in prod"}


def told(root: Path, mistake: str) -> list[str]:
    right, wrong, _ = MISTAKES[mistake]
    assert APP.count(right) == 1
    app = APP.replace(right, wrong)
    if "api]" in wrong:
        app = app.replace("workers:", "  api: { image: x, port: 1, uses: [web] }\nworkers:")
    if "partner" in wrong:
        app = app.replace("secrets: { key:", "secrets: { partner: { required: false }, key:")
    prod = PROD if mistake.partition(",")[0] in IN_PROD else {}
    with pytest.raises(Refused) as refused:
        stage_of(project(root, app), **prod)
    return str(refused.value).splitlines()


@pytest.fixture(autouse=True)
def _passphrase(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "a passphrase")


@pytest.mark.parametrize("mistake", MISTAKES)
def test_message(mistake: str, tmp_path: Path) -> None:
    assert MISTAKES[mistake][2] in told(tmp_path, mistake)


@pytest.mark.parametrize("rule", [rule.__name__ for rule in check.RULES])
def test_every_rule_has_its_mistake(rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "RULES", tuple(one for one in check.RULES if one.__name__ == rule))
    assert MISTAKES[rule][2] in told(tmp_path, rule)


@pytest.mark.parametrize("kind", check._TEXTS.keys() - {"value_error"})
def test_every_kind_of_refusal_has_its_mistake(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(check._TEXTS, kind)
    assert MISTAKES[kind][2] not in told(tmp_path, kind)


def _raised() -> set[str]:
    """The longest plain piece of the text of each ValueError that a model raises."""
    found = set()
    for module in Path(components.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "ValueError":
                pieces = [piece.value for piece in ast.walk(node) if isinstance(piece, ast.Constant) and isinstance(piece.value, str)]
                found.add(max(pieces, key=len))
    return found


@pytest.mark.parametrize("text", sorted(_raised()))
def test_every_refusal_of_a_model_has_its_mistake(text: str) -> None:
    assert any(text in message for _, _, message in MISTAKES.values())


def test_all_problems_at_once(tmp_path: Path) -> None:
    app = APP.replace("port: 8000", 'port: "8000"').replace("writers: many", "writers: all").replace("name: shop\n", "")
    with pytest.raises(Refused) as refused:
        stage_of(project(tmp_path, app))
    assert [problem.path for problem in refused.value.problems] == ["name", "apps.web.port", "apps.web.volumes.media.writers"]


@pytest.mark.parametrize(
    "values",
    [
        {"secrets": {"key": "s3cret"}, "apps": {"web": {"secrets": {"KEY": {"from": "kye"}}}}},
        {"secrets": {"key": "s3cret", "other": ["s3cret"]}},
        {"secrets": "s3cret"},
        {"secrets": ["s3cret"]},
        {"secrets": {"key": "s3cret"}, "secret": frozenset()},
        {"secrets": {"key": "s3cret"}, "port": 1},
        {"secrets": {"key": "s3cret"}, "topology": "prod", "root_secret": "s3cret"},
    ],
)
def test_no_message_holds_a_secret(values: dict[str, object], tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        stage_of(project(tmp_path), **values)  # type: ignore[arg-type]
    assert "s3cret" not in str(refused.value)
    assert "s3cret" not in repr(refused.value.problems)
    assert refused.value.__cause__ is None


def test_an_optional_secret_that_is_given_has_its_reference(tmp_path: Path) -> None:
    app = APP.replace("${proxy.url}", "${secrets.partner}").replace("secrets: { key:", "secrets: { partner: { required: false }, key:")
    assert stage_of(project(tmp_path, app), secrets={"partner": "x"}).stage.apps["web"].env == {"SITE": "${secrets.partner}"}
