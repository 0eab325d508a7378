"""Names as types, so that a checker finds a wrong one: `dial(server, "implicitt")`."""

from __future__ import annotations

from typing import Literal

ModeName = Literal["plain", "starttls", "starttls-opportunistic", "implicit"]
KindName = Literal[
    "plain", "starttls", "implicit", "http", "https", "silent", "refused", "filtered", "closes", "resets",
    "closes-late", "greets-late", "implicit-gives-up", "starttls-stripped", "starttls-refused", "starttls-required",
    "auth-required", "starttls-masked", "starttls-stalls", "implicit-stalls", "intercepted", "not-smtp", "self-signed",
    "unknown-ca", "wrong-name", "expired", "incomplete-chain", "old-tls"]
