"""The closed list of causes that traces, error texts and lessons share.

A `Cause` names the root of a failure, not the wording of a message. Each has one `CauseText`: its title,
why it happens, what to change, what would prove it, and the lesson that shows it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why a mail connection ended as it did; `.value` is the name used in JSON."""

    OK = "ok"
    IMPLICIT_TO_PLAINTEXT = "implicit-to-plaintext"
    PLAINTEXT_TO_IMPLICIT = "plaintext-to-implicit"
    STARTTLS_NOT_OFFERED = "starttls-not-offered"
    STARTTLS_REQUIRED = "starttls-required"
    AUTH_REQUIRED = "auth-required"
    AUTH_REJECTED = "auth-rejected"
    AUTH_MECHANISM = "auth-mechanism"
    AUTH_NEEDS_TLS = "auth-needs-tls"
    CERT_SELF_SIGNED_OR_UNKNOWN_CA = "cert-self-signed-or-unknown-ca"
    CERT_HOSTNAME = "cert-hostname"
    CERT_EXPIRED = "cert-expired"
    CERT_CHAIN_INCOMPLETE = "cert-chain-incomplete"
    CERT_REJECTED = "cert-rejected"
    TLS_VERSION_OR_CIPHER = "tls-version-or-cipher"
    HANDSHAKE_STALLED = "handshake-stalled"
    REFUSED = "refused"
    FILTERED_TIMEOUT = "filtered-timeout"
    DNS = "dns"
    MIDDLEBOX = "middlebox"
    SERVER_NOT_SMTP = "server-not-smtp"
    TEMPORARILY_UNAVAILABLE = "temporarily-unavailable"
    RELAY_OR_POLICY = "relay-or-policy"
    CLOSED_BEFORE_GREETING = "closed-before-greeting"
    OTHER = "other"

    @property
    def text(self) -> CauseText:
        """Title, why, fixes, evidence and lesson."""
        return TEXTS[self]


@dataclass(frozen=True)
class CauseText:
    """What can be said about a cause without knowing the connection."""

    title: str
    why: str
    fixes: tuple[str, ...]
    evidence: str
    lesson: str


_PROBE = "smtplab probe HOST:PORT says what the port speaks."
# A setting's name is no guide: `tls: true` is TLS at once in Rails, `EMAIL_USE_TLS` is STARTTLS in Django.
_WORD = "Which word that is differs from program to program: smtplab settings FRAMEWORK says it."

