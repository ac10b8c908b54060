"""The process that trains: its loop, its commands, and how it is started."""
