"""What a run's λ is in other libraries, as lines that are ready to use."""
