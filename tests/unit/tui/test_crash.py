from pathlib import Path

import platformdirs
import pytest
from textual.worker import WorkerFailed

from l2tui.tui.crash import write_crash_log


def test_the_log_tells_where_a_worker_of_the_app_stumbled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(platformdirs, "user_state_path", lambda _: tmp_path)

    def stumble() -> None:
        [].pop()

    with pytest.raises(IndexError) as caught:
        stumble()
    path = write_crash_log(WorkerFailed(caught.value))
    assert path is not None
    assert "in stumble" in path.read_text()
