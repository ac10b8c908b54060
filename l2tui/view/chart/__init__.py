"""The charts: cells, axes, marks, and the same as SVG."""
