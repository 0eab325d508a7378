"""What is said of Ruby's logins, of its trust and of Rails' own settings, seen on real Rails and net-smtp.

net-smtp 0.1.0 (Ruby 2.7) differs from later ones in its context, which is one line: it stands here in its place.
"""

import json
import os
import subprocess

import pytest
from helpers import each_row, ended_traces
from live_clients import MAILERS, Run, fill, password_in_clear
from test_settings_live import RAILS

import smtplab
from smtplab import read_settings

pytestmark = [pytest.mark.real("ruby", "gem:actionmailer"), pytest.mark.slow, pytest.mark.timeout(120)]
RUBY27 = "mail 2.7.1 / net-smtp 0.1.0"


def ruby(script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["ruby", "-e", script], capture_output=True, text=True, timeout=60,
                          env={**os.environ, "LC_ALL": "C.UTF-8", **environment})


@each_row(("method", "kind", "crosses"), [
    (":plain", "plain", True), (":login", "plain", False), (":cram_md5", "plain", False),
    (":plain", "starttls-stripped", True), (":login", "starttls-stripped", True),
    (":cram_md5", "starttls-stripped", False)])
def test_the_password_crosses_where_it_is_said_to(method, kind, crosses, tmp_path):
    """`plain` offers no AUTH, so a login is refused; `starttls-stripped` takes one in clear."""
    text = RAILS % f", authentication: {method}"
    with smtplab.serve(kind) as server:
        version, [error] = MAILERS["rails"].send([Run(text, server.address[1], server)], tmp_path)
        [trace] = ended_traces(server)
    said = read_settings("rails", fill(text, "h", 587), version=version)
    assert said.version.startswith("mail 2.7.1 / net-smtp 0.3.1") and version.startswith("mail 2.7.1")
    assert password_in_clear(trace) == crosses
    if kind == "plain":  # the words for AUTH where none is offered, by their class
        assert said.password_first == crosses
        assert error.partition(":")[0] == read_settings("rails", text, version=version, port=25).error.partition(":")[0]
    else:
        assert said.password_in_clear_if_server_allows == crosses


OLD_CONTEXT = "def (Net::SMTP).default_ssl_context(*) = OpenSSL::SSL::SSLContext.new\n"  # net-smtp 0.1.0 smtp.rb
DELIVERS = """
require "mail"
require "net/smtp"
%s
Mail.defaults { delivery_method :smtp, address: "127.0.0.1", port: %d, tls: true%s }
Mail.deliver { from "a@example.com"; to "b@example.com"; subject "x"; body "x" }
"""


@each_row(("context", "settings", "trusted", "sent"), [
    (OLD_CONTEXT, "", False, True), (OLD_CONTEXT, ", openssl_verify_mode: 'none'", False, True),
    (OLD_CONTEXT, ", openssl_verify_mode: 'peer'", True, False),
    (OLD_CONTEXT, ", openssl_verify_mode: 'peer', ca_file: '<ca>'", True, True),
    ("", ", openssl_verify_mode: 'peer'", True, True), ("", ", openssl_verify_mode: 'peer'", False, False)])
def test_the_certificate_is_refused_where_it_is_said_to_be(context, settings, trusted, sent):
    with smtplab.serve("implicit" if trusted else "unknown-ca") as server:
        script = DELIVERS % (context, server.address[1], settings.replace("<ca>", server.ca_file))
        done = ruby(script, SSL_CERT_FILE=server.ca_file)  # the system's authorities
    assert (done.returncode == 0) == sent, done.stderr
    assert ("certificate verify failed" in done.stderr) == (not sent)
    if context:
        said = read_settings("rails", f"port: 465, tls: true{settings}", version=RUBY27)
        assert (said.outcome == "works") == sent


def test_rails_own_hash_holds_enable_starttls_auto_and_what_is_added_joins_it():
    done = ruby("""
        require "action_mailer"; require "json"
        class Letter < ActionMailer::Base
          def letter = mail(to: "b@example.com", body: "x", delivery_method_options: { tls: true })
        end
        before = ActionMailer::Base.smtp_settings.dup
        by_option = Letter.letter.delivery_method.settings
        ActionMailer::Base.smtp_settings[:tls] = true
        added = ActionMailer::Base.smtp_settings
        ActionMailer::Base.smtp_settings = { tls: true }
        puts [before, by_option, added, ActionMailer::Base.smtp_settings].map { _1.slice(:tls, :enable_starttls_auto) }
          .to_json""")
    both = {"tls": True, "enable_starttls_auto": True}
    assert json.loads(done.stdout) == [{"enable_starttls_auto": True}, both, both, {"tls": True}], done.stderr


def test_in_a_config_it_is_nil():
    """railtie.rb: `config.action_mailer = ActiveSupport::OrderedOptions.new`."""
    script = 'require "active_support/ordered_options"; config = ActiveSupport::OrderedOptions.new\n%s'
    alone, assigned = (ruby(script % f"{before}config.smtp_settings[:tls] = true")
                       for before in ("", "config.smtp_settings = {}\n"))
    assert "NoMethodError" in alone.stderr and (assigned.returncode, assigned.stderr) == (0, "")
