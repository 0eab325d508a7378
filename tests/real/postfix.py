"""A real Postfix on loopback, with logins through a private Dovecot: one service a kind, nothing leaves.

Needs root and Debian's postfix and dovecot-core. Runs beside any Postfix of the machine: its own
folders, its own ports. One user, `alice` with `wonderland`; all mail is discarded.
"""

import contextlib
import os
import random
import shutil
import socket
import subprocess
import threading
from pathlib import Path

import trustme
from own_run import short_folder

HOSTNAME, DOMAIN = "mail.example.test", "example.test"
KINDS = {
    "plain": "-o smtpd_tls_security_level=none",
    "plain-auth": "-o smtpd_tls_security_level=none -o smtpd_sasl_auth_enable=yes",
    "starttls-may": "-o smtpd_tls_security_level=may -o smtpd_sasl_auth_enable=yes -o smtpd_tls_auth_only=yes",
    "submission": "-o smtpd_tls_security_level=encrypt -o smtpd_sasl_auth_enable=yes"
                  " -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
    "submissions": "-o smtpd_tls_wrappermode=yes -o smtpd_sasl_auth_enable=yes"
                   " -o smtpd_recipient_restrictions=permit_sasl_authenticated,reject",
    "starttls-454": "-o smtpd_tls_security_level=may -o smtpd_tls_cert_file={top}/none.pem"
                    " -o smtpd_tls_key_file={top}/none.pem",
    "postscreen": "-o smtpd_tls_security_level=may",
}
MAIN_CF = """\
compatibility_level = 3.6
queue_directory = {top}/spool
data_directory = {top}/data
maillog_file = {top}/maillog
maillog_file_prefixes = {top}
myhostname = {hostname}
mydomain = {domain}
mydestination = {domain}, localhost
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
default_transport = discard:
local_transport = discard:
relay_transport = discard:
virtual_transport = discard:
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_cert_file = {top}/cert.pem
smtpd_tls_key_file = {top}/key.pem
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_sasl_type = dovecot
smtpd_sasl_path = private/auth
postscreen_access_list =
postscreen_greet_action = enforce
postscreen_greet_ttl = 1s
postscreen_greet_wait = 1s
postscreen_cache_map = btree:$data_directory/postscreen_cache
"""
MASTER_CF = """\
smtpd     pass  -       -       n       -       -       smtpd
  -o smtpd_tls_security_level=may
dnsblog   unix  -       -       n       -       0       dnsblog
tlsproxy  unix  -       -       n       -       0       tlsproxy
  -o smtpd_tls_security_level=may
pickup    unix  n       -       n       60      1       pickup
cleanup   unix  n       -       n       -       0       cleanup
qmgr      unix  n       -       n       300     1       qmgr
tlsmgr    unix  -       -       n       1000?   1       tlsmgr
rewrite   unix  -       -       n       -       -       trivial-rewrite
bounce    unix  -       -       n       -       0       bounce
defer     unix  -       -       n       -       0       bounce
trace     unix  -       -       n       -       0       bounce
verify    unix  -       -       n       -       1       verify
flush     unix  n       -       n       1000?   0       flush
proxymap  unix  -       -       n       -       -       proxymap
showq     unix  n       -       n       -       -       showq
error     unix  -       -       n       -       -       error
retry     unix  -       -       n       -       -       error
discard   unix  -       -       n       -       -       discard
anvil     unix  -       -       n       -       1       anvil
postlog   unix-dgram n  -       n       -       1       postlogd
"""
DOVECOT_CONF = """\
base_dir = {top}/dovecot/run
state_dir = {top}/dovecot/state
log_path = {top}/dovecot/log
protocols =
ssl = no
auth_mechanisms = plain login
auth_failure_delay = 0
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {top}/dovecot/users
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home=/nonexistent
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service auth {{
  unix_listener {top}/spool/private/auth {{
    mode = 0660
    user = postfix
    group = postfix
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0600
  }}
}}
"""


