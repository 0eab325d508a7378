"""The lab performs and captures: the only sockets, threads, ssl and clock of smtplab."""
