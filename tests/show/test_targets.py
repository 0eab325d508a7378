"""What is printed for a client: the right mode, place and authority, and nothing that the kind does not take."""

import pytest
from helpers import each_row

from smtplab import KINDS, read_settings, serve
from smtplab.lab.reach import reachable
from smtplab.settings import framework
from smtplab.show import point_client_at
from smtplab.show.targets import recipes, targets

READ = {"Rails": "rails", "Django": "django", "Nodemailer": "nodemailer", "msmtp": "msmtp", "curl": "curl",
        "swaks": "swaks", "Python": "smtplib"}


def blocks(text):
    """Each client's block by its name; the first is what heads them all."""
    first, *rest = text.split("\n\n")
    return first, {block.partition("\n")[0].lstrip("#/ ").partition(" (")[0]: block for block in rest}


@each_row("kind", KINDS)
def test_every_client_gets_the_mode_that_fits_the_kind(kind):
    first, found = blocks(targets(kind, "127.0.0.1", 4025, "/tmp/ca.pem"))
    row = KINDS[kind]
    mode = {"implicit": "implicit", "starttls": "starttls-required"}.get(row.tls, "plain")
    hides_starttls = kind in ("starttls-stripped", "starttls-masked")
    mode = "starttls-required" if hides_starttls else mode
    for name, settings in READ.items():
        report = read_settings(settings, found[name])
        assert (name, report.mode, report.port, report.host) == (name, mode, 4025, "127.0.0.1")
    assert ("openssl" in found) == (mode != "plain")
    assert first.startswith(f"# {kind}: ") and "127.0.0.1:4025" in first
    assert all(("/tmp/ca.pem" in block) == (mode != "plain") for block in found.values())
    login = row.tls is not None or hides_starttls
    assert all(("alice" in block or "AUTH PLAIN" in block) == login for block in found.values())


@each_row(("kind", "name"), [(kind, name) for kind in ("implicit", "starttls") for name in READ])
def test_what_is_printed_holds_in_every_release_for_which_one_runs_is_not_known(kind, name):
    """The twin is in `tests/settings/tables/test_ruby.py`: a word that only the newest release takes."""
    block = blocks(targets(kind, "127.0.0.1", 4025, "/tmp/ca.pem"))[1][name]
    described = framework(READ[name])
    modes = {release.name: read_settings(described.name, block, version=release.name).mode
             for release in described.releases}
    assert set(modes.values()) == {"implicit" if kind == "implicit" else "starttls-required"}, modes


def test_names_and_paths_are_quoted():
    _, found = blocks(targets("implicit", "::", 4025, '/tmp/a "b" #{c} \'d\'.pem'))
    here = reachable("::")
    assert f"smtps://[{here}]:4025" in found["curl"] and f"-connect [{here}]:4025" in found["openssl"]
    assert f"-verify_ip {here}" in found["openssl"] and f'"{here}", 4025' in found["Ruby"]
    assert r'"/tmp/a \"b\" \x23{c}' in found["Ruby"] and "#{" not in found["Rails"]
    assert eval(found["Python"].partition("cafile=")[2].partition(")")[0]) == '/tmp/a "b" #{c} \'d\'.pem'
    import shlex
    assert shlex.split(found["curl"].splitlines()[1])[-3] == '/tmp/a "b" #{c} \'d\'.pem'
    assert "-verify_hostname localhost" in targets("starttls", "localhost", 4025, "x")
    everywhere = targets("starttls", "0.0.0.0", 4025, "x")
    assert f"{reachable('0.0.0.0')}:4025" in everywhere and "0.0.0.0" not in everywhere


def test_for_a_running_server():
    with serve("starttls") as server:
        text = point_client_at(server)
        assert text == targets("starttls", *server.address, server.ca_file) and server.ca_file in text
    for mode, words in (("starttls", "STARTTLS, required"), ("implicit", "implicit TLS")):  # a kind and its twin
        with serve("expired", mode=mode) as server:
            assert point_client_at(server).startswith(f"# expired: {words}")
    with pytest.raises(ValueError, match="the kinds are"):
        targets("nothing", "127.0.0.1", 25, None)


@each_row("port", [465, 587])
def test_openssl_is_told_to_end_lines_as_smtp_does(port):
    """RFC 5321 section 2.3.8. Whatever is printed for a person to type into."""
    printed = [targets("starttls", "localhost", 4025, "x"), targets("implicit", "localhost", 4025, "x"),
               *recipes(("127.0.0.1", 4025), ("mail.example.com", port))]
    lines = [line for text in printed for line in text.splitlines() if "openssl s_client" in line]
    assert len(lines) == 3 and all(" -crlf" in line for line in lines)
