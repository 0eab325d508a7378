"""The version that a paste names, in whatever way, and the numbers that are none."""

from helpers import each_row

from smtplab.question.versions import version_in
from smtplab.settings import framework


@each_row(("name", "text", "version"), [
    ("nodemailer", "nodemailer 6.9.16, node v18.20.8", "6.9.16"), ("nodemailer", '"nodemailer": "^7.0.13"', "7.0.13"),
    ("nodemailer", "nodemailer@4.7.0", "4.7.0"), ("laravel", "Laravel 10 (10.48.2)", "10.48.2"),
    ("laravel", "Laravel 10, PHP 8.3.2", ""), ("laravel", "**Laravel Version:** 10.48", "10.48"),
    ("rails", "Rails 6.1.7 on Debian", "Rails 6.1.7"), ("django", "Django==5.2", "5.2"),
    ("rails", "/gems/mail-2.7.1/lib/mail/network/smtp.rb:100", "mail-2.7.1"),
    ("django", "django 192.0.2.1", ""), ("nodemailer", "nodemailer on port 587", ""), ("django", "", ""),
    ("nodemailer", "xnodemailer 1.2.3", "")])
def test_versions(name, text, version):
    assert version_in(text, framework(name)) == version
