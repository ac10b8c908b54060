"""The numbers of pictures, computed from weights and a few rows. Draws nothing."""
