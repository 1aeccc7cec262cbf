"""Who a stage is: an instance id and a root secret, made once and kept."""

import base64
import json
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from config.problems import Problem, Refused

FOLDER = ".berth"
STATE = ".pulumi"
"""Where the file backend keeps the state of a project."""
ROOT_BYTES = 32
INSTANCE = r"[0-9a-f]{8}"


@dataclass(frozen=True, kw_only=True)
class Identity:
    """What tells this stage from every other, and the secret that all generated secrets derive from."""

    instance: str
    """Eight hexadecimal digits."""
    root_secret: bytes

    def derive(self, name: str, size: int, rotation: int = 0) -> bytes:
        """Derive a secret: the same for the same name and rotation, always (HKDF, RFC 5869)."""
        info = f"berth/1/{name}/{rotation}".encode()
        return HKDF(algorithm=SHA256(), length=size, salt=None, info=info).derive(self.root_secret)

    def password(self, name: str, size: int = 24, rotation: int = 0) -> str:
        """Derive a secret as text of letters, digits, `-` and `_`."""
        return base64.urlsafe_b64encode(self.derive(name, size, rotation)).decode().rstrip("=")


def path_of(root: Path, stack: str) -> Path:
    """The file that keeps the identity of a dev stage."""
    return root / FOLDER / f"{stack}.json"


def keep(root: Path, stack: str) -> Identity:
    """Read the identity of a dev stage, or make it: at most one run does, and no half-written file is ever seen."""
    path = path_of(root, stack)
    if (state := root / STATE).is_dir():
        state.chmod(0o700)  # a dev state is encrypted with nothing: it is its owner's alone
    if not path.exists():
        fresh = {"instance": secrets.token_hex(4), "root_secret": secrets.token_hex(ROOT_BYTES), "project": str(root)}
        path.parent.mkdir(mode=0o700, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(fresh, file)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass  # another run was faster: its identity counts
        finally:
            draft.unlink()
    return _read(path, root)


def _read(path: Path, root: Path) -> Identity:
    try:
        kept = json.loads(path.read_text())
        identity = Identity(instance=str(kept["instance"]), root_secret=bytes.fromhex(kept["root_secret"]))
        home = Path(kept["project"])
        if len(identity.root_secret) != ROOT_BYTES or not re.fullmatch(INSTANCE, identity.instance):
            raise ValueError("incomplete")  # noqa: TRY301  # the one message for everything that is wrong with the file
    except (OSError, ValueError, KeyError, TypeError) as problem:
        text = f"cannot be read ({type(problem).__name__}): restore it from a backup, for the passwords of this stage's data derive from it"
        raise Refused([Problem(place=str(path), path="", text=text)]) from None
    twin = path_of(home, path.stem)
    if home != root and twin.exists() and not twin.samefile(path):
        text = f"was copied from {home}, and both would run the same containers: remove {path} and {root / '.pulumi'} to make this copy a stage of its own"
        raise Refused([Problem(place=str(path), path="", text=text)])
    return identity
