"""What WildID does for its users, and what of its description holds in dev and in prod. `line` is one of `002_2682453df630b329.txt`."""

import base64

from tests.engine.examples.demands import Demand
from tests.engine.examples.readers import health, health_times, inside, probe, reaches, volumes
from tests.engine.examples.together import Question
from tests.engine.examples.wildid_client import PICTURE, Wildid

ENVIRONMENT = {"TOGETHER_API_KEY", "DATABASE_URL", "MAIL_SERVER", "SECRET_KEY"}
BOTH = (
    Demand("line 101", "the application listens on 3000", lambda site: reaches(site, "proxy", "app", 3000)),
    Demand("line 102", "its variables", lambda site: ENVIRONMENT - {name for name, value in site.variables().items() if value}, set()),
    Demand("line 108", "volume of pictures", lambda site: "/app/uploads" in volumes(site.replicas("app")[0])),
    Demand("line 109", "volume of sessions", lambda site: "/app/flask_session" in volumes(site.replicas("app")[0])),
    Demand("lines 340, 350", "health each 30 s, 3 failures", lambda site: health_times(site.replicas("app")[0])[::3], (30, 3)),
    Demand("line 344", "it asks /health", lambda site: "3000 /health" in probe(site.replicas("app")[0])),
    Demand("line 346", "healthy", health, {"healthy"}),
    Demand("line 344", "/health answers", lambda site: site.get("/health").json()["status"], "healthy"),
)


def sign_in(site: Wildid) -> None:
    """Lines 184 to 205: a link by mail that works once, its token in Postgres, the session in its volume."""
    email = "ann@wild.test"
    with site.visitor() as ann, site.visitor() as eve:
        assert ann.get("/history").status_code == 403
        link = site.sign_in(ann, email)
        assert link.startswith(site.pulumi("stack", "output", "url").strip())
        assert site.sql("SELECT count(*) FROM login_tokens WHERE used IS NOT NULL AND expires > now()") == "1"
        assert site.sql("SELECT email FROM users") == email
        assert link.rpartition("/")[2] not in site.sql("SELECT * FROM login_tokens")
        assert eve.get("/login/" + link.rpartition("/")[2]).status_code == 403, "a link works once"
        assert eve.get("/login/forged").status_code == 403
        assert int(inside(site, "app", "sh", "-c", "ls /app/flask_session | wc -l")) > 0
        assert ann.post("/logout").status_code == 302
        assert ann.get("/history").status_code == 403


def identify(site: Wildid) -> None:
    """Lines 211 to 232: the picture lies in uploads until Together.ai has answered; for those who signed in it is kept in Postgres."""
    asked = len(site.outside.together.asked)
    site.outside.together.look = lambda: inside(site, "app", "sh", "-c", "base64 /app/uploads/*.png")
    with site.visitor() as stranger, site.visitor() as ben:
        picture = {"image": ("otter.png", PICTURE, "image/png")}
        assert "Eurasian otter, 93 %" in stranger.post("/identify", files=picture).text
        assert site.sql("SELECT count(*) FROM identifications") == "0"
        site.sign_in(ben, "ben@wild.test")
        assert "Eurasian otter, 93 %" in ben.post("/identify", files=picture).text
        assert "Eurasian otter, 93 %" in ben.get("/history").text
        assert site.sql("SELECT email, species, decode(image, 'base64') FROM identifications") == f"ben@wild.test|Eurasian otter|\\x{PICTURE.hex()}"
    pictures = site.outside.together.asked[asked:]
    encoded = base64.b64encode(PICTURE).decode()
    assert pictures == [Question(allowed=True, picture=f"data:image/png;base64,{encoded}", meanwhile=encoded)] * 2
    assert inside(site, "app", "find", "/app/uploads", "-name", "*.png") == ""
