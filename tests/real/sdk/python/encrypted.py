"""TLS with tokens, and TLS with client certificates in their place."""

from typing import Optional

from temporalio.service import TLSConfig

from refused import require_connect_denied
from support import error_of, one_line, require, run_simple, worker
from workflows import Simple
from world import WRITE, World, unique


async def tls(world: World) -> None:
    """The whole way an API key usually goes: with TLS."""
    trust = world.trust(world.ca)
    client = await world.client_tls(world.tls, trust, token=await world.token(WRITE))
    name = unique("tls")
    async with worker(client, name):
        await run_simple(client, name, "tls")


async def tls_wrong_ca(world: World) -> None:
    """A client that trusts another CA gets no connection."""
    error = await refused_by_tls(world, "tls-wrong-ca", world.tls, world.trust(world.wrong_ca), await world.token(WRITE))
    require("InvalidCertificate(UnknownIssuer)" in str(error), one_line(error))


async def mtls(world: World) -> None:
    """The certificate's subject grants what a token would."""
    client = await world.client_tls(world.mtls, world.trust(world.ca, world.worker_cert, world.worker_key))
    name = unique("mtls")
    async with worker(client, name):
        await run_simple(client, name, "mtls")


async def mtls_no_certificate(world: World) -> None:
    """Without a certificate there is no connection; a token does not help."""
    trust = world.trust(world.ca)
    require_handshake_error(await refused_by_tls(world, "mtls-no-certificate", world.mtls, trust))
    token = await world.token(WRITE)
    require_handshake_error(await refused_by_tls(world, "mtls-no-certificate", world.mtls, trust, token))


async def mtls_unmapped_certificate(world: World) -> None:
    """A certificate that no rule matches is refused by its call, one of another CA by TLS."""
    unmapped = world.trust(world.ca, world.unmapped_cert, world.unmapped_key)
    connect = world.client_tls(world.mtls, unmapped)
    require_connect_denied(await error_of(connect, 20, "connecting"), "unmapped certificate")
    stranger = world.trust(world.ca, world.stranger_cert, world.stranger_key)
    require_handshake_error(await refused_by_tls(world, "mtls-unmapped-certificate", world.mtls, stranger))


async def refused_by_tls(world: World, check: str, address: str, trust: TLSConfig, token: Optional[str] = None) -> Exception:
    """The error of a client that cannot connect, when it starts a workflow with its first call; and nothing has happened."""
    client = await world.client_tls(address, trust, token=token, lazy=True)
    name = unique(check)
    error = await error_of(client.start_workflow(Simple.run, name, id=name, task_queue=name), 30, "connecting")
    text = str(error)
    require(isinstance(error, RuntimeError) and text.startswith("Failed client connect"), one_line(error))
    await world.require_absent(name)
    return error


def require_handshake_error(error: Exception) -> None:
    """The certificate did not do. With TLS 1.3 the client reads that after its handshake, if a write does not fail first."""
    text = str(error)
    require("transport" in text and "PermissionDenied" not in text, one_line(error))
    signs = ("CertificateRequired", "UnknownCA", "BrokenPipe", "ConnectionReset", "connection closed")
    require(any(sign in text for sign in signs), one_line(error))


CHECKS = {
    "tls": tls,
    "tls-wrong-ca": tls_wrong_ca,
    "mtls": mtls,
    "mtls-no-certificate": mtls_no_certificate,
    "mtls-unmapped-certificate": mtls_unmapped_certificate,
}
