"""What is in the logs of this folder, as the standard library, or TensorBoard itself, reads it."""

import json
from pathlib import Path

LOGS = Path(__file__).parent
TRUTH = json.loads((LOGS / "tensorboard-truth.json").read_text())
VERSIONS = json.loads((LOGS / "versions.json").read_text())

# File: what x is, the number of validations, and the columns of the losses.
CASES = {
    "keras.csv": ("epoch", 40, "loss", "val_loss"),
    "keras-semicolon.csv": ("epoch", 40, "loss", "val_loss"),
    "keras.tsv": ("epoch", 40, "loss", "val_loss"),
    "keras-validation-freq.csv": ("epoch", 12, "loss", "val_loss"),
    "keras-append.csv": ("row", 50, "loss", "val_loss"),
    "lightning-default.csv": ("epoch", 30, "train_loss", "val_loss"),
    "lightning-step-and-epoch.csv": ("epoch", 30, "train_loss_epoch", "val_loss"),
    "lightning-header-rewritten.csv": ("epoch", 10, "train_loss", "val_loss"),
    "lightning.tfevents": ("step", 30, "train_loss", "val_loss"),
    "huggingface-history.csv": ("step", 35, "loss", "eval_loss"),
    "huggingface.jsonl": ("step", 35, "loss", "eval_loss"),
    "huggingface.tfevents": ("step", 35, "train/loss", "eval/loss"),
    "trainer_state.json": ("step", 35, "loss", "eval_loss"),
    "torch.tfevents": ("step", 60, "Loss/train", "Loss/val"),
    "xgboost.csv": ("row", 80, "train-logloss", "validation_0-logloss"),
    "lightgbm.csv": ("iteration", 60, "training binary_logloss", "valid_0 binary_logloss"),
}

# File: the library that wrote it, and how.
WRITERS = {
    "keras.csv": ("keras", "`CSVLogger`"),
    "keras-semicolon.csv": ("keras", "`CSVLogger(separator=';')`"),
    "keras.tsv": ("keras", "`CSVLogger(separator='\\t')`"),
    "keras-validation-freq.csv": ("keras", "`validation_freq=5`: cells `NA`"),
    "keras-append.csv": ("keras", "`append=True`: a new training in the same file"),
    "lightning-default.csv": ("lightning", "`CSVLogger`: train and val in rows of their own"),
    "lightning-step-and-epoch.csv": ("lightning", "`CSVLogger`, `on_step` and `on_epoch`"),
    "lightning-header-rewritten.csv": ("lightning", "`CSVLogger`, header written anew"),
    "lightning.tfevents": ("lightning", "`TensorBoardLogger`"),
    "huggingface-history.csv": ("transformers", "`log_history` by pandas"),
    "huggingface.jsonl": ("transformers", "`log_history` as JSON Lines"),
    "huggingface.tfevents": ("transformers", "`report_to=['tensorboard']`"),
    "trainer_state.json": ("transformers", "`trainer_state.json`"),
    "torch.tfevents": ("torch", "`SummaryWriter`"),
    "xgboost.csv": ("xgboost", "`evals_result` by pandas"),
    "lightgbm.csv": ("lightgbm", "`record_evaluation` by pandas"),
}


def values(name: str, column: str) -> list[float]:
    """Returns a column of a log."""
    path = LOGS / name
    if path.suffix == ".tfevents":
        return [value for _, value in TRUTH[name][column]]
    if path.suffix == ".json":
        entries = json.loads(path.read_text())["log_history"]
    elif path.suffix == ".jsonl":
        entries = [json.loads(line) for line in path.read_text().splitlines()]
    else:
        header, *lines = path.read_text().splitlines()
        separator = next(one for one in "\t;," if one in header)
        names = header.split(separator)
        entries = [dict(zip(names, line.split(separator), strict=True)) for line in lines]
    cells = (entry.get(column, "") for entry in entries)
    return [float(cell) for cell in cells if cell not in ("", "NA")]


def numbers(name: str) -> set[float]:
    """Returns every loss that a log holds."""
    if name.endswith("tfevents"):
        return {number for tag in TRUTH[name].values() for pair in tag for number in pair}
    columns = {*CASES[name][2:], "mae", "val_mae", "train_loss_epoch", "train_loss_step"}
    return {number for column in columns if column in (LOGS / name).read_text() for number in values(name, column)}
