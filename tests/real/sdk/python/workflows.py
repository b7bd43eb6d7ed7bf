"""The workflows and the activity that the checks run."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from temporalio import activity, workflow


@activity.defn
async def greet(name: str) -> str:
    """The activity of every workflow here."""
    return f"hello {name}"


@workflow.defn
class Simple:
    """One activity; its answer is the result."""

    @workflow.run
    async def run(self, name: str) -> str:
        return await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))


@workflow.defn
class Echo:
    """Ends with its first workflow task: no activity, no timer."""

    @workflow.run
    async def run(self, text: str) -> str:
        return text


@workflow.defn
class Endless:
    """Runs until it is cancelled."""

    @workflow.run
    async def run(self) -> None:
        await asyncio.Future()


@dataclass
class Story:
    """What happened in an `Everything`: a field for each thing."""

    activity: str
    slept_ms: int
    child: str
    signal: str
    update: str


@workflow.defn
class Everything:
    """Activity, timer and child; then it waits for one signal and one update."""

    def __init__(self) -> None:
        self._stage = "begun"
        self._signal = ""
        self._update = ""

    @workflow.run
    async def run(self, name: str) -> Story:
        said = await workflow.execute_activity(greet, name, start_to_close_timeout=timedelta(seconds=10))
        before = workflow.now()
        await workflow.sleep(0.3)
        slept = workflow.now() - before
        child = await workflow.execute_child_workflow(Echo.run, f"child of {name}", id=f"{name}-child")
        self._stage = "waiting"
        await workflow.wait_condition(lambda: bool(self._signal and self._update))
        return Story(said, int(slept.total_seconds() * 1000), child, self._signal, self._update)

    @workflow.signal
    def tell(self, text: str) -> None:
        self._signal = text

    @workflow.query
    def stage(self) -> str:
        return self._stage

    @workflow.update
    async def change(self, text: str) -> str:
        self._update = text
        return f"changed to {text}"


WORKFLOWS = [Simple, Echo, Endless, Everything]
ACTIVITIES = [greet]