def _free_ports(n: int) -> list[int]:
    # Postfix wants numbers, and binds them a while later. Not those that the kernel gives out (from 32768 on Linux):
    # another test would have one of them by then.
    with contextlib.ExitStack() as stack:
        found: list[int] = []
        while len(found) < n:
            with contextlib.suppress(OSError):
                port = random.randrange(20000, 32768)
                stack.enter_context(socket.create_server(("127.0.0.1", port)))
                found.append(port)
        return found


def _certificate(top: Path) -> None:
    ca = trustme.CA()
    leaf = ca.issue_cert("localhost", HOSTNAME, "127.0.0.1")
    ca.cert_pem.write_to_path(top / "ca.pem")
    for i, blob in enumerate(leaf.cert_chain_pems):
        blob.write_to_path(top / "cert.pem", append=i > 0)
    leaf.private_key_pem.write_to_path(top / "key.pem")
    (top / "key.pem").chmod(0o600)


def _run(top: Path, *command: str) -> None:
    # Into a file: a daemon that inherits a pipe would keep it open.
    with open(top / "start.log", "w+b") as log:
        if subprocess.run(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, timeout=60).returncode:
            said = [(top / name).read_text() for name in ("start.log", "maillog") if (top / name).exists()]
            raise RuntimeError("\n".join([" ".join(command), *said]))


def _answers(port: int, within_s: float = 20.0) -> None:
    tick = threading.Event()
    for _ in range(int(within_s * 20)):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        tick.wait(0.05)
    raise RuntimeError(f"nothing answers on port {port}")


@contextlib.contextmanager
def postfix():
    """({kind: (host, port)}, path of the authority's certificate), up until the block ends."""
    top = short_folder("postfix-")  # a configuration can't have blanks in its paths
    top.chmod(0o755)
    top.parent.chmod(0o711)  # users of their own go through it
    ports = dict(zip(KINDS, _free_ports(len(KINDS)), strict=True))
    for name in ("etc", "spool", "data", "dovecot"):
        (top / name).mkdir()
    _certificate(top)
    values = {"top": top, "hostname": HOSTNAME, "domain": DOMAIN}
    (top / "etc/main.cf").write_text(MAIN_CF.format(**values))
    services = []
    for kind, port in ports.items():
        daemon = "1 postscreen" if kind == "postscreen" else "- smtpd"
        services.append(f"127.0.0.1:{port} inet n - n - {daemon}\n  {KINDS[kind].format(**values)}\n")
    (top / "etc/master.cf").write_text("".join(services) + MASTER_CF)
    (top / "dovecot/dovecot.conf").write_text(DOVECOT_CONF.format(**values))
    (top / "dovecot/users").write_text("alice:wonderland\n")
    shutil.chown(top / "dovecot/users", group="dovecot")
    (top / "dovecot/users").chmod(0o640)
    shutil.chown(top / "data", user="postfix")
    (top / "data").chmod(0o700)
    path = os.environ["PATH"]
    os.environ["PATH"] = f"{path}{os.pathsep}/usr/sbin{os.pathsep}/sbin"
    try:
        _run(top, "postfix", "-c", str(top / "etc"), "check")  # also makes the queue's folders
        _run(top, "dovecot", "-c", str(top / "dovecot/dovecot.conf"))
        _run(top, "postfix", "-c", str(top / "etc"), "start")
        for port in ports.values():
            _answers(port)
        yield {kind: ("127.0.0.1", port) for kind, port in ports.items()}, str(top / "ca.pem")
    finally:
        for command in (("postfix", "-c", str(top / "etc"), "stop"),
                        ("dovecot", "-c", str(top / "dovecot/dovecot.conf"), "stop")):
            subprocess.run(command, capture_output=True, timeout=60)
        os.environ["PATH"] = path
        shutil.rmtree(top, ignore_errors=True)
