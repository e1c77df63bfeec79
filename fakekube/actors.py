"""Who acts in a cluster by itself, behind the API: controllers, the scheduler and simulated nodes.

The API is ready without them. cluster.py imports this module, and with it all that they need, when requests are
answered already.
"""

from __future__ import annotations

from collections.abc import Sequence

from fakekube import release
from fakekube.apis.certificates.certificatesigningrequests import RESOURCE as CSRS
from fakekube.apis.core import serviceaccounts
from fakekube.apis.core.pods import RESOURCE as PODS
from fakekube.authn.tokens import TokenIssuer
from fakekube.authz.attributes import Attributes
from fakekube.controllers import table
from fakekube.controllers.controller import Controller, Watch
from fakekube.controllers.manager import Manager
from fakekube.endpoints import bindings
from fakekube.endpoints.endpoint import Services
from fakekube.machinery import status
from fakekube.machinery.objects import Key, Object, UserInfo
from fakekube.machinery.users import AUTHENTICATED, service_account_groups, service_account_name
from fakekube.node.nodes import Nodes
from fakekube.options import Options
from fakekube.pki.clustersigning import ClusterSigning
from fakekube.registry.client import Client
from fakekube.registry.scope import Scope
from fakekube.sandbox.images import Images
from fakekube.sandbox.runtime import SandboxRuntime
from fakekube.scheduler import scheduling

SCHEDULER = UserInfo("system:kube-scheduler", groups=(AUTHENTICATED,))


class Actors:
    """Those of one world."""

    def __init__(
        self,
        options: Options,
        services: Services,
        tokens: TokenIssuer,
        api: Client,
        runtime: SandboxRuntime,
        images: Images,
        authority: str,
        signing: ClusterSigning,
    ) -> None:
        """`api` is the API server's own client, `authority` the certificate (PEM) that it is verified with."""
        self._registry = services.registry
        self._authorizer = services.authorizer
        self._tokens = tokens
        self._audiences = services.authenticator.api_audiences
        self._api = api
        self.nodes = Nodes(
            options.nodes,
            self._registry,
            lambda user: self._registry.client(user, "kubelet"),
            api,
            self._registry.clock,
            runtime,
            images,
            release.version(options.kubernetes_version)["gitVersion"],
            self._pod_token,
        )
        names = table.enabled(options.controllers)
        scheduler = [self._scheduler()] if table.SCHEDULER in names else []
        controllers = (*table.controllers(self._wiring(authority, signing), names), *scheduler)
        self._controllers = Manager(controllers, self._registry, self._controller_client, self._registry.clock)

    async def start(self) -> None:
        """Set them going."""
        self._controllers.start()
        await self.nodes.start()

    async def stop(self) -> None:
        """End them."""
        await self.nodes.stop()
        await self._controllers.stop()

    async def idle(self) -> None:
        """Wait until neither controllers nor nodes have anything to do now."""
        while self._controllers.busy or self.nodes.busy:
            await self._controllers.idle()
            await self.nodes.idle()

    def _wiring(self, authority: str, signing: ClusterSigning) -> table.Wiring:
        kinds = self._registry.catalog
        return table.Wiring(
            root_ca=authority,
            issue=lambda account, secret: self._tokens.of_secret(account, secret["metadata"]["name"]),
            signing=signing,
            kinds=lambda: [resource for resource in kinds.resources if resource.stored],
            lookup=kinds.lookup,
            may=lambda user, subresource: self._authorizer.permits(
                Attributes(user, "create", group=CSRS.group, resource=CSRS.plural, subresource=subresource)
            ),
        )

    def _scheduler(self) -> Controller:
        """kube-scheduler runs on the controllers' machinery, under its own name."""
        scheduler = scheduling.Scheduler(self._bind)
        watches = tuple(Watch(*waking) for waking in scheduler.wakings)
        name, listen = scheduling.NAME, scheduler.listen
        return Controller(name, watches, scheduler.reconcile, manager="kube-scheduler", listen=listen)

    async def _bind(self, pod: Key, node: str) -> None:
        scope = Scope(
            PODS,
            PODS.storage_version,
            SCHEDULER,
            namespace=pod.namespace,
            name=pod.name,
            subresource="binding",
            manager="kube-scheduler",
        )
        await bindings.bind(scope, {"metadata": {"name": pod.name}, "target": {"name": node}}, self._registry)

    def _controller_client(self, controller: Controller) -> Client:
        if controller.name == scheduling.NAME:
            return self._registry.client(SCHEDULER, controller.manager, controller.name)
        account = Key("kube-system", controller.name)
        groups = (*service_account_groups(account.namespace), AUTHENTICATED)
        return self._registry.client(
            UserInfo(service_account_name(account), groups=groups),
            controller.manager,
            controller.component or controller.name,
        )

    def _pod_token(self, pod: Object, audiences: Sequence[str], seconds: int) -> str:
        """A token for a pod's volume. Raises NotFound (404)."""
        name = pod["spec"].get("serviceAccountName", "default")
        account = self._api.get(serviceaccounts.RESOURCE, Key(pod["metadata"]["namespace"], name))
        if account is None:
            raise status.not_found("", serviceaccounts.RESOURCE.plural, name)
        bound_to = {**pod, "kind": "Pod"}
        return self._tokens.bound(
            account, audiences or self._audiences, seconds, self._registry.clock.now(), bound_to
        ).token
