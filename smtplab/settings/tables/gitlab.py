"""Ruby: GitLab's omnibus settings, which become ActionMailer's; the same rules decide, with what omnibus adds.

Sources: omnibus-gitlab's smtp_settings.rb.erb (line 13), attributes/default.rb (line 727), smtp_helper.rb
(validate_smtp_settings!), doc/settings/smtp.md; GitLab's config/initializers/mail_starttls_patch.rb, mail 2.9's
logic on mail 2.8.1 since GitLab 16. All 32 combinations of the documentation were run against loopback servers.
"""

from __future__ import annotations

from dataclasses import replace

from ..model import (
    ERROR,
    IMPLICIT,
    OPPORTUNISTIC,
    PLAIN,
    REQUIRED,
    Framework,
    Given,
    Key,
    Note,
    NotPossible,
    Outcome,
    Release,
    Role,
    Rule,
    Unoffered,
    Waits,
    other_keys,
)
from .ruby import RAILS

_PREFIX = "smtp_"
_NOT_PASSED_ON = ("smtp_force_ssl", "smtp_enable_starttls")
_DOCUMENTED = "omnibus-gitlab doc/settings/smtp.md; live"
_METHODS = ("login", "plain", "cram_md5", "none", "false", "")

KEYS = (
    *(replace(k, name=_PREFIX + k.name) for k in RAILS.keys if k.name not in ("enable_starttls", "return_response")),
    Key("smtp_enable_starttls", role=Role.OTHER), Key("smtp_force_ssl", role=Role.OTHER),
    *other_keys(Role.OTHER, "smtp_enable", "smtp_pool"),
)


class _AsRails(Given):
    """GitLab's settings as the Rails that omnibus configures sees them; nil values are left out of its template."""

    def __init__(self, g: Given) -> None:
        patched = g.numbers >= (16,)
        # mail's own default is true in 2.8; the patch has 2.9's "nothing said".
        values = {k.removeprefix(_PREFIX): v for k, v in g.values.items() if v is not None and k not in _NOT_PASSED_ON
                  and k.removeprefix(_PREFIX) in RAILS.by_name}
        super().__init__(RAILS, Release("", (2, 9, 1) if patched else (2, 8, 1), {"net_smtp": (0, 3, 1, 1)}), values,
                         g.port_given)
        self.mode, self.outcome = g.mode, g.outcome


def _through_rails(row: Rule | Note) -> Rule | Note:
    def when(g: Given) -> object:
        rails = _AsRails(g)
        return rails.release.within(row.since, row.before) and row.when(rails)
    if isinstance(row, Rule):
        return replace(row, when=when, since=(), before=())
    return replace(row, when=when, since=(), before=(), setting=row.setting and _PREFIX + row.setting)


def _both_on(g: Given) -> bool:
    return bool(g["smtp_tls"] and g.has("smtp_enable_starttls_auto") and g["smtp_enable_starttls_auto"])


def _waits_on_465(g: Given) -> bool:
    return g.port == 465 and not g["smtp_tls"] and not g["smtp_ssl"]


_RULES = (
    Rule(ERROR, "gitlab-ctl reconfigure takes only login, plain, cram_md5 or none for smtp_authentication",
         lambda g: str(g.raw("smtp_authentication") or "").lower() not in _METHODS, "omnibus smtp_helper.rb", (19, 1)),
    Rule(ERROR, "smtp_tls and smtp_enable_starttls_auto are both true: gitlab-ctl reconfigure refuses that", _both_on,
         "omnibus smtp_helper.rb validate_smtp_settings! (2023-05)", (16,)),
    *map(_through_rails, RAILS.rules),
)
_NOTES = (
    Note("ineffective", "smtp_force_ssl", "smtp_force_ssl is not passed on to Rails: it changes nothing, though three"
         " documented examples have it. For TLS at once say smtp_tls = true", lambda g: g.has("smtp_force_ssl"),
         "omnibus smtp_settings.rb.erb:13"),
    Note("ineffective", "smtp_enable_starttls", "smtp_enable_starttls is not passed on to Rails. No omnibus key"
         " requires STARTTLS", lambda g: g.has("smtp_enable_starttls"), "omnibus smtp_settings.rb.erb:13"),
    Note("documented-example", "smtp_tls", "port 465 without smtp_tls = true waits until the time-out; GitLab's"
         " documentation had examples of it (the introduction, \"encrypted credentials\", Campaign Monitor)",
         _waits_on_465, _DOCUMENTED),
    Note("documented-example", "smtp_enable_starttls_auto", "587 with STARTTLS off sends the password in clear;"
         " GitLab's documentation had an example of it (Dinahosting)",
         lambda g: g.port == 587 and g.mode is PLAIN, _DOCUMENTED),
    *(_through_rails(n) for n in RAILS.notes if n.setting != "enable_starttls"),
    Note("ineffective", "smtp_enable_starttls_auto", "smtp_ssl = false makes mail 2.8 (GitLab up to 15) skip"
         " smtp_enable_starttls_auto and smtp_openssl_verify_mode. Take smtp_ssl = false out",
         lambda g: g.raw("smtp_ssl") is False and not g["smtp_tls"], "live", (), (16,)),
)
_CANT = NotPossible("no omnibus key requires STARTTLS: without any key it is used where it is offered")
_FORM = """\
gitlab_rails['smtp_enable'] = true
gitlab_rails['smtp_address'] = "{host}"
gitlab_rails['smtp_port'] = {port}"""


def _errors(g: Given) -> dict[Outcome, str]:
    errors = RAILS.errors(_AsRails(g))
    if g.numbers >= (19, 1) and str(g.raw("smtp_authentication") or "").lower() not in _METHODS:
        errors |= {Outcome.CONFIG_ERROR: "gitlab_rails['smtp_authentication'] is set to an unrecognized value"}
    return errors


GITLAB = Framework(
    "gitlab-omnibus", "GitLab (omnibus)", "Ruby", KEYS, _RULES,
    (Release("GitLab <= 15.x (mail 2.8.1 unpatched)", (15,)), Release("GitLab 16+ (mail 2.8.1 patched / 2.9)", (16,)),
     Release("omnibus 2026-06+", (19, 1))),
    {IMPLICIT: _FORM + "\ngitlab_rails['smtp_tls'] = true", REQUIRED: _CANT, OPPORTUNISTIC: _FORM,
     PLAIN: _FORM + "\ngitlab_rails['smtp_enable_starttls_auto'] = false"},
    ("code", "assignments"), ("gitlab", "omnibus", "gitlab.rb"), _NOTES, unoffered=Unoffered.SENDS,
    waits=(Waits(60, source="omnibus attributes/default.rb:727; live"),), errors=_errors,
    namespace=r"gitlab_rails\.smtp_\w+$|^smtp_\w+$",
    says={"smtp_tls = true": {"smtp_tls": True}, "smtp_ssl = true": {"smtp_ssl": True},
          "smtp_enable_starttls_auto = true": {"smtp_enable_starttls_auto": True}},
)
FRAMEWORKS = (GITLAB,)
