"""The installed version; "0+unknown" for a checkout that is on the path but not installed."""

from importlib import metadata

try:
    __version__ = metadata.version("smtplab")
except metadata.PackageNotFoundError:
    __version__ = "0+unknown"
