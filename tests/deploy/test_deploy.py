"""What an operator is given is checked by its own checkers, and every setting it names is one that is read."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from node import config as node_config
from registry import config as registry_config

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
BIN = Path(sys.executable).parent


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)


def needs(program: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed here")


def settings(example: str, *, commented: bool = False) -> dict[str, str]:
    pattern = r"^#? ?([A-Z][A-Z_]+)=(.*)$" if commented else r"^([A-Z][A-Z_]+)=(.*)$"
    return dict(re.findall(pattern, (DEPLOY / "settings" / example).read_text(), re.MULTILINE))


def test_the_compose_file_is_one() -> None:
    checked = run(BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")
    assert checked.returncode == 0, checked.stdout


@pytest.mark.skipif(not (BIN / "hadolint").exists(), reason="hadolint has no build for this machine")
def test_the_containerfile_passes_its_linter() -> None:
    checked = run(BIN / "hadolint", DEPLOY / "Containerfile")
    assert checked.returncode == 0, checked.stdout


@needs("nginx")
@needs("openssl")
def test_the_nginx_site_is_accepted_by_nginx(tmp_path: Path) -> None:
    run(*["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj", "/CN=localhost"],
        "-keyout", tmp_path / "privkey.pem", "-out", tmp_path / "fullchain.pem")  # fmt: skip
    site = (DEPLOY / "nginx/tachiyori.conf").read_text().replace("/etc/tachiyori/tls", str(tmp_path))
    (tmp_path / "site.conf").write_text(site.replace("/var/log/nginx", str(tmp_path)))
    frame = f"pid {tmp_path}/pid; error_log {tmp_path}/errors; events {{}} http {{ include {tmp_path}/site.conf; }}"
    (tmp_path / "nginx.conf").write_text(frame)
    checked = run("nginx", "-t", "-c", tmp_path / "nginx.conf")
    assert checked.returncode == 0, checked.stderr


@needs("systemd-analyze")
@pytest.mark.parametrize("who", ["node", "registry"])
def test_the_systemd_unit_is_accepted_by_systemd(who: str, tmp_path: Path) -> None:
    unit = (DEPLOY / f"systemd/tachiyori-{who}.service").read_text().replace("/opt/tachiyori/bin", str(BIN))
    (tmp_path / f"tachiyori-{who}.service").write_text(unit)
    checked = run("systemd-analyze", "verify", "--man=no", tmp_path / f"tachiyori-{who}.service")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_the_nodes_example_settings_are_a_valid_configuration() -> None:
    config = node_config.from_environment(settings("node.env.example"))
    assert (config.code, config.database) == ("132195", "sqlite:////var/lib/tachiyori-node/node.db")


def test_the_registrys_example_settings_are_a_valid_configuration() -> None:
    config = registry_config.from_environment(settings("registry.env.example"))
    assert config.database == "sqlite:////var/lib/tachiyori-registry/registry.db"


@pytest.mark.parametrize("who", ["node", "registry"])
def test_a_shell_reads_what_the_example_shows(who: str, tmp_path: Path) -> None:
    shown = settings(f"{who}.env.example", commented=True)
    (tmp_path / "all.env").write_text("".join(f"{name}={value}\n" for name, value in shown.items()))
    read = run("bash", "-ec", f"set -a; . {tmp_path}/all.env; . {DEPLOY}/settings/{who}.env.example")
    assert (read.returncode, read.stderr) == (0, "")


@pytest.mark.parametrize("who", ["node", "registry"])
def test_the_example_explains_every_setting_that_is_read(who: str) -> None:
    text = "".join(path.read_text() for path in (ROOT / who).glob("*.py"))
    read = set(re.findall(r'"((?:NODE|REGISTRY|PEER)_[A-Z_]*[A-Z])"', text))
    assert read == set(settings(f"{who}.env.example", commented=True))
