"""Writes the logs in this directory with the real libraries, on curves that overfit. The tests only read them.

Run with an interpreter that has torch, keras, lightning, transformers, accelerate, xgboost, lightgbm, pandas and
tensorboard. `versions.json` says which versions wrote what is here.
"""

import json
import os
import shutil
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

os.environ["KERAS_BACKEND"] = "torch"
HERE = Path(__file__).parent
LIBRARIES = ("keras", "lightning", "transformers", "torch", "tensorboard", "xgboost", "lightgbm", "pandas")


def data():
    import numpy as np

    rng = np.random.default_rng(0)
    x = rng.normal(size=(80, 10)).astype("float32")
    y = (x[:, 0] + x[:, 1] + 1.5 * rng.normal(size=80) > 0).astype("float32")
    return x[:40], y[:40], x[40:], y[40:]


def keras_logs():
    import keras

    x, y, xv, yv = data()

    def fit(name, epochs, *, val=True, append=False, separator=",", **more):
        keras.utils.set_random_seed(0)
        model = keras.Sequential([keras.layers.Input((10,)), keras.layers.Dense(64, "tanh"), keras.layers.Dense(1)])
        loss = keras.losses.BinaryCrossentropy(from_logits=True)
        model.compile(keras.optimizers.Adam(0.02), loss, metrics=["mae"])
        log = keras.callbacks.CSVLogger(HERE / name, separator=separator, append=append)
        given = {"validation_data": (xv, yv), **more} if val else more
        model.fit(x, y, epochs=epochs, batch_size=8, verbose=0, callbacks=[log], **given)

    fit("keras.csv", 40)
    fit("keras-semicolon.csv", 40, separator=";")
    fit("keras.tsv", 40, separator="\t")
    fit("keras-validation-freq.csv", 60, validation_freq=5)
    fit("keras-no-validation.csv", 12, val=False)
    fit("keras-append.csv", 25)
    fit("keras-append.csv", 25, append=True)


def lightning_logs():
    import lightning
    import torch
    from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

    x, y, xv, yv = (torch.tensor(part) for part in data())

    class Net(lightning.LightningModule):
        def __init__(self, on_epoch):
            super().__init__()
            self.net = torch.nn.Sequential(torch.nn.Linear(10, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1))
            self.on_epoch = on_epoch

        def _loss(self, batch):
            return torch.nn.functional.binary_cross_entropy_with_logits(self.net(batch[0])[:, 0], batch[1])

        def training_step(self, batch, _):
            loss = self._loss(batch)
            self.log("train_loss", loss, on_step=True if self.on_epoch else None, on_epoch=self.on_epoch)
            return loss

        def validation_step(self, batch, _):
            self.log("val_loss", self._loss(batch))

        def configure_optimizers(self):
            return torch.optim.Adam(self.parameters(), 0.02)

    def loader(*parts):
        return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(*parts), batch_size=4)

    def fit(logger, **more):
        on_epoch = more.pop("on_epoch", None)
        torch.manual_seed(0)
        trainer = lightning.Trainer(
            max_epochs=30, logger=logger, accelerator="cpu", enable_progress_bar=False, enable_model_summary=False,
            enable_checkpointing=False, num_sanity_val_steps=0, default_root_dir=scratch, **more,
        )  # fmt: skip
        trainer.fit(Net(on_epoch), loader(x, y), loader(xv, yv))

    scratch = tempfile.mkdtemp()
    fit(csv := CSVLogger(scratch, "default"))
    shutil.copy(Path(csv.log_dir) / "metrics.csv", HERE / "lightning-default.csv")
    fit(csv := CSVLogger(scratch, "both"), on_epoch=True, log_every_n_steps=4)
    shutil.copy(Path(csv.log_dir) / "metrics.csv", HERE / "lightning-step-and-epoch.csv")
    # The header is rewritten when val_loss first appears: what the file was just before, and after.
    fit(csv := CSVLogger(scratch, "late", flush_logs_every_n_steps=1), log_every_n_steps=1, check_val_every_n_epoch=3)
    shutil.copy(Path(csv.log_dir) / "metrics.csv", HERE / "lightning-header-rewritten.csv")
    fit(board := TensorBoardLogger(scratch, "board"), log_every_n_steps=5)
    shutil.copy(next(Path(board.log_dir).glob("events*")), HERE / "lightning.tfevents")


