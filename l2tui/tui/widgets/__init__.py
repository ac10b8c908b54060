"""Thin widgets around the renderables."""
