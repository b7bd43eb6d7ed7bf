"""The Python SDK against the gateway: `main.py WORLD.json` prints `ok` or `FAIL` for each check."""

import asyncio
import logging
import os
import sys
from importlib.metadata import version
from typing import Awaitable, Callable, Dict, Optional

from temporalio.runtime import Runtime

# The clone stays as it is: no __pycache__ beside the sources.
sys.dont_write_bytecode = True

import encrypted
import features
import refused
import time_passes
from support import one_line
from telemetry import default_runtime
from world import World

Check = Callable[[World], Awaitable[None]]


async def reason_to_fail(check: Check, world: World, seconds: float) -> Optional[str]:
    """Runs one check; returns why it failed, or nothing."""
    task = asyncio.create_task(check(world))
    # Not wait_for: it would wait for a worker that does not end although it is cancelled.
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        task.cancel()
        return f"not done within {seconds:g} s"
    # The SDK cancels the task in which a worker runs that cannot go on.
    if task.cancelled():
        return "cancelled by its worker"
    error = task.exception()
    if error is None:
        return None
    return " ".join(str(error).split()) if isinstance(error, AssertionError) else one_line(error)


async def holds(name: str, check: Check, world: World, seconds: float) -> bool:
    """Runs one check and prints its line."""
    why = await reason_to_fail(check, world, seconds)
    print(f"ok {name}" if why is None else f"FAIL {name}: {why}", flush=True)
    return why is None


async def all_hold(checks: Dict[str, Check], world: World, seconds: float) -> bool:
    """Runs checks at the same time, each bounded by so many seconds."""
    return all(await asyncio.gather(*(holds(name, check, world, seconds) for name, check in checks.items())))


async def main(path: str) -> None:
    """Runs all checks, the idle minute beside the others; ends the process when not all hold."""
    print(f"version temporalio {version('temporalio')}", flush=True)
    world = World.read(path)
    idle = asyncio.create_task(all_hold(time_passes.IDLE, world, 100))
    others = await all_hold({**features.CHECKS, **refused.CHECKS, **encrypted.CHECKS}, world, 50)
    # Now that the processor has less to do: their tokens live for seconds only.
    short_lived = await all_hold(time_passes.SHORT_LIVED, world, 50)
    held = [await idle, others, short_lived]
    if not all(held):
        # At once: what a failed check has left running may not end by itself.
        os._exit(1)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: main.py WORLD.json")
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    Runtime.set_default(default_runtime())
    asyncio.run(main(sys.argv[1]))
