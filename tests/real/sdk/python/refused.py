"""Tokens that are not good enough: what a user catches, and that nothing has happened."""

from typing import Optional

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from support import error_of, one_line, require
from workflows import Simple
from world import NAMESPACE, OTHER_WRITE, READ, WRITE, World, unique


def require_denied(error: Exception, what: str) -> None:
    """The error that users catch for a refused call, with the code and the text of Temporal's own refusal."""
    require(isinstance(error, RPCError), f"{what}: {one_line(error)}")
    require(error.status == RPCStatusCode.PERMISSION_DENIED, f"{what}: {error.status!r}")
    require(error.message == "Request unauthorized.", f"{what}: {error.message!r}")


def require_connect_denied(error: Exception, what: str) -> None:
    """The error of a refused connection. Connecting makes a call (GetSystemInfo), and that one is refused."""
    text = str(error)
    require(isinstance(error, RuntimeError) and text.startswith("Failed client connect"), f"{what}: {one_line(error)}")
    require("code: PermissionDenied" in text and "Request unauthorized." in text, f"{what}: {one_line(error)}")


async def require_start_denied(world: World, client: Client, check: str) -> None:
    """A refused start, and a look at the server behind the gateway."""
    name = unique(check)
    start = client.start_workflow(Simple.run, name, id=name, task_queue=name)
    require_denied(await error_of(start, 20, "starting a workflow"), "starting a workflow")
    await world.require_absent(name)


async def refused(world: World, check: str, token: Optional[str]) -> None:
    """Connecting is for everybody whose token is not broken; starting a workflow is not."""
    await require_start_denied(world, await world.client_with(token), check)


async def reader(world: World) -> None:
    """A reader of the namespace."""
    await refused(world, "reader-refused", await world.token(READ))


async def other_namespace(world: World) -> None:
    """A writer of another namespace."""
    await refused(world, "other-namespace-refused", await world.token(OTHER_WRITE))


async def no_token(world: World) -> None:
    """Nobody."""
    await refused(world, "no-token-refused", None)


async def expired_token(world: World) -> None:
    """A writer whose token has expired: before it connects, and while it is connected."""
    expired = await world.token(WRITE, ttl=-60)
    connect = Client.connect(world.plain, namespace=NAMESPACE, api_key=expired, tls=False)
    require_connect_denied(await error_of(connect, 20, "connecting"), "connecting")
    client = await world.client(WRITE)
    client.api_key = expired
    await require_start_denied(world, client, "expired-token-refused")


CHECKS = {
    "reader-refused": reader,
    "other-namespace-refused": other_namespace,
    "no-token-refused": no_token,
    "expired-token-refused": expired_token,
}
