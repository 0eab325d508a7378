"""A room: JupyterHub on one machine for a workshop, a seat for each learner, and a page for the trainer.

    plan             what a room is: its seats, its ports, its folder
    configuration    the files that JupyterHub and the seats' servers read
    system_users     a system user for each seat, where that is asked for
    hub              starts JupyterHub, watches it, and ends all of it
    invitation       what is printed for the room: address, passphrase, QR code, and what to know
    rehearsal        a lesson in all the seats at once, by the hub's interface
    processes        what runs in a room, and the memory it takes
    roster           what the seats' files say of the course
    trainer_page     the trainer's page, a service of the hub
    sizing           machines and memory for a number of seats

JupyterHub's own process imports `spawner`, a seat's server `seat_server`, and a seat's kernel `seat_kernel`. Nothing
outside of this package imports it but the command; it needs the extra `smtplab[room]`.
"""
