"""Debian's OpenLDAP server with a town's people in it, on a free port, with TLS by an authority made on the spot."""

import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.interop.authority import certify

SLAPD = Path("/usr/sbin/slapd")
BASE = "dc=city,dc=example"
ACCOUNT, ACCOUNT_PASSWORD = f"cn=desks,{BASE}", "account-password"
PASSWORD = "a password of the town's own server"
PEOPLE = {
    "A1001": ("渡辺 さくら", "企画課"),
    "A1002": ("同僚 花子", "財政課"),
}
_MODULES = "/usr/lib/ldap"
_SCHEMA = "/etc/ldap/schema"


@dataclass
class Slapd:
    """A running server."""

    folder: Path
    port: int
    authority: Path

    @property
    def url(self) -> str:
        """Its address for LDAP over TLS."""
        return f"ldaps://localhost:{self.port}"

    def changes(self, ldif: str) -> None:
        """Change the directory, as its administrator."""
        url = f"ldap://localhost:{self.port + 1}"
        command = ["ldapmodify", "-x", "-H", url, "-D", f"cn=admin,{BASE}", "-w", "admin"]
        subprocess.run(command, input=ldif.encode(), check=True, capture_output=True)


@contextmanager
def running(folder: Path, names: tuple[str, ...] = ("localhost",)) -> Iterator[Slapd]:
    """Start a server whose certificate is for ``names``; it ends with the block."""
    server = Slapd(folder, _free_port(), certify(folder, names))
    (folder / "data").mkdir()
    (folder / "slapd.conf").write_text(_configuration(folder))
    (folder / "people.ldif").write_text(_people(), encoding="utf-8")
    subprocess.run(
        [SLAPD.with_name("slapadd"), "-f", folder / "slapd.conf", "-l", folder / "people.ldif"],
        check=True,
        capture_output=True,
    )
    listen = f"{server.url}/ ldap://localhost:{server.port + 1}/"
    with (folder / "slapd.log").open("wb") as log:
        process = subprocess.Popen(
            [SLAPD, "-f", folder / "slapd.conf", "-h", listen, "-d", "0"], stdout=log, stderr=log
        )
    try:
        _wait(server, process)
        yield server
    finally:
        process.terminate()
        process.wait(20)


def _configuration(folder: Path) -> str:
    return f"""
include {_SCHEMA}/core.schema
include {_SCHEMA}/cosine.schema
include {_SCHEMA}/inetorgperson.schema
modulepath {_MODULES}
moduleload back_mdb
moduleload memberof
pidfile {folder}/slapd.pid
TLSCACertificateFile {folder}/authority.pem
TLSCertificateFile {folder}/fullchain.pem
TLSCertificateKeyFile {folder}/privkey.pem
disallow bind_anon
database mdb
maxsize 10485760
suffix "{BASE}"
rootdn "cn=admin,{BASE}"
rootpw admin
directory {folder}/data
overlay memberof
access to attrs=userPassword by anonymous auth by * none
access to * by dn.exact="{ACCOUNT}" read by self read by * none
"""


def _people() -> str:
    entries = [
        f"dn: {BASE}\nobjectClass: dcObject\nobjectClass: organization\ndc: city\no: City",
        f"dn: {ACCOUNT}\nobjectClass: organizationalRole\nobjectClass: simpleSecurityObject\ncn: desks\nuserPassword: {ACCOUNT_PASSWORD}",
        f"dn: ou=staff,{BASE}\nobjectClass: organizationalUnit\nou: staff",
    ]
    for number, (name, section) in PEOPLE.items():
        entries.append(
            f"dn: uid={number},ou=staff,{BASE}\nobjectClass: inetOrgPerson\nuid: {number}\nsn: {name}\ncn: {name}\n"
            f"employeeNumber: {number}\ndepartmentNumber: {section}\nuserPassword: {PASSWORD}"
        )
    return "\n\n".join(entries) + "\n"


def _free_port() -> int:
    """Return a free port whose next one is free too."""
    with socket.socket() as probe:
        probe.bind(("localhost", 0))
        return int(probe.getsockname()[1])


def _wait(server: Slapd, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("localhost", server.port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError((server.folder / "slapd.log").read_text())
