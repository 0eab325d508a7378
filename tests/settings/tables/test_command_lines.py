"""curl, swaks, git send-email, msmtp and mutt: command lines and files as people paste them, and their traps."""

from helpers import each_row

from smtplab.settings import framework, read_settings
from smtplab.settings.evaluate import fill
from smtplab.settings.model import Given, NotPossible
from smtplab.settings.reading import Word
from smtplab.settings.tables.options import command_of, options

GMAIL = """\
curl --url 'smtps://smtp.example.com:465' --ssl-reqd \\
  --mail-from 'alice@example.com' --mail-rcpt 'bob@example.org' \\
  --upload-file mail.txt --user 'alice@example.com:hunter2' --insecure
"""
MSMTPRC = """\
# Set default values for all following accounts.
defaults
auth           on
tls            on
tls_trust_file /etc/ssl/certs/ca-certificates.crt

account        one
host           smtp.example.com
port           587
user           alice
password       "hunter2 hunter2"

account two
host smtp.example.org
port 465
tls_starttls off
passwordeval "pass show hunter2"

account default : two
"""
MUTTRC = """\
set from = "alice@example.com"  # don't
set smtp_url="smtps://alice@example.com@smtp.example.com:465/"
set smtp_pass = "hunter2"
set ssl_force_tls = yes ; set ssl_starttls=yes
"""
CONFIG = "git config --global sendemail."
PASTES = [
    ("curl", GMAIL, "implicit", 465, "works"),
    ("curl", "$ curl -v smtp://a%40b:hunter2@h.example:587 --ssl -T - <<EOF\nSubject: x\n--ssl-reqd\nEOF",
     "starttls-opportunistic", 587, "works"),
    ("curl", "curl -sSku a:hunter2 --url smtp://h.example:587 --ssl-reqd -T mail | tee log", "starttls-required", 587,
     "works"),
    ("curl", "curl smtp://h.example:587 -uhunter2:hunter2 --ftp-ssl-reqd -T mail", "starttls-required", 587, "works"),
    ("curl", "curl smtp.example.com --ssl-reqd --no-ssl-reqd", "plain", 25, "plaintext"),
    ("curl", "curl mail.example.com:587 --ssl-reqd -u a:hunter2", "error", 587, "config-error"),
    ("curl", "curl --ssl-reqd --mail-from a smtp://h.example:587", "starttls-required", 587, "auth-missing"),
    ("curl", "curl --url=smtps://h.example:465", "error", 465, "config-error"),
    ("curl", "# ~/.curlrc\nssl-reqd\nurl = \"smtp://h.example:587\"\nuser = \"a:hunter2\"\n", "starttls-required", 587,
     "works"),
    ("curl", "smtps://h.example --ssl", "implicit", 465, "works"),
    ("swaks", "swaks --to b@c --from=a@b -s h.example:587 -tls -a LOGIN -au alice -ap hunter2", "starttls-required",
     587, "works"),
    ("swaks", "swaks -t b@c --server=h.example --port=465 -tlsc --auth PLAIN --auth-password=hunter2", "implicit", 465,
     "works"),
    ("swaks", "echo hi | swaks -t b@c --server h.example --protocol SSMTPA -ap hunter2", "implicit", 465, "works"),
    ("swaks", "swaks --to b@c --server h.example --port 587 --tls-optional -a", "starttls-opportunistic", 587, "works"),
    ("swaks", "swaks --to b@c --server h.example --port 587 -tls", "starttls-required", 587, "auth-missing"),
    ("swaks", "swaks --to b@c -s h.example -p 465 -tlsc -tls -a", "implicit", 465, "starttls-not-offered"),
    ("swaks", "swaks --to b@c -s h.example -p 25 -tlso -ao", "starttls-opportunistic", 25, "works"),
    ("swaks", "swaks --protocol QMTP -s h.example", "error", 25, "config-error"),
    ("git", "[sendemail]\n\tsmtpserver = h.example\n\tsmtpserverport = 587\n\tsmtpencryption = tls\nsmtppass = hunter2",
     "starttls-required", 587, "works"),
    ("git", f"{CONFIG}smtpServer h.example\n{CONFIG}smtpserverport submission\n{CONFIG}smtpEncryption tls\n"
     f"{CONFIG}smtppass 'hunter2'", "starttls-required", 587, "works"),
    ("git", "git send-email --smtp-server=h.example:465 --smtp-ssl --smtp-user a \\\n --smtp-pass hunter2 *.patch",
     "implicit", 465, "works"),
    ("git", "git -c sendemail.smtpencryption=ssl send-email --smtp-server h --smtp-server-port 587 --smtp-pass=hunter2",
     "implicit", 587, "wrong-version-number"),
    ("git", "sendemail.smtpencryption=tls\nsendemail.smtpserver=h.example\nuser.name=Me", "starttls-required", 25,
     "auth-not-offered"),
    ("git", 'git send-email --smtp-encryption "" --smtp-server h', "plain", 25, "auth-not-offered"),
    ("git", "git send-email --smtp-encryption= --smtp-server h", "error", 25, "config-error"),
    ("git", "[sendmail]\nsmtpserver = h\nsmtppass = hunter2\nsmtpencryption = tls", "error", 25, "config-error"),
    ("git", "git send-email --smtp-encryption=tls --no-smtp-auth --smtp-server-port=587", "starttls-required", 587,
     "auth-missing"),
    ("msmtp", MSMTPRC, "implicit", 465, "works"),
    ("msmtp", MSMTPRC + "\nmsmtp -a one bob@example.org", "starttls-required", 587, "works"),
    ("msmtp", "msmtp --host=h.example --port=465 --tls=on --tls-starttls=off --auth=on -t < mail", "implicit", 465,
     "works"),
    ("msmtp", "tls on; tls_starttls off", "implicit", 465, "works"),
    ("msmtp", "tls", "starttls-required", 25, "auth-not-offered"),
    ("msmtp", "tls yes", "error", 25, "config-error"),
    ("msmtp", "host h.example\nport 587\ntls on\npassword it's hunter2", "starttls-required", 587, "auth-missing"),
    ("msmtp", "host h.example\nauth off", "plain", 25, "plaintext"),
    ("mutt", MUTTRC, "implicit", 465, "works"),
    ("mutt", "set smtp_url=smtp://a:hunter2@h.example:587\nset ssl_starttls = no", "starttls-required", 587, "works"),
    ("mutt", "set smtp_url=smtp://a:hunter2@h.example:587\nunset ssl_force_tls", "starttls-opportunistic", 587,
     "works"),
    ("mutt", "set smtp_url=smtp://a@h.example:587\nset nossl_force_tls\nset nossl_starttls", "plain", 587,
     "refused-needs-tls"),
    ("mutt", "account-hook . 'set smtp_url=\"smtp://a@h.example:587\" ssl_force_tls=no'", "starttls-opportunistic", 587,
     "works"),
    ("mutt", "set smtp_url=smtp://h.example:587", "starttls-required", 587, "auth-missing"),
    ("mutt", "set smtp_url=smtp.example.com", "error", 25, "config-error"),
]


