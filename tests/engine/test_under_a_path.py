"""A Vite application under a path, its whole folder mounted: what is edited on the host is seen through the proxy, in a page that is not loaded anew."""

import shutil
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.engine.conftest import Make
from tests.engine.examples.readers import volumes
from tests.engine.project import Project, save
from tests.engine.visitor import eventually, in_browser

pytestmark = pytest.mark.thorough
APPLICATION = Path(__file__).parent / "under_a_path"


@pytest.fixture(scope="module")
def shops(make_project: Make) -> Project:
    project = make_project("shops")
    shutil.copytree(APPLICATION, project.root, dirs_exist_ok=True)
    (project.root / "shop" / "node_modules").mkdir()
    project.berth("up")
    return project


def test_each_path_has_its_application(shops: Project) -> None:
    assert "Directory listing" in httpx.get(f"{shops.url}/").text
    assert "/shop/@vite/client" in httpx.get(f"{shops.url}/shop/").text
    assert httpx.get(f"{shops.url}/@vite/client").status_code == 404


def test_modules_are_replaced_through_the_websocket_under_the_path(shops: Project) -> None:
    in_browser(lambda page: _edit_and_see(page, shops))


def _edit_and_see(page: Page, shops: Project) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    page.goto(f"http://localhost:{shops.http}/shop/")
    page.get_by_role("heading", name="Open all day").wait_for()
    page.evaluate("window.kept = true")
    words, style = (shops.root / "shop" / "src" / name for name in ("words.js", "style.css"))
    before = words.read_text(), style.read_text()
    starts = shops.starts()
    try:
        save(words, before[0].replace("Open all day", "Closed today"))
        page.get_by_role("heading", name="Closed today").wait_for()
        save(style, before[1].replace("1, 2, 3", "4, 5, 6"))
        page.wait_for_function("getComputedStyle(document.querySelector('h1')).color === 'rgb(4, 5, 6)'")
        assert page.evaluate("window.kept"), "the page was loaded anew"
        assert shops.starts() == starts
        assert {url.partition("?")[0] for url in sockets} == {f"ws://localhost:{shops.http}/shop/"}
    finally:
        save(words, before[0])
        save(style, before[1])


def test_dependencies_are_in_their_volume_and_not_on_the_host(shops: Project) -> None:
    assert volumes(shops.one("shop"))["/app/node_modules"] in shops.data_volumes()
    assert list((shops.root / "shop" / "node_modules").iterdir()) == []
    assert "vite" in shops.berth("exec", "shop", "ls", "node_modules").split()


def test_a_second_run_has_nothing_to_do(shops: Project) -> None:
    eventually(lambda: "Open all day" in httpx.get(f"{shops.url}/shop/src/words.js").text)
    shops.berth("preview", "--", "--expect-no-changes", "--refresh")
