"""Small things that several checks use."""

import asyncio
import re
import time
from typing import Awaitable, Callable, TypeVar

from temporalio.client import Client
from temporalio.worker import Worker

from workflows import ACTIVITIES, WORKFLOWS, Simple
from world import unique

T = TypeVar("T")


def require(condition: bool, why: str) -> None:
    """Fails the check with one line when the condition does not hold."""
    if not condition:
        raise AssertionError(why)


def one_line(error: BaseException) -> str:
    """An error's type and text on one line of bounded length."""
    text = re.sub(r"\s+", " ", str(error))
    return f"{type(error).__module__}.{type(error).__name__}: {text}"[:400]


def worker(client: Client, task_queue: str, **options) -> Worker:
    """A worker with everything of workflows.py."""
    return Worker(client, task_queue=task_queue, workflows=WORKFLOWS, activities=ACTIVITIES, **options)


async def run_simple(client: Client, task_queue: str, check: str) -> None:
    """Runs a `Simple` to its end and looks at the result; somebody has to work on the task queue."""
    workflow_id = unique(check)
    result = await client.execute_workflow(Simple.run, workflow_id, id=workflow_id, task_queue=task_queue)
    require(result == f"hello {workflow_id}", f"the workflow's result is {result!r}")


async def until(what: str, seconds: float, ask: Callable[[], Awaitable[T]]) -> T:
    """Asks until the answer is true-like, and returns it; fails after so many seconds."""
    end = time.monotonic() + seconds
    while True:
        answer = await ask()
        if answer:
            return answer
        require(time.monotonic() < end, f"{what}: not within {seconds:g} s")
        await asyncio.sleep(0.2)


async def error_of(call: Awaitable[object], seconds: float, what: str) -> Exception:
    """The error that a call ends with; that it succeeds, or does not end, is a failure of the check."""
    try:
        await asyncio.wait_for(call, seconds)
    except asyncio.TimeoutError:
        raise AssertionError(f"{what}: neither answer nor error within {seconds:g} s") from None
    except Exception as error:
        return error
    raise AssertionError(f"{what}: succeeded")
