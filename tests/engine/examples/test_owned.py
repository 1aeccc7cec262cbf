"""Two examples whose sources belong to somebody with a number that no image knows: what is edited is seen, and what the servers write there is theirs."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page

from tests.engine.examples.shipped import Shipped, running
from tests.engine.examples.story_client import Story
from tests.engine.person import person, place
from tests.engine.visitor import eventually, in_browser

pytestmark = pytest.mark.thorough
ANN = person(12345, 12346)


@pytest.fixture(scope="module")
def story() -> Iterator[Story]:
    with place() as folder:
        copy = Story(root=folder / "story")
        for part in ("backend", "frontend"):
            ANN.takes(copy.root / part)
        with running(copy):
            yield copy


@pytest.fixture(scope="module")
def checkin() -> Iterator[Shipped]:
    with place() as folder:
        copy = Shipped(root=folder / "checkin", name="checkin")
        for part in ("backend", "frontend"):
            ANN.takes(copy.root / part)
        with running(copy):
            yield copy


def users(copy: Shipped) -> dict[str, str]:
    return {name: copy.one(name).attrs["Config"]["User"] for name in ("backend", "frontend")}


def test_they_run_as_the_owner(story: Story, checkin: Shipped) -> None:
    assert users(story) == users(checkin) == {"backend": str(ANN), "frontend": str(ANN)}


def test_runserver_takes_what_its_owner_edits(story: Story) -> None:
    file = story.root / "backend" / "people" / "views.py"
    ANN.replaces(file, "Welcome aboard", "Hello again")
    eventually(lambda: "Hello again" in httpx.get(f"{story.url}/api/v1/config/frontend/").text)
    ANN.replaces(file, "Hello again", "Welcome aboard")


def test_a_migration_that_django_writes_is_the_owners(story: Story) -> None:
    people = story.root / "backend" / "people"
    ANN.replaces(people / "models.py", "name = models.CharField(max_length=80)", "name = models.CharField(max_length=81)")
    said = story.berth("exec", "backend", "python", "manage.py", "makemigrations", "people")
    (made,) = people.glob("migrations/0002_*.py")
    assert made.name in said
    assert ANN.owns(made)
    ANN.does("sed", "-i", "1i # read, and found good", str(made))
    ANN.does("rm", str(made))
    ANN.replaces(people / "models.py", "max_length=81", "max_length=80")


def test_a_log_of_the_backend_is_the_owners(story: Story) -> None:
    # runserver may still be at the edits of the tests before
    form, picture = {"name": "Ada"}, {"picture": ("Ada.png", b"a picture")}
    eventually(lambda: httpx.post(f"{story.url}/api/v1/users/", data=form, files=picture, timeout=60).status_code == 201)
    log = story.root / "backend" / "logs" / "backend.log"
    assert "joined" in log.read_text()
    assert ANN.owns(log)
    ANN.does("truncate", "-s", "0", str(log))


def test_the_modules_in_their_volume_are_the_owners(story: Story) -> None:
    said = story.berth(
        "exec", "frontend", "sh", "-c", "cd node_modules && stat -c %u:%g . react .installed && ls -d .vite && touch react/of-ours && rm react/of-ours"
    )
    assert said.split() == [str(ANN)] * 3 + [".vite"]


@pytest.mark.parametrize("name", ["story", "checkin"])
def test_a_page_changes_in_its_place(name: str, request: pytest.FixtureRequest) -> None:
    copy: Shipped = request.getfixturevalue(name)
    path, old = {"story": ("src/Onboarding.jsx", "Tell us who you are."), "checkin": ("app/desk.tsx", "Sign in")}[name]

    def scenario(page: Page) -> None:
        page.goto(copy.url.replace("127.0.0.1", "localhost"))
        page.get_by_text(old).first.wait_for()
        page.get_by_role("button", disabled=False).first.wait_for()
        page.evaluate("window.kept = true")
        ANN.replaces(copy.root / "frontend" / path, old, "And you are?")
        try:
            page.get_by_text("And you are?").first.wait_for()
            assert page.evaluate("window.kept"), "the page was loaded anew"
        finally:
            ANN.replaces(copy.root / "frontend" / path, "And you are?", old)

    in_browser(scenario)


@pytest.mark.parametrize("service", ["backend", "frontend"])
@pytest.mark.parametrize("name", ["story", "checkin"])
def test_what_a_container_writes_is_the_owners(name: str, service: str, request: pytest.FixtureRequest) -> None:
    copy: Shipped = request.getfixturevalue(name)
    mounts = copy.value(f"apps {service} mounts")
    (source,) = [folder for folder in mounts if not folder.endswith("public")]
    copy.berth("exec", service, "sh", "-c", f"echo made >{mounts[source]}/made.txt")
    made = Path(source) / "made.txt"
    assert ANN.owns(made)
    ANN.does("sh", "-c", f"echo edited >>{made}")
    assert copy.berth("exec", service, "cat", f"{mounts[source]}/made.txt") == "made\nedited\n"
    ANN.does("rm", str(made))


@pytest.mark.parametrize("name", ["story", "checkin"])
def test_nothing_is_left_to_do(name: str, request: pytest.FixtureRequest) -> None:
    copy: Shipped = request.getfixturevalue(name)
    copy.settled()
