"""What a rule that confirms a rise of the validation loss must offer."""

from typing import Protocol, Self, runtime_checkable

from msgspec import Struct

# Values after a change of λ or the learning rate before anything is made of them.
SETTLE = 10


@runtime_checkable
class Criterion(Protocol):
    """What a rule must offer. A new one is a subclass of `Rule` and a line in the registry of `criteria`.

    It is a frozen `msgspec.Struct`, tagged with its name, so that a run can resume in the middle.
    """

    @property
    def fires(self) -> bool:
        """Whether the rule holds after the last epoch."""

    @property
    def readout(self) -> str:
        """Where the rule stands, in at most 20 characters."""

    @property
    def judges_train(self) -> bool:
        """Whether the rule itself sees to it that train_loss is below its value at the best epoch."""

    def update(self, epoch: int, train_loss: float, val_loss: float) -> "Criterion":
        """Returns the rule after one more epoch.

        Args:
            epoch: Its number, larger than the one before.
            train_loss: Mean data loss on the training part, finite.
            val_loss: Mean data loss on the validation part, finite.
        """

    def changed(self) -> "Criterion":
        """Returns the rule after λ or the learning rate took another value."""


class Rule(Struct, frozen=True, gc=False):
    """A rule that looks at the validation loss alone and takes no notice of a change of the settings."""

    @property
    def judges_train(self) -> bool:
        """Whether the rule itself sees to it that train_loss is below its value at the best epoch: no."""
        return False

    def changed(self) -> Self:
        """Returns the rule after λ or the learning rate took another value: as it was."""
        return self
