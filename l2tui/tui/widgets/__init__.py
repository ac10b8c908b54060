"""Thin widgets around what `view` draws."""
