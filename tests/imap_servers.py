"""IMAP servers for tests, each on a port of loopback, each ended with the test.

pymap and Dovecot are real servers in processes of their own. A server that misbehaves is in scripted_imap.py.
"""

import grp
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from imapclient import IMAPClient, SocketTimeout

USER = "mara@example.org"
PASSWORD = "correct horse"
_STARTS_WITHIN_S = 20.0


@dataclass(frozen=True)
class Server:
    """A running server with one account on it."""

    host: str
    port: int
    user: str = USER
    password: str = PASSWORD
    folder: Path | None = None  # where all of it is, where it is in files

    @contextmanager
    def client(self) -> Iterator[IMAPClient]:
        """Another mail program of the same person."""
        client = IMAPClient(self.host, self.port, ssl=False, timeout=SocketTimeout(5, 10))
        client.plain_login(self.user, self.password)
        try:
            yield client
        finally:
            client.logout()

    def append(self, messages: Sequence[bytes], folder: str = "Sent", flags: Sequence[bytes] = ()) -> None:
        with self.client() as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            for message in messages:
                client.append(folder, message, flags)

    def delete(self, ids: Sequence[str], folder: str = "Sent") -> None:
        """Takes the messages with these Message-IDs out for good."""
        with self.client() as client:
            client.select_folder(folder)
            for message_id in ids:
                client.delete_messages(client.search(["HEADER", "Message-ID", message_id]))
            client.expunge()


@contextmanager
def pymap_server() -> Iterator[Server]:
    """pymap from PyPI: no SPECIAL-USE, one account that is kept in memory."""
    port = free_port()
    command: list[str] = [
        sys.executable,
        *("-c", "from pymap.main import main; main()"),
        *("--host", "127.0.0.1", "--port", str(port), "--no-tls"),
        *("--no-service", "admin", "--no-service", "managesieve"),
        *("dict", "--demo-user", USER, "--demo-password", PASSWORD),
    ]
    with _running(command, port):
        yield Server("127.0.0.1", port)


@contextmanager
def dovecot_server(
    sent: str = "Sent",
    mark: str = "special_use = \\Sent",
    prefix: str = "",
    separator: str = "/",
    certificate: tuple[Path, Path] | None = None,
    introspection: str = "",
    mechanisms: str = "xoauth2 oauthbearer",
) -> Iterator[Server]:
    """Debian's Dovecot, all of it in one temporary directory, as whoever runs the tests.

    `prefix` stands before the names of all folders but the inbox, as with Courier's "INBOX.". With a
    `certificate` and its key it offers STARTTLS; with the address of an `introspection` it takes tokens too,
    by those `mechanisms`.
    """
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None:
        missing = "dovecot is not installed: run `make system` to test against it"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    # The path of a socket has at most 104 bytes, and pytest's temporary folders are deep.
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    port = free_port()
    try:
        tls = "ssl = yes\nssl_cert = <{}\nssl_key = <{}".format(*certificate) if certificate else "ssl = no"
        config = _write_dovecot(
            folder, port, sent=sent, mark=mark, prefix=prefix, separator=separator, tls=tls,
            tokens=_write_tokens(folder, introspection, mechanisms),
        )  # fmt: skip
        with _running([program, "-F", "-c", str(config)], port):
            yield Server("127.0.0.1", port, folder=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def mail_folder(server: Server, name: str = "Sent") -> Path:
    """The Maildir of a folder of Dovecot's."""
    assert server.folder is not None
    return server.folder / "mail" / USER.partition("@")[0] / f".{name}"


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def _running(command: list[str], port: int) -> Iterator[None]:
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _await_port(port, process)
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _await_port(port: int, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _STARTS_WITHIN_S
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"{Path(process.args[0]).name} ended with {process.returncode}")  # type: ignore[index,arg-type]
        try:
            socket.create_connection(("127.0.0.1", port), 0.3).close()
            return
        except OSError:
            time.sleep(0.02)
    raise TimeoutError("the server did not start")


def _write_dovecot(folder: Path, port: int, **names: str) -> Path:
    # Dovecot refuses to serve mail as root: then `nobody` has it.
    owner = pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())
    for name in ("run", "state", "mail"):
        (folder / name).mkdir()
    folder.chmod(0o755)
    if os.getuid() == 0:
        os.chown(folder / "mail", owner.pw_uid, owner.pw_gid)
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n")
    config = folder / "dovecot.conf"
    config.write_text(
        _DOVECOT.format(
            folder=folder,
            port=port,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            user=owner.pw_name,
            group=grp.getgrgid(owner.pw_gid).gr_name,
            **names,
        )
    )
    return config


def _write_tokens(folder: Path, introspection: str, mechanisms: str) -> str:
    """The part of the configuration that asks an authorization server about tokens."""
    if not introspection:
        return ""
    settings = folder / "oauth2.conf"
    settings.write_text(
        f"introspection_mode = get\nintrospection_url = {introspection}?token=\n"
        "username_attribute = username\nactive_attribute = active\nactive_value = true\n"
    )
    words = f"driver = oauth2\n  mechanisms = {mechanisms}\n  args = {settings}"
    return f"auth_mechanisms = plain login {mechanisms}\npassdb {{\n  {words}\n}}"


_DOVECOT = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
{tls}
disable_plaintext_auth = no
auth_mechanisms = plain login
{tokens}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
mail_location = maildir:{folder}/mail/%n
mail_uid = {uid}
mail_gid = {gid}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail/%n
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
auth_failure_delay = 0
service anvil {{
  chroot =
  # Without this one wrong password makes every later login wait.
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
  mailbox Drafts {{
    special_use = \\Drafts
    auto = subscribe
  }}
  mailbox Archive {{
    special_use = \\Archive
    auto = create
  }}
  mailbox Trash {{
    special_use = \\Trash
    auto = create
  }}
  mailbox "{sent}" {{
    {mark}
    auto = subscribe
  }}
}}
"""
