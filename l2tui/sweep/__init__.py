"""Finding how much weight decay a model needs: one grid of λ, trained on several folds in lock-step.

The mathematics is that of `training.lanes`; here are the grid, the plan of who trains how far, the answer and its
statistics, and the directory that a sweep lives in. Nothing here knows a screen.
"""
