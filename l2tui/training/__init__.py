"""Training as a sequence of events: the trainer, its records and its checkpoints."""
