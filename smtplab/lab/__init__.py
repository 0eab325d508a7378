"""The lab performs and captures: the only sockets, threads, ssl and clock of smtplab."""

LAB_USER, LAB_PASSWORD = "alice", "wonderland"  # published: the one password that is ever shown
