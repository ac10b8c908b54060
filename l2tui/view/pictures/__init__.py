"""Pictures of the network: numbers in, finished lines of the terminal or an SVG document out."""
