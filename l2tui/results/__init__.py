"""What comes out of a run: its test, predictions for new rows, and its weights in other forms."""