TEXTS = {
    Cause.OK: CauseText(
        "It worked", "Everything that was asked for worked.", (), "The transcript.", "01"),
    Cause.IMPLICIT_TO_PLAINTEXT: CauseText(
        "The client starts TLS at once; the port speaks plaintext first",
        "The server's greeting is text. A client that expects TLS reads its first five bytes as a "
        "TLS record header, and they make none.",
        (f"Keep the port and set what means STARTTLS in your program, and nothing that starts TLS at once. {_WORD}",
         "Or keep implicit TLS and use its port, usually 465."),
        "The first five bytes from the server are text, such as 220 and a space. " + _PROBE, "02"),
    Cause.PLAINTEXT_TO_IMPLICIT: CauseText(
        "The client waits for a greeting; the port waits for TLS",
        "On an implicit-TLS port the client speaks first, with a ClientHello. A plain or STARTTLS "
        "client waits for the server's greeting, so each waits for the other.",
        (f"Keep the port and set what starts TLS at once in your program. {_WORD}",
         "Or keep STARTTLS and use its port, usually 587."),
        "Not one byte comes from the server, yet it answers a ClientHello: "
        "openssl s_client -connect HOST:PORT shows a certificate. " + _PROBE, "03"),
    Cause.STARTTLS_NOT_OFFERED: CauseText(
        "The client insists on STARTTLS; the server does not offer it",
        "STARTTLS may be used only if the EHLO reply lists it (RFC 3207 section 4).",
        ("Look whether the server has an implicit-TLS port (465) or another port for STARTTLS.",
         "If it should offer STARTTLS, its certificate settings are missing, or something between "
         "removed the keyword: compare from another network.",
         "If TLS is already on, do not ask for STARTTLS as well."),
        "The EHLO reply: no line says STARTTLS.", "04"),
    Cause.STARTTLS_REQUIRED: CauseText(
        "The server does nothing before STARTTLS",
        "The server refuses this command with 530 until the connection is encrypted (RFC 3207 section 4).",
        ("Switch STARTTLS on in the client.",),
        "A 530 reply in clear that asks for STARTTLS (another 530 asks for a login), and STARTTLS in the EHLO reply.",
        "04"),
    Cause.AUTH_REQUIRED: CauseText(
        "The server wants a login and got none",
        "The server does this only for its users, and nobody had logged in (RFC 4954 section 6). No password was "
        "refused: none was sent.",
        ("Give the client a user name and a password, and switch its login on.",
         "If it has both, look why it sends no AUTH: many servers list AUTH only after TLS."),
        "A reply that asks for a login, such as 530 5.7.0, and no AUTH among the client's commands before it.", "04"),
    Cause.AUTH_REJECTED: CauseText(
        "The login was refused",
        "The server understood the login and refused it. Port and mode are right, and TLS is if it was required.",
        ("Read the reply's text: it may speak of user and password, of an application password that is wanted, or of "
         "logins by SMTP that are switched off.",
         "Check user name and password.",
         "Check that the account may send by SMTP, and that this is the right server."),
        "A 535 or 534 reply to AUTH: its text is the server's own, and says which of the reasons it is.", "04"),
    Cause.AUTH_MECHANISM: CauseText(
        "The server does not have this way to log in",
        "A client may use only the mechanisms that the EHLO reply lists after AUTH.",
        ("Choose a mechanism that the server lists.",
         "If it lists none, not even after TLS, log in on a submission port, 587 or 465: port 25 usually takes no "
         "login."),
        "The AUTH line of the EHLO reply, after TLS.", "04"),
    Cause.AUTH_NEEDS_TLS: CauseText(
        "No login before the connection is encrypted",
        "Many servers list AUTH only after TLS, so that no password crosses in clear.",
        ("Switch STARTTLS on in the client, or use implicit TLS on 465.",),
        "The EHLO reply lists AUTH after TLS and not before.", "04"),
    Cause.CERT_SELF_SIGNED_OR_UNKNOWN_CA: CauseText(
        "The client does not know who signed the certificate",
        "The certificate's chain ends in an authority that the client does not trust, or breaks off before one.",
        ("Look how many certificates the server sends (openssl s_client -showcerts): if it is one, and a public "
         "authority signed it, the server leaves out the certificate between; have it send the full chain.",
         "If the authority is your own, give the client the authority's certificate.",
         "Or let the server use a public authority.",
         "Switching the check off hides who answers: do not."),
        "openssl s_client -showcerts -connect HOST:PORT shows the issuer, and what the server sends.", "04"),
    Cause.CERT_HOSTNAME: CauseText(
        "The certificate is for another name",
        "The chain is trusted, but the name that the client connects to is not in the certificate.",
        ("Connect by a name that the certificate holds.",
         "If the name is right, somebody else may be answering: look at the certificate's names."),
        "The names in the certificate against the name in the settings.", "04"),
    Cause.CERT_EXPIRED: CauseText(
        "The certificate is out of date",
        "The certificate is valid between two dates, and now is not between them.",
        ("Renew the certificate and restart the mail server.", "Check the client's clock."),
        "The certificate's two dates.", "04"),
    Cause.CERT_CHAIN_INCOMPLETE: CauseText(
        "The server sends its certificate without the one that signed it",
        "The client knows the root, but not the intermediate certificate between.",
        ("Let the server send the full chain.",),
        "openssl s_client -showcerts shows one certificate only.", "04"),
    Cause.CERT_REJECTED: CauseText(
        "The client rejected the certificate, and does not say why",
        "A client that takes the certificate goes on within TLS. One that ends it there most likely rejects it: for "
        "its signer, its names or its dates.",
        ("Read the client's own message or log: it knows the reason.",
         "Look at the certificate by the name in the client's settings: smtplab probe HOST:PORT --server-name NAME."),
        "The client's own words; or a client that checks and says why, by the same name and authorities.", "04"),
    Cause.TLS_VERSION_OR_CIPHER: CauseText(
        "Both speak TLS and find no version or cipher in common",
        "The port and the mode are right: TLS began on both sides, and then could not be agreed.",
        ("Update the older side.", "Allow TLS 1.2 or 1.3 on both."),
        "A TLS alert such as 70 (protocol_version) or 40 (handshake_failure).", "04"),
    Cause.HANDSHAKE_STALLED: CauseText(
        "The TLS handshake began and goes no further",
        "The server was ready for TLS, and its answer to the ClientHello did not come, or not whole. Large packets "
        "may be lost on the way, something between may hold TLS back to inspect it, or the server's TLS hangs.",
        ("Try from another network, without VPN, antivirus and inspecting firewalls.",
         "If only large packets are lost: let path MTU discovery work (ICMP), or lower the MTU.",
         "Read the server's log: it says whether the ClientHello came, and how far its answer got."),
        "A capture on each side: what one sent and the other never got.", "04"),
    Cause.REFUSED: CauseText(
        "The connection is refused",
        "The connection was answered at once with a no: nothing listens on that port, or a firewall that rejects "
        "answers in its place. A firewall that drops is silent.",
        ("Check host and port.", "Check that the server runs and listens on this address.",
         "If it does, look for a firewall that rejects, on either machine and between."),
        "The refusal comes at once. On the server, ss -ltn lists what listens: if the port is there, a firewall "
        "answered.", "04"),
    Cause.FILTERED_TIMEOUT: CauseText(
        "No answer to the connection itself",
        "The TCP connection was never made: something drops the packets, or nothing is there. "
        "TLS and SMTP had no part in it.",
        ("Ask whether the network or the hosting company blocks this port, as many block 25. To your own provider use "
         "587 or 465; delivery to another domain's MX exists on 25 alone.",
         "Check the host's address, and the firewalls on the way out."),
        "A connection to another port of the same host, and to the same port from elsewhere.", "04"),
    Cause.DNS: CauseText(
        "The name could not be resolved", "No address was found for the host name.",
        ("Check the spelling, quotes and blanks in the setting.", "Check the machine's resolver."),
        "getent ahosts NAME, from the same machine or container.", "04"),
    Cause.MIDDLEBOX: CauseText(
        "Something between answers, or edits",
        "Another machine or program than the server takes part in the conversation.",
        ("Compare from another network.", "Look for mail protection in antivirus, router or hosting company."),
        "A greeting of another host, or keywords overwritten in the EHLO reply.", "04"),
    Cause.SERVER_NOT_SMTP: CauseText(
        "Another service answers", "What the server sent is no SMTP greeting.",
        ("Check host and port.",), "The first bytes that the server sends.", "04"),
    Cause.TEMPORARILY_UNAVAILABLE: CauseText(
        "The server says: not now", "A 4xx reply asks the client to try again later.",
        ("Try later.", "If it was 454 to STARTTLS, the server's own TLS set-up is broken: its log says why."),
        "The reply's code and text.", "04"),
    Cause.RELAY_OR_POLICY: CauseText(
        "You have reached the server; its rules refuse this client or this mail",
        "Something that answers as SMTP does refuses this client, its name, the sender or the recipient.",
        ("Read the reply: it often names the rule.",
         "Log in first, if the server passes mail on only for its users."),
        "The reply's code and text.", "04"),
    Cause.CLOSED_BEFORE_GREETING: CauseText(
        "The server closed before it said anything",
        "The connection was made and ended without a byte from the server.",
        ("Look whether the server limits or blocks this client.", "Read the server's log."),
        "Who closed, and after how long.", "04"),
    Cause.OTHER: CauseText(
        "None of the known causes", "The bytes fit none of the known patterns.",
        ("Read the transcript.", "Record both sides and compare."), "Both peers' traces.", "06"),
}
