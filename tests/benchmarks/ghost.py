"""What a ghost costs: steps a second with and without one, in turns in one process.

Run with `python -m tests.benchmarks.ghost`. The run is that of the engine's benchmark: (2, 64), batches of 16.
"""

import time

from l2tui.data.prepare import prepare
from l2tui.settings import Settings
from l2tui.training.trainer import Trainer

ROUNDS, SECONDS = 15, 0.15


def main() -> None:
    """Prints the share of the speed that a ghost takes, for several λ of the ghost."""
    for optimizer in ("sgd", "momentum", "adam", "adamw"):
        rate = 0.01 if optimizer.startswith("adam") else 0.3
        settings = Settings(train_size=100, hidden=64, batch_size=16, epochs=10**9, learning_rate=rate, l2=1e-3)
        settings = Settings(**{**{n: getattr(settings, n) for n in Settings.__struct_fields__}, "optimizer": optimizer})
        for l2 in (0.0, 3e-3):
            trainers = [Trainer(settings, prepare(settings)) for _ in range(2)]
            for trainer in trainers:
                trainer.advance()
            trainers[1].begin_twin(l2)
            # The best round of each: what else the machine does only makes a round slower.
            rates = [max(_rate(trainer) for _ in range(ROUNDS)) for trainer in trainers]
            print(f"{optimizer:9} ghost at {l2:g}: {rates[0]:,.0f} -> {rates[1]:,.0f}: {1 - rates[1] / rates[0]:.0%}")


def _rate(trainer: Trainer) -> float:
    step, began = trainer.step, time.process_time()
    deadline = time.perf_counter() + SECONDS
    while time.perf_counter() < deadline:
        trainer.advance()
    return (trainer.step - step) / (time.process_time() - began)


if __name__ == "__main__":
    main()
