"""The readers of pastes: what people write is taken apart; what is odd is named; nothing is run, nothing raises."""

import pytest
from helpers import each_row
from hypothesis import given
from hypothesis import strategies as st

from smtplab.settings.reading import (
    Computed,
    read_assignments,
    read_code,
    read_command,
    read_directives,
    read_yaml,
)

READERS = (read_code, read_assignments, read_directives, read_yaml, read_command)


def pairs(paste) -> dict[str, object]:
    return {".".join(p.path): p.value for p in paste.pairs}


@each_row(("text", "expected"), [
    ('smtp_settings = { address: "a.example", port: 465, tls: true, via: :plain }',
     {"smtp_settings.address": "a.example", "smtp_settings.port": 465, "smtp_settings.tls": True,
      "smtp_settings.via": ":plain"}),
    ("x = { :tls=>true, 'ssl' => nil }", {"x.tls": True, "x.ssl": None}),
    ("gitlab_rails['smtp_tls'] = false # no\n", {"gitlab_rails.smtp_tls": False}),
    ("EMAIL_PORT = 587\nEMAIL_USE_TLS = 'False'", {"EMAIL_PORT": 587, "EMAIL_USE_TLS": "False"}),
    ("t({ host: 'h', secure:false, auth: { user: 'u' } })", {"host": "h", "secure": False, "auth.user": "u"}),
    ("$mail->Port = 587; $mail->SMTPSecure='tls';", {"mail.Port": 587, "mail.SMTPSecure": "tls"}),
    ("config/mail.php: 'encryption'=>'tls', 'port' => 465", {"encryption": "tls", "port": 465}),
    ('props.put("mail.smtp.auth", "true");', {"mail.smtp.auth": "true"}),
    ("[{relay,\"r\"},{ssl,true},{port,465}]", {"relay": "r", "ssl": True, "port": 465}),
    ('<network host="h" port="587" enableSsl="true" />', {"host": "h", "port": "587", "enableSsl": "true"}),
    ("host: smtp-mail.example.com\nport=25", {"host": "smtp-mail.example.com", "port": 25}),
    ("port=587 tls=true", {"port": 587, "tls": True}),
    ("// tls: true\n# tls: true\n/* tls: true */ port: 1", {"port": 1}),
    ("d.SSL = true // and so on", {"d.SSL": True}),
    ("url = smtp://h:587/?a=b", {"url": "smtp://h:587/?a=b"}),
])
def test_pairs_of_code(text, expected):
    assert pairs(read_code(text)) == expected


def test_calls_of_code():
    calls = read_code("with smtplib.SMTP_SSL('h', 465, context=c) as s:\n    s.starttls()\n    s.login(u, 'p')").calls
    assert [(c.name, c.arguments) for c in calls] == [("SMTP_SSL", ("h", 465)), ("starttls", ()), ("login", ("u", "p"))]
    assert [c.line for c in calls] == [1, 2, 3]


@each_row(("value", "default"), [
    ("process.env.PORT || 587", 587), ("env('PORT', 587)", 587), ('ENV.fetch("PORT", 587)', 587),
    ('os.environ.get("PORT", "587")', "587")])
def test_a_value_from_the_environment_has_its_default(value, default):
    found = pairs(read_code(f"port: {value}"))["port"]
    assert (found.known, found.default) == (True, default)


@each_row("value", ['ENV["P"]', "process.env.P", "os.environ['P']", '"a#{b}"', "`${b}`", 'f"{b}"',
                                   "getpass()", "a + b()", "secrets[:x]"])
def test_a_computed_value_is_named_and_not_known(value):
    paste = read_code(f"tls: {value}")
    assert isinstance(pairs(paste)["tls"], Computed)
    assert not pairs(paste)["tls"].known
    assert [u.line for u in paste.unread] == [1]


def test_lines_keep_texts_and_take_quotes_and_remarks_off():
    text = "[mailer]\nPROTOCOL = smtps ; remark\nexport A=\"b c\"\nx.y: 'z'\n# no\nlonely\n"
    paste = read_assignments(text)
    assert pairs(paste) == {"mailer.PROTOCOL": "smtps", "mailer.A": "b c", "mailer.x.y": "z"}
    assert [(u.line) for u in paste.unread] == [6]
    assert pairs(read_directives("tls on\ntls_starttls off\nlonely"))["tls_starttls"] == "off"


def test_yaml_has_paths_and_lines_and_builds_nothing():
    text = ("spring:\n  mail:\n    port: 465\n    on: yes\n    list: [{a: 1}]\n"
            "    evil: !!python/object/apply:os.system [x]\n")
    paste = read_yaml(text)
    assert pairs(paste) == {"spring.mail.port": 465, "spring.mail.on": True, "spring.mail.list.a": 1,
                            "spring.mail.evil": "x"}
    assert [p.line for p in paste.pairs] == [3, 4, 5, 6]


@each_row("text", ["{0", "a:", "[a,", "? "])
def test_what_is_missing_at_the_end_stands_on_the_last_line(text):
    assert {pair.line for pair in read_yaml(text).pairs} <= {1}


def test_what_is_no_yaml_is_named_with_its_line():
    paste = read_yaml("a: 1\nb: [\n")
    assert pairs(paste) == {"a": 1}
    assert [u.why for u in paste.unread] == ["from here on this is no YAML"]


def test_a_command_line_is_split_as_a_shell_would_and_nothing_expanded():
    words = [w for w, _line, _span in read_command("curl --url 'smtp://h' \\\n  -u \"$USER:`id`\" # note").words]
    assert words == ["curl", "--url", "smtp://h", "-u", "$USER:`id`"]


@pytest.mark.parametrize("reader", READERS)
@given(st.text(max_size=200))
def test_no_reader_raises(reader, text):
    paste = reader(text)
    assert all(1 <= p.line <= text.count("\n") + 1 for p in paste.pairs)


@pytest.mark.parametrize("reader", READERS)
@given(st.lists(st.sampled_from([*"{}[]()=:,;'\"`\n \\#/*$-", "=>", "tls", "true", ":a", "1", "<!--", "#{"]),
                max_size=60))
def test_no_reader_raises_on_punctuation(reader, pieces):
    reader("".join(pieces))


@each_row("reader", READERS)
@each_row("piece", ["[", "{", "f(", "f(a,", "{a,{b,", "- ", "{a: ", "\\\"", "/*", "<!--", "a-", "a.",
                                   "@", "x['a']", "1.", "//", "a = b || ", "&a [*a]\n"])
@pytest.mark.slow
def test_a_long_run_of_anything_is_read_through(reader, piece):
    """A reader that looked twice, or went into itself, would not end here within the test's time."""
    text = piece * (60_000 // len(piece))
    paste = reader(f"port: 587\n{text}")
    if reader is read_command:
        assert [str(word) for word, *_ in paste.words][:2] == ["port:", "587"]
    else:  # what stands before it is read all the same
        assert [str(pair.value) for pair in paste.pairs if pair.path == ("port",)] == ["587"]


def test_every_beginning_of_a_paste_is_read():
    text = 'a.b = { "c" => \'d\', :e => :f, g: ENV.fetch("H", 1) } # i\nj(k, l: "m")\n'
    assert [len(read_code(text[:cut]).pairs) for cut in (0, len(text))] == [0, 4]
    for cut in range(len(text)):
        read_code(text[:cut])
