"""Who a stage is: an instance id and a root secret, made once and kept."""

import base64
import json
import os
import re
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from config import checkpoints
from config.problems import Problem, Refused

FOLDER = ".berth"
STATE = ".pulumi"
"""Where the file backend keeps the state of a project."""
ROOT_BYTES = 32
PBKDF2_ROUNDS = 1_000_000
INSTANCE = r"[0-9a-f]{8}"
NEW_INSTANCE = "a$(openssl rand -hex 4 | cut -c 2-)"
"""A new one, in a shell. With a letter first: Pulumi writes it down without quotes, and YAML takes 3e194550 for a number."""
PASSPHRASE = "PULUMI_CONFIG_PASSPHRASE"  # noqa: S105  # the name of a variable
PASSPHRASE_FILE = f"{PASSPHRASE}_FILE"


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


def keep(root: Path, stack: str, project: str) -> Identity:
    """Read the identity of a dev stage, or make it: at most one run does, and no half-written file is ever seen.

    Refused when Pulumi's state beside it knows the stage under another instance id: it would start without its data.
    """
    path = path_of(root, stack)
    make_private(root / STATE)
    known = checkpoints.instance_in(checkpoints.latest(root / STATE, project, stack))
    if not path.exists():
        refuse_another(path, stack, None, known)
        _make(path, root)
    identity = read(path, root)
    refuse_another(path, stack, identity.instance, known)
    return identity


def read(path: Path, root: Path) -> Identity:
    """Read an identity file of the project in `root`. A copied folder is refused: it would take the containers of the original for its own."""
    try:
        kept = json.loads(path.read_text())
        identity = Identity(instance=str(kept["instance"]), root_secret=bytes.fromhex(kept["root_secret"]))
        home = Path(kept["project"])
        if len(identity.root_secret) != ROOT_BYTES or not re.fullmatch(INSTANCE, identity.instance):
            raise ValueError("incomplete")  # noqa: TRY301  # the one message for everything that is wrong with the file
    except (OSError, ValueError, KeyError, TypeError) as problem:
        text = f"cannot be read ({type(problem).__name__}): restore it from a backup, for the passwords of this stage's data derive from it"
        raise _refused(path, text) from None
    twin = path_of(home, path.stem)
    if home != root and _instance_at(twin) == identity.instance and not twin.samefile(path):
        text = f"was copied from {home}, and both would run the same containers: remove {path} and {root / STATE} to make this copy a stage of its own"
        raise _refused(path, text)
    return identity


def refuse_another(path: Path, stack: str, own: str | None, known: str | None) -> None:
    """Refuse a dev stage that Pulumi knows under another instance id than `own`, which is None when the identity file is gone."""
    if known in {None, own}:
        return
    what, remove = ("is gone", "") if own is None else (f"says instance {own}", "remove this one and ")
    text = (
        f"{what}, but Pulumi's state knows this stage as instance {known}: it would start without its data. "
        f"Restore the file of {known} from a backup; or, to begin anew, {remove}delete that data with berth erase -s {stack}"
    )
    raise _refused(path, text)


def make_private(state: Path) -> None:
    """Keep a folder of states for its owner alone: that of a dev stage is encrypted with nothing."""
    with suppress(FileNotFoundError, PermissionError):  # somebody else's is not ours to close
        state.chmod(0o700)


def own_secrets(stage_file: Mapping[str, object]) -> bool:
    """Whether a service keeps the key of a stage's secrets, not a passphrase."""
    return stage_file.get("secretsprovider") not in (None, "", "passphrase")


def opens(salt: str, passphrase: str) -> bool:
    """Whether a passphrase is that of a stage, by the `encryptionsalt` of its file (Pulumi, sdk/go/common/resource/config/crypt.go: PBKDF2, AES-GCM)."""
    try:
        version, seed, _, nonce, proof = salt.split(":")
        key = PBKDF2HMAC(SHA256(), 32, base64.b64decode(seed), PBKDF2_ROUNDS).derive(passphrase.encode())
        return version == "v1" and AESGCM(key).decrypt(base64.b64decode(nonce), base64.b64decode(proof), None) == b"pulumi"
    except (ValueError, InvalidTag):  # ValueError: no salt of this form
        return False


def no_passphrase(environment: Mapping[str, str], folder: Path) -> bool:
    """Whether Pulumi takes the empty passphrase: the variable counts as soon as it is set, else the content of the file (relative to `folder`)."""
    if PASSPHRASE in environment:
        return not environment[PASSPHRASE]
    if not (file := environment.get(PASSPHRASE_FILE)):
        return False  # nothing is given: Pulumi asks, or refuses
    try:
        return not (folder / file).read_bytes().strip()
    except OSError:
        return False  # Pulumi says what is wrong with it


def _refused(path: Path, text: str) -> Refused:
    return Refused([Problem(place=str(path), path="", text=text)])


def _instance_at(path: Path) -> str | None:
    """The instance id in somebody's identity file; None where there is none that can be read."""
    try:
        return str(json.loads(path.read_text())["instance"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _make(path: Path, root: Path) -> None:
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