@each_row(("name", "text", "mode", "port", "outcome"), PASTES)
def test_a_paste_is_read_as_the_program_reads_it(name, text, mode, port, outcome):
    report = read_settings(name, text)
    assert (report.mode, report.port, report.outcome) == (mode, port, outcome)
    assert "hunter2" not in repr(report) + report.to_json()


TRAPS = [  # framework, paste, the code, its setting, a word of it; the twin that has no such warning
    ("curl", "smtp:// --tlsv1.2", "ineffective", "tlsv1.2", "does not turn TLS on", "smtp:// --ssl-reqd --tlsv1.2"),
    ("curl", "smtps:// --ssl-reqd", "redundant", "ssl-reqd", "STARTTLS", "smtp:// --ssl-reqd"),
    ("curl", "smtp:// --ssl", "fallback-in-clear", "ssl", "--ssl-reqd", "smtp:// --ssl-reqd"),
    ("curl", "smtps:// -k", "no-certificate-check", "insecure", "not checked", "smtps:// --cacert x"),
    ("curl", "smtp://", "password-in-clear", "user", "in clear", "smtps://"),
    ("curl", "curl smtps://h -T m", "auth-incomplete", "user", "--user", "curl smtps://h -T m -u a:b"),
    ("swaks", "-tls -tlsc", "contradiction", "tls", "587", "-tlso -tlsc"),
    ("swaks", "-tls", "no-certificate-check", "tls-verify", "--tls-verify", ""),
    ("swaks", "-tlso", "fallback-in-clear", "tls-optional", "454", "-tlsos"),
    ("swaks", "--to a@b -tls", "auth-incomplete", "auth", "--auth", "--to a@b -tls -a PLAIN"),
    ("git", "--smtp-encryption=starttls", "unknown-value", "smtpEncryption", "no encryption", "--smtp-encryption=tls"),
    ("git", "--smtp-encryption=TLS", "ineffective", "smtpEncryption", "in clear", "--smtp-encryption=tls"),
    ("git", "--smtp-encryption=tls", "default-port", "smtpServerPort", "587",
     "--smtp-encryption=tls --smtp-server-port=587"),
    ("git", "[sendemail]\nsmtpserver = /usr/bin/msmtp\nsmtpencryption = tls", "ineffective", "smtpEncryption",
     "program", "[sendemail]\nsmtpserver = h\nsmtpencryption = tls"),
    ("git", "[sendemail]\nsmtpencryption = tls\nsmtpsslcertpath =", "no-certificate-check", "smtpSslCertPath",
     "not checked", "[sendemail]\nsmtpencryption = tls\nsmtpsslcertpath = /etc/ssl"),
    ("git", "[sendemail]\nsmtpserver = h", "auth-incomplete", "smtpUser", "smtpUser",
     "[sendemail]\nsmtpserver = h\nsmtpuser = a"),
    ("git", "[sendemail]\nsmtpencrypton = tls", "unknown-key", "sendemail.smtpencrypton", "sendemail.smtpencryption",
     "[sendemail]\nsmtpencryption = tls"),
    ("msmtp", "tls_starttls on", "ineffective", "tls_starttls", "tls on", "tls on\ntls_starttls off"),
    ("msmtp", "auth on", "auth-refused", "auth", "auth plain", "auth plain"),
    ("msmtp", "auth plain", "password-in-clear", "auth", "without TLS", "auth plain\ntls on"),
    ("msmtp", "host h\ntls on", "auth-incomplete", "auth", "auth on", "host h\ntls on\nauth on"),
    ("msmtp", "tls on\ntls_certcheck off", "no-certificate-check", "tls_certcheck", "not checked", "tls on"),
    ("msmtp", "account a\nhost h\naccount b\nhost i", "account", "account", "-a", "account a\nhost h"),
    ("msmtp", "tls on\nstarttls on", "unknown-key", "starttls", "tls_starttls", "tls on\ntls_starttls on"),
    ("mutt", "set smtp_url=smtp://a@h\nset ssl_starttls=no", "ineffective", "ssl_starttls", "ssl_force_tls",
     "set smtp_url=smtp://a@h ssl_force_tls=no ssl_starttls=no"),
    ("mutt", "set smtp_url=smtp://a@h", "default", "ssl_force_tls", "required", "set smtp_url=smtps://a@h"),
    ("mutt", "set smtp_url=smtps://a@h ssl_force_tls", "redundant", "ssl_force_tls", "smtps", "set smtp_url=smtps://a@h"),
    ("mutt", "set ssl_force_tls=no ssl_starttls=ask-yes", "redundant", "ssl_starttls", "ask", "set ssl_force_tls=no"),
    ("mutt", "set ssl_force_tls=no", "ineffective", "smtp_url", "$sendmail", "set smtp_url=smtp://a@h"),
    ("mutt", "set smtp_url=smtp://h", "auth-incomplete", "smtp_url", "name", "set smtp_url=smtp://a@h"),
]


