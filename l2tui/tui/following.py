"""Follows the run in focus, and says when there is something new to be shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

import msgspec

from l2tui.errors import L2tuiError
from l2tui.view.run_view import RunView

if TYPE_CHECKING:
    from l2tui.tui.controller import Controller

_RETRY_SECONDS = 2.0


async def follow(controller: Controller, frame_seconds: float) -> AsyncIterator[RunView | L2tuiError]:
    """Follows the run in focus until it has ended for good, or another one is in focus.

    Args:
        controller: What has the run in focus.
        frame_seconds: The time between two looks at its files.

    Yields:
        What is to be shown, whenever it has changed; or what is wrong with a file, which is tried again later.
    """
    run = controller.run
    if run is None:
        return
    shown: object = None
    said = ""
    while run is controller.run:
        started = run.source.worker_started
        try:
            snapshot = await asyncio.to_thread(run.source.poll)
        except L2tuiError as error:
            # A file may be whole again the next time, another program's log above all.
            if str(error) != said:
                said = str(error)
                yield error
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        if run is not controller.run:
            return
        controller.take(run, snapshot, started=started)
        status = snapshot.status and msgspec.structs.replace(snapshot.status, heartbeat=0.0)
        now = (len(snapshot), len(snapshot.events), snapshot.alive, started, status, controller.live, snapshot.log)
        if now != shown:
            shown = now
            yield controller.view
        if not started and not snapshot.alive and not run.source.follows_on:
            return
        await asyncio.sleep(frame_seconds)
