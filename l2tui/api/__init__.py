"""What the public functions of `l2tui` are made of; `l2tui/__init__.py` names them, docs/api.md describes them."""