@each_row(("name", "text", "code", "setting", "word", "twin"), TRAPS)
def test_a_trap_is_named_and_only_where_it_is_one(name, text, code, setting, word, twin):
    def found(text):
        return [w.message for w in read_settings(name, text).warnings if (w.code, w.setting) == (code, setting)]
    assert word in " ".join(found(text))
    assert found(twin) == []


def test_versions_differ_where_the_programs_do():
    equals = "curl --url=smtps://h.example:465"
    assert read_settings("curl", equals, version="8.15").mode == "error"
    assert read_settings("curl", equals, version="8.16").mode == "implicit"
    url = "set smtp_url=smtp://a@h:587"
    assert read_settings("mutt", url, version="1.14.7").mode == "starttls-opportunistic"
    assert read_settings("mutt", url, version="2.0").mode == "starttls-required"
    old = {"sendemail.smtpssl": "true"}
    assert read_settings("git", old, version="2.30").mode == "implicit"
    assert [w.code for w in read_settings("git", old).warnings if w.setting == "smtpssl"] == ["ineffective"]


def test_the_account_that_counts_is_the_default_one():
    report = read_settings("msmtp", MSMTPRC)
    assert report.host == "smtp.example.org"
    assert {line.number for line in report.lines if line.effect == "decides"} == {4, 16}
    assert not [w for w in report.warnings if w.code in ("repeated", "account")]


