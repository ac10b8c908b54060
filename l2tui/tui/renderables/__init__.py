"""Numbers to text, without an app."""
