"""Where things are: the addresses, certificates and tokens that this run may use."""

import asyncio
import json
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Optional, Union

from temporalio.client import Client
from temporalio.runtime import Runtime
from temporalio.service import RPCError, RPCStatusCode, TLSConfig

# The namespace this program works in, and the permissions that its tokens name.
NAMESPACE = "sdk-python"
WRITE = f"{NAMESPACE}:write"
READ = f"{NAMESPACE}:read"
OTHER_WRITE = "other:write"


@dataclass(frozen=True)
class World:
    """The content of world.json. `direct` is the server itself, the other three are gateways in front of it."""

    direct: str
    plain: str
    tls: str
    mtls: str
    server_name: str
    ca: str
    wrong_ca: str
    worker_cert: str
    worker_key: str
    unmapped_cert: str
    unmapped_key: str
    stranger_cert: str
    stranger_key: str
    tokens: str
    namespaces: list = field(default_factory=list)

    @classmethod
    def read(cls, path: str) -> "World":
        """Reads world.json; keys that this program does not know are left alone."""
        known = {f.name for f in fields(cls)}
        content = json.loads(Path(path).read_text())
        return cls(**{key: value for key, value in content.items() if key in known})

    async def token(self, *permissions: str, ttl: int = 3600) -> str:
        """A JWT with these permissions that expires in `ttl` seconds; a negative one has expired already."""
        query = urllib.parse.urlencode(
            [("permission", permission) for permission in permissions] + [("ttl", str(ttl)), ("sub", "sdk-python")]
        )

        def fetch() -> str:
            with urllib.request.urlopen(f"{self.tokens}?{query}", timeout=10) as answer:
                return answer.read().decode().strip()

        return await asyncio.to_thread(fetch)

    async def client(self, *permissions: str, runtime: Optional[Runtime] = None) -> Client:
        """A client of the plaintext gateway whose API key is a token with these permissions."""
        return await self.client_with(await self.token(*permissions), runtime=runtime)

    async def client_with(self, token: Optional[str], runtime: Optional[Runtime] = None) -> Client:
        """A client of the plaintext gateway with this token, or with none.

        `tls=False` has to be said: an API key alone switches TLS on.
        """
        return await Client.connect(self.plain, namespace=NAMESPACE, api_key=token, tls=False, runtime=runtime)

    async def client_tls(
        self, address: str, tls: Union[bool, TLSConfig], token: Optional[str] = None, lazy: bool = False
    ) -> Client:
        """A client of a gateway with TLS. A lazy one connects with its first call."""
        return await Client.connect(address, namespace=NAMESPACE, tls=tls, api_key=token, lazy=lazy)

    def trust(self, ca: str, certificate: Optional[str] = None, key: Optional[str] = None) -> TLSConfig:
        """TLS that trusts this CA file, with a client certificate where one is given."""
        return TLSConfig(
            server_root_ca_cert=Path(ca).read_bytes(),
            domain=self.server_name,
            client_cert=Path(certificate).read_bytes() if certificate else None,
            client_private_key=Path(key).read_bytes() if key else None,
        )

    async def require_absent(self, workflow_id: str) -> None:
        """Asks the server itself whether a workflow exists; that it does is a failure."""
        direct = await Client.connect(self.direct, namespace=NAMESPACE)
        try:
            await direct.get_workflow_handle(workflow_id).describe()
        except RPCError as error:
            if error.status == RPCStatusCode.NOT_FOUND:
                return
            raise
        raise AssertionError(f"workflow {workflow_id} exists on the server")


def unique(check: str) -> str:
    """An id for a workflow, task queue or schedule of this run."""
    return f"python-{check}-{uuid.uuid4().hex[:12]}"
