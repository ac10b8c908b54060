"""The network: parameters, forward pass, gradients, the fast step and its optimisers."""
