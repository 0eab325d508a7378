"""The frameworks, described: a module for each ecosystem, or for one framework that needs the room."""