def huggingface_logs():
    import pandas as pd
    import torch
    from transformers import PretrainedConfig, PreTrainedModel, Trainer, TrainingArguments

    x, y, xv, yv = data()

    class Net(PreTrainedModel):
        config_class = PretrainedConfig

        def __init__(self, config):
            super().__init__(config)
            self.net = torch.nn.Sequential(torch.nn.Linear(10, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1))
            self.post_init()

        def forward(self, x, labels):
            logits = self.net(x)[:, 0]
            return {"loss": torch.nn.functional.binary_cross_entropy_with_logits(logits, labels), "logits": logits}

    def rows(x, y):
        return [{"x": torch.tensor(a), "labels": torch.tensor(b)} for a, b in zip(x, y, strict=True)]

    scratch = Path(tempfile.mkdtemp())
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(scratch / "board")
    arguments = TrainingArguments(
        str(scratch), num_train_epochs=7, per_device_train_batch_size=4, eval_strategy="steps", eval_steps=2,
        logging_steps=2, save_steps=70, learning_rate=0.02, report_to=["tensorboard"], use_cpu=True, disable_tqdm=True,
    )  # fmt: skip
    trainer = Trainer(Net(PretrainedConfig()), arguments, train_dataset=rows(x, y), eval_dataset=rows(xv, yv))
    trainer.train()
    pd.DataFrame(trainer.state.log_history).to_csv(HERE / "huggingface-history.csv", index=False)
    with (HERE / "huggingface.jsonl").open("w") as file:
        file.writelines(json.dumps(entry) + "\n" for entry in trainer.state.log_history)
    trainer.save_state()
    shutil.copy(scratch / "trainer_state.json", HERE / "trainer_state.json")
    shutil.copy(next(scratch.rglob("events*")), HERE / "huggingface.tfevents")


def tree_logs():
    import lightgbm
    import pandas as pd
    import xgboost

    x, y, xv, yv = data()
    found = {}
    train, val = xgboost.DMatrix(x, y), xgboost.DMatrix(xv, yv)
    options = {"objective": "binary:logistic", "eta": 0.1, "seed": 0}
    xgboost.train(options, train, 80, [(train, "train"), (val, "validation_0")], evals_result=found, verbose_eval=False)
    frame = {f"{part}-{name}": values for part, one in found.items() for name, values in one.items()}
    pd.DataFrame(frame).to_csv(HERE / "xgboost.csv")
    found = {}
    sets = [lightgbm.Dataset(x, y), lightgbm.Dataset(xv, yv)]
    options = {"objective": "binary", "verbose": -1, "min_data_in_leaf": 2, "seed": 0}
    record = [lightgbm.record_evaluation(found)]
    lightgbm.train(options, sets[0], 60, sets, ["training", "valid_0"], callbacks=record)
    frame = {f"{part} {name}": values for part, one in found.items() for name, values in one.items()}
    pd.DataFrame(frame).to_csv(HERE / "lightgbm.csv", index_label="Iteration")


def torch_logs():
    import torch
    from torch.utils.tensorboard import SummaryWriter

    x, y, xv, yv = (torch.tensor(part) for part in data())
    torch.manual_seed(0)
    net = torch.nn.Sequential(torch.nn.Linear(10, 64), torch.nn.Tanh(), torch.nn.Linear(64, 1))
    optimiser = torch.optim.Adam(net.parameters(), 0.02)
    scratch = Path(tempfile.mkdtemp())
    # A folder a part, with the tags that the TensorBoard callback of Keras writes.
    parts = {name: SummaryWriter(str(scratch / "parts" / name)) for name in ("train", "validation")}
    with SummaryWriter(str(scratch)) as board:
        for epoch in range(60):
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(x)[:, 0], y)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            with torch.no_grad():
                val = torch.nn.functional.binary_cross_entropy_with_logits(net(xv)[:, 0], yv)
            board.add_scalar("Loss/train", loss.item(), epoch)
            board.add_scalar("Loss/val", val.item(), epoch)
            parts["train"].add_scalar("epoch_loss", loss.item(), epoch)
            parts["validation"].add_scalar("epoch_loss", val.item(), epoch)
    for name, writer in parts.items():
        writer.close()
        (HERE / "tensorboard-folders" / name).mkdir(parents=True, exist_ok=True)
        found = next((scratch / "parts" / name).glob("events*"))
        shutil.copy(found, HERE / "tensorboard-folders" / name / "events.out.tfevents.0")
    shutil.copy(next(scratch.glob("events*")), HERE / "torch.tfevents")


def tensorboard_truth():
    """Writes what TensorBoard's own reader finds in the event files."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    truth = {}
    for path in sorted(HERE.glob("*.tfevents")):
        found = EventAccumulator(str(path), size_guidance={"scalars": 0})
        found.Reload()
        truth[path.name] = {
            tag: [[event.step, event.value] for event in found.Scalars(tag)] for tag in found.Tags()["scalars"]
        }
    (HERE / "tensorboard-truth.json").write_text(json.dumps(truth))


if __name__ == "__main__":
    MAKERS = (keras_logs, lightning_logs, huggingface_logs, tree_logs, torch_logs, tensorboard_truth)
    wanted = sys.argv[1:] or [maker.__name__ for maker in MAKERS]
    for maker in MAKERS:
        if maker.__name__ in wanted:
            maker()
    (HERE / "versions.json").write_text(json.dumps({name: version(name) for name in LIBRARIES}, indent=1) + "\n")
