"""What stands around the code: pins, the image, the migrations."""

import re
from pathlib import Path

from demo.jobs import JobState
from demo.migrations import MIGRATIONS

DEMO = Path(__file__).parents[2] / "demo"
DOCKERFILE = (DEMO / "web/Dockerfile").read_text()


def pins(file: Path) -> dict[str, str]:
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+(\[[\w,]+])?==[\w.]+", line) for line in lines), lines
    return {name.lower(): version for name, version in (line.split("==") for line in lines)}


def test_tests_run_on_the_versions_of_the_image() -> None:
    image, tests = pins(DEMO / "web/requirements.txt"), pins(DEMO / "requirements-test.txt")
    assert {name: image.get(name) for name in tests if name != "httpx"} == {name: tests[name] for name in tests if name != "httpx"}


def test_both_targets_end_as_a_numeric_user() -> None:
    by_name = dict(re.findall(r"(?ms)^FROM \S+ AS (\w+)\n(.*?)(?=^FROM|\Z)", DOCKERFILE))
    assert list(by_name) == ["base", "dependencies", "sources", "dev", "prod"]
    for target in ("dev", "prod"):
        assert "\nUSER 10001:10001\n" in by_name[target]
        assert '\nCMD ["uvicorn", "demo.app:app", "--host", "0.0.0.0", "--port", "8000"' in by_name[target]
    assert "--reload" not in by_name["prod"]


def test_dependencies_are_a_layer_before_the_sources() -> None:
    assert DOCKERFILE.index("COPY requirements.txt") < DOCKERFILE.index("COPY src")


def test_migrations_have_names_of_their_own_in_order() -> None:
    names = [name for name, _ in MIGRATIONS]
    assert [name.split()[0] for name in names] == [str(number) for number in range(1, len(names) + 1)]


def test_the_database_knows_the_states() -> None:
    jobs = dict(MIGRATIONS)["2 jobs"]
    assert "CHECK (state IN ('queued', 'mailed', 'failed'))" in jobs
    assert set(JobState) == {"queued", "mailed", "failed"}