def test_lines_of_a_long_command_are_told_apart():
    lines = {line.text.partition(" ")[0]: line for line in read_settings("curl", GMAIL).lines}
    assert (lines["url"].number, lines["url"].effect) == (1, "decides")
    assert (lines["mail-from"].number, lines["user"].number, lines["user"].effect) == (2, 3, "secret")


@each_row(("name", "text", "seconds"), [
    ("curl", "smtp://h", 120), ("curl", "smtp://h --max-time 20", 20), ("curl", "smtp://h --connect-timeout 5", 5),
    ("swaks", "-tls", 30), ("swaks", "-tls --timeout 2m", 120), ("git", "--smtp-encryption=tls", 120),
    ("msmtp", "tls on", None), ("msmtp", "tls on\ntimeout 10", 10), ("mutt", "set smtp_url=smtp://a@h", None)])
def test_a_hang_lasts_as_long_as_the_program_waits(name, text, seconds):
    report = read_settings(name, text, port=465)
    assert (report.outcome, report.hang_ends_after_s) == ("hang", seconds)


@each_row("name", ["curl", "swaks", "git", "msmtp", "mutt"])
def test_every_form_reads_back_to_its_mode(name):
    described = framework(name)
    all_forms = described.forms(Given(described, described.releases[-1], {}, None))
    possible = {mode: form for mode, form in all_forms.items() if not isinstance(form, NotPossible)}
    assert len(possible) == (3 if name in ("git", "msmtp") else 4)
    for mode, form in possible.items():
        port = 465 if mode == "implicit" else 587
        report = read_settings(name, fill(form, "h.example", port)[0])
        assert (report.mode, report.port, report.host) == (mode, port, "h.example")


def test_options_own_the_words_behind_them():
    words = [Word(w, 1) for w in "-kuname --port=5 --to -x value last".split()]
    assert [(o.name, o.value) for o in options(words, {"u", "x"}, {"to"}, letters="ux")] == [
        ("k", None), ("u", "name"), ("port", "5"), ("to", None), ("x", "value"), ("", "last")]


def test_only_the_command_itself_is_read():
    words = [Word(w, 1) for w in "echo -a | /usr/bin/swaks -b ; swaks -c".split()]
    assert command_of(words, "swaks") == (["-b"], True)
    assert command_of([Word("-a", 1)], "swaks") == (["-a"], False)
