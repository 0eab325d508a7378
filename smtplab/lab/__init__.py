"""The lab performs and captures: the only sockets and ssl of smtplab, in the core also the only threads and clock."""

LAB_USER, LAB_PASSWORD = "alice", "wonderland"  # published: the one password that is ever shown
