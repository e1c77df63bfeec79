"""The shapes of objects, for the type checker. Written by tools/generate_types.py.

Import this under TYPE_CHECKING only. Fields that the API asks clients for are Required; others may be missing.
"""

from __future__ import annotations

from typing import Any, Required, TypedDict


class APIGroup(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.APIGroup."""

    kind: str
    apiVersion: str
    name: Required[str]
    versions: Required[list[GroupVersionForDiscovery]]
    preferredVersion: GroupVersionForDiscovery
    serverAddressByClientCIDRs: list[ServerAddressByClientCIDR]


class APIGroupList(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.APIGroupList."""

    kind: str
    apiVersion: str
    groups: Required[list[APIGroup]]


class APIResource(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.APIResource."""

    name: Required[str]
    singularName: Required[str]
    namespaced: Required[bool]
    group: str
    version: str
    kind: Required[str]
    verbs: Required[list[str]]
    shortNames: list[str]
    categories: list[str]
    storageVersionHash: str


class APIResourceList(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.APIResourceList."""

    kind: str
    apiVersion: str
    groupVersion: Required[str]
    resources: Required[list[APIResource]]


class APIService(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIService."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: APIServiceSpec
    status: APIServiceStatus


class APIServiceCondition(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class APIServiceConditionV1beta1(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1.APIServiceCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class APIServiceList(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[APIService]]


class APIServiceListV1beta1(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1.APIServiceList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[APIServiceV1beta1]]


class APIServiceSpec(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceSpec."""

    service: ApiregistrationServiceReference
    group: str
    version: str
    insecureSkipTLSVerify: bool
    caBundle: str
    groupPriorityMinimum: Required[int]
    versionPriority: Required[int]


class APIServiceSpecV1beta1(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1.APIServiceSpec."""

    service: ApiregistrationServiceReferenceV1beta1
    group: str
    version: str
    insecureSkipTLSVerify: bool
    caBundle: str
    groupPriorityMinimum: Required[int]
    versionPriority: Required[int]


class APIServiceStatus(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.APIServiceStatus."""

    conditions: list[APIServiceCondition]


class APIServiceStatusV1beta1(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1.APIServiceStatus."""

    conditions: list[APIServiceConditionV1beta1]


class APIServiceV1beta1(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1.APIService."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: APIServiceSpecV1beta1
    status: APIServiceStatusV1beta1


class APIVersions(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.APIVersions."""

    kind: str
    apiVersion: str
    versions: Required[list[str]]
    serverAddressByClientCIDRs: Required[list[ServerAddressByClientCIDR]]


class AWSElasticBlockStoreVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.AWSElasticBlockStoreVolumeSource."""

    volumeID: Required[str]
    fsType: str
    partition: int
    readOnly: bool


class Affinity(TypedDict, total=False):
    """io.k8s.api.core.v1.Affinity."""

    nodeAffinity: NodeAffinity
    podAffinity: PodAffinity
    podAntiAffinity: PodAntiAffinity


class AggregationRule(TypedDict, total=False):
    """io.k8s.api.rbac.v1.AggregationRule."""

    clusterRoleSelectors: list[LabelSelector]


class AggregationRuleV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.AggregationRule."""

    clusterRoleSelectors: list[LabelSelector]


class AllowedCSIDriver(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.AllowedCSIDriver."""

    name: Required[str]


class AllowedFlexVolume(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.AllowedFlexVolume."""

    driver: Required[str]


class AllowedHostPath(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.AllowedHostPath."""

    pathPrefix: str
    readOnly: bool


class ApiextensionsServiceReference(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ServiceReference."""

    namespace: Required[str]
    name: Required[str]
    path: str
    port: int


class ApiextensionsServiceReferenceV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.ServiceReference."""

    namespace: Required[str]
    name: Required[str]
    path: str
    port: int


class ApiextensionsWebhookClientConfig(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookClientConfig."""

    url: str
    service: ApiextensionsServiceReference
    caBundle: str


class ApiextensionsWebhookClientConfigV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.WebhookClientConfig."""

    url: str
    service: ApiextensionsServiceReferenceV1beta1
    caBundle: str


class ApiregistrationServiceReference(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1.ServiceReference."""

    namespace: str
    name: str
    port: int


class ApiregistrationServiceReferenceV1beta1(TypedDict, total=False):
    """io.k8s.kube-aggregator.pkg.apis.apiregistration.v1beta1.ServiceReference."""

    namespace: str
    name: str
    port: int


class AttachedVolume(TypedDict, total=False):
    """io.k8s.api.core.v1.AttachedVolume."""

    name: Required[str]
    devicePath: Required[str]


class AzureDiskVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.AzureDiskVolumeSource."""

    diskName: Required[str]
    diskURI: Required[str]
    cachingMode: str
    fsType: str
    readOnly: bool
    kind: str


class AzureFilePersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.AzureFilePersistentVolumeSource."""

    secretName: Required[str]
    shareName: Required[str]
    readOnly: bool
    secretNamespace: str


class AzureFileVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.AzureFileVolumeSource."""

    secretName: Required[str]
    shareName: Required[str]
    readOnly: bool


class Binding(TypedDict, total=False):
    """io.k8s.api.core.v1.Binding."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    target: Required[ObjectReference]


class BoundObjectReference(TypedDict, total=False):
    """io.k8s.api.authentication.v1.BoundObjectReference."""

    kind: str
    apiVersion: str
    name: str
    uid: str


class CSIDriver(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSIDriver."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CSIDriverSpec]


class CSIDriverList(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSIDriverList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CSIDriver]]


class CSIDriverListV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSIDriverList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CSIDriverV1beta1]]


class CSIDriverSpec(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSIDriverSpec."""

    attachRequired: bool
    podInfoOnMount: bool
    volumeLifecycleModes: list[str]
    storageCapacity: bool
    fsGroupPolicy: str
    tokenRequests: list[StorageTokenRequest]
    requiresRepublish: bool


class CSIDriverSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSIDriverSpec."""

    attachRequired: bool
    podInfoOnMount: bool
    volumeLifecycleModes: list[str]
    storageCapacity: bool
    fsGroupPolicy: str
    tokenRequests: list[StorageTokenRequestV1beta1]
    requiresRepublish: bool


class CSIDriverV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSIDriver."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CSIDriverSpecV1beta1]


class CSINode(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSINode."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CSINodeSpec]


class CSINodeDriver(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSINodeDriver."""

    name: Required[str]
    nodeID: Required[str]
    topologyKeys: list[str]
    allocatable: VolumeNodeResources


class CSINodeDriverV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSINodeDriver."""

    name: Required[str]
    nodeID: Required[str]
    topologyKeys: list[str]
    allocatable: VolumeNodeResourcesV1beta1


class CSINodeList(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSINodeList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CSINode]]


class CSINodeListV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSINodeList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CSINodeV1beta1]]


class CSINodeSpec(TypedDict, total=False):
    """io.k8s.api.storage.v1.CSINodeSpec."""

    drivers: Required[list[CSINodeDriver]]


class CSINodeSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSINodeSpec."""

    drivers: Required[list[CSINodeDriverV1beta1]]


class CSINodeV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.CSINode."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CSINodeSpecV1beta1]


class CSIPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.CSIPersistentVolumeSource."""

    driver: Required[str]
    volumeHandle: Required[str]
    readOnly: bool
    fsType: str
    volumeAttributes: dict[str, str]
    controllerPublishSecretRef: SecretReference
    nodeStageSecretRef: SecretReference
    nodePublishSecretRef: SecretReference
    controllerExpandSecretRef: SecretReference


class CSIVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.CSIVolumeSource."""

    driver: Required[str]
    readOnly: bool
    fsType: str
    volumeAttributes: dict[str, str]
    nodePublishSecretRef: LocalObjectReference


class Capabilities(TypedDict, total=False):
    """io.k8s.api.core.v1.Capabilities."""

    add: list[str]
    drop: list[str]


class CephFSPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.CephFSPersistentVolumeSource."""

    monitors: Required[list[str]]
    path: str
    user: str
    secretFile: str
    secretRef: SecretReference
    readOnly: bool


class CephFSVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.CephFSVolumeSource."""

    monitors: Required[list[str]]
    path: str
    user: str
    secretFile: str
    secretRef: LocalObjectReference
    readOnly: bool


class CertificateSigningRequest(TypedDict, total=False):
    """io.k8s.api.certificates.v1.CertificateSigningRequest."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CertificateSigningRequestSpec]
    status: CertificateSigningRequestStatus


class CertificateSigningRequestCondition(TypedDict, total=False):
    """io.k8s.api.certificates.v1.CertificateSigningRequestCondition."""

    type: Required[str]
    status: Required[str]
    reason: str
    message: str
    lastUpdateTime: str
    lastTransitionTime: str


class CertificateSigningRequestConditionV1beta1(TypedDict, total=False):
    """io.k8s.api.certificates.v1beta1.CertificateSigningRequestCondition."""

    type: Required[str]
    status: str
    reason: str
    message: str
    lastUpdateTime: str
    lastTransitionTime: str


class CertificateSigningRequestList(TypedDict, total=False):
    """io.k8s.api.certificates.v1.CertificateSigningRequestList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CertificateSigningRequest]]


class CertificateSigningRequestListV1beta1(TypedDict, total=False):
    """io.k8s.api.certificates.v1beta1.CertificateSigningRequestList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CertificateSigningRequestV1beta1]]


class CertificateSigningRequestSpec(TypedDict, total=False):
    """io.k8s.api.certificates.v1.CertificateSigningRequestSpec."""

    request: Required[str]
    signerName: Required[str]
    usages: list[str]
    username: str
    uid: str
    groups: list[str]
    extra: dict[str, list[str]]


class CertificateSigningRequestSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.certificates.v1beta1.CertificateSigningRequestSpec."""

    request: Required[str]
    signerName: str
    usages: list[str]
    username: str
    uid: str
    groups: list[str]
    extra: dict[str, list[str]]


class CertificateSigningRequestStatus(TypedDict, total=False):
    """io.k8s.api.certificates.v1.CertificateSigningRequestStatus."""

    conditions: list[CertificateSigningRequestCondition]
    certificate: str


class CertificateSigningRequestStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.certificates.v1beta1.CertificateSigningRequestStatus."""

    conditions: list[CertificateSigningRequestConditionV1beta1]
    certificate: str


class CertificateSigningRequestV1beta1(TypedDict, total=False):
    """io.k8s.api.certificates.v1beta1.CertificateSigningRequest."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: CertificateSigningRequestSpecV1beta1
    status: CertificateSigningRequestStatusV1beta1


class CinderPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.CinderPersistentVolumeSource."""

    volumeID: Required[str]
    fsType: str
    readOnly: bool
    secretRef: SecretReference


class CinderVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.CinderVolumeSource."""

    volumeID: Required[str]
    fsType: str
    readOnly: bool
    secretRef: LocalObjectReference


class ClientIPConfig(TypedDict, total=False):
    """io.k8s.api.core.v1.ClientIPConfig."""

    timeoutSeconds: int


class ClusterRole(TypedDict, total=False):
    """io.k8s.api.rbac.v1.ClusterRole."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    rules: list[PolicyRule]
    aggregationRule: AggregationRule


class ClusterRoleBinding(TypedDict, total=False):
    """io.k8s.api.rbac.v1.ClusterRoleBinding."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    subjects: list[Subject]
    roleRef: Required[RoleRef]


class ClusterRoleBindingList(TypedDict, total=False):
    """io.k8s.api.rbac.v1.ClusterRoleBindingList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ClusterRoleBinding]]


class ClusterRoleBindingListV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.ClusterRoleBindingList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ClusterRoleBindingV1beta1]]


class ClusterRoleBindingV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.ClusterRoleBinding."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    subjects: list[SubjectV1beta1]
    roleRef: Required[RoleRefV1beta1]


class ClusterRoleList(TypedDict, total=False):
    """io.k8s.api.rbac.v1.ClusterRoleList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ClusterRole]]


class ClusterRoleListV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.ClusterRoleList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ClusterRoleV1beta1]]


class ClusterRoleV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.ClusterRole."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    rules: list[PolicyRuleV1beta1]
    aggregationRule: AggregationRuleV1beta1


class ComponentCondition(TypedDict, total=False):
    """io.k8s.api.core.v1.ComponentCondition."""

    type: Required[str]
    status: Required[str]
    message: str
    error: str


class ComponentStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.ComponentStatus."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    conditions: list[ComponentCondition]


class ComponentStatusList(TypedDict, total=False):
    """io.k8s.api.core.v1.ComponentStatusList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ComponentStatus]]


class Condition(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.Condition."""

    type: Required[str]
    status: Required[str]
    observedGeneration: int
    lastTransitionTime: Required[str]
    reason: Required[str]
    message: Required[str]


class ConfigMap(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMap."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    immutable: bool
    data: dict[str, str]
    binaryData: dict[str, str]


class ConfigMapEnvSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMapEnvSource."""

    name: str
    optional: bool


class ConfigMapKeySelector(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMapKeySelector."""

    name: str
    key: Required[str]
    optional: bool


class ConfigMapList(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMapList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ConfigMap]]


class ConfigMapNodeConfigSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMapNodeConfigSource."""

    namespace: Required[str]
    name: Required[str]
    uid: str
    resourceVersion: str
    kubeletConfigKey: Required[str]


class ConfigMapProjection(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMapProjection."""

    name: str
    items: list[KeyToPath]
    optional: bool


class ConfigMapVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ConfigMapVolumeSource."""

    name: str
    items: list[KeyToPath]
    defaultMode: int
    optional: bool


class Container(TypedDict, total=False):
    """io.k8s.api.core.v1.Container."""

    name: Required[str]
    image: str
    command: list[str]
    args: list[str]
    workingDir: str
    ports: list[ContainerPort]
    envFrom: list[EnvFromSource]
    env: list[EnvVar]
    resources: ResourceRequirements
    volumeMounts: list[VolumeMount]
    volumeDevices: list[VolumeDevice]
    livenessProbe: Probe
    readinessProbe: Probe
    startupProbe: Probe
    lifecycle: Lifecycle
    terminationMessagePath: str
    terminationMessagePolicy: str
    imagePullPolicy: str
    securityContext: SecurityContext
    stdin: bool
    stdinOnce: bool
    tty: bool


class ContainerImage(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerImage."""

    names: Required[list[str]]
    sizeBytes: int


class ContainerPort(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerPort."""

    name: str
    hostPort: int
    containerPort: Required[int]
    protocol: str
    hostIP: str


class ContainerResourceMetricSource(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ContainerResourceMetricSource."""

    name: Required[str]
    targetAverageUtilization: int
    targetAverageValue: str
    container: Required[str]


class ContainerResourceMetricSourceV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ContainerResourceMetricSource."""

    name: Required[str]
    target: Required[MetricTarget]
    container: Required[str]


class ContainerResourceMetricStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ContainerResourceMetricStatus."""

    name: Required[str]
    currentAverageUtilization: int
    currentAverageValue: Required[str]
    container: Required[str]


class ContainerResourceMetricStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ContainerResourceMetricStatus."""

    name: Required[str]
    current: Required[MetricValueStatus]
    container: Required[str]


class ContainerState(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerState."""

    waiting: ContainerStateWaiting
    running: ContainerStateRunning
    terminated: ContainerStateTerminated


class ContainerStateRunning(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerStateRunning."""

    startedAt: str


class ContainerStateTerminated(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerStateTerminated."""

    exitCode: Required[int]
    signal: int
    reason: str
    message: str
    startedAt: str
    finishedAt: str
    containerID: str


class ContainerStateWaiting(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerStateWaiting."""

    reason: str
    message: str


class ContainerStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.ContainerStatus."""

    name: Required[str]
    state: ContainerState
    lastState: ContainerState
    ready: Required[bool]
    restartCount: Required[int]
    image: Required[str]
    imageID: Required[str]
    containerID: str
    started: bool


class ControllerRevision(TypedDict, total=False):
    """io.k8s.api.apps.v1.ControllerRevision."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    data: Any
    revision: Required[int]


class ControllerRevisionList(TypedDict, total=False):
    """io.k8s.api.apps.v1.ControllerRevisionList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ControllerRevision]]


class CronJob(TypedDict, total=False):
    """io.k8s.api.batch.v1beta1.CronJob."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: CronJobSpec
    status: CronJobStatus


class CronJobList(TypedDict, total=False):
    """io.k8s.api.batch.v1beta1.CronJobList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CronJob]]


class CronJobSpec(TypedDict, total=False):
    """io.k8s.api.batch.v1beta1.CronJobSpec."""

    schedule: Required[str]
    startingDeadlineSeconds: int
    concurrencyPolicy: str
    suspend: bool
    jobTemplate: Required[JobTemplateSpec]
    successfulJobsHistoryLimit: int
    failedJobsHistoryLimit: int


class CronJobStatus(TypedDict, total=False):
    """io.k8s.api.batch.v1beta1.CronJobStatus."""

    active: list[ObjectReference]
    lastScheduleTime: str


class CrossVersionObjectReference(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.CrossVersionObjectReference."""

    kind: Required[str]
    name: Required[str]
    apiVersion: str


class CrossVersionObjectReferenceV2beta1(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.CrossVersionObjectReference."""

    kind: Required[str]
    name: Required[str]
    apiVersion: str


class CrossVersionObjectReferenceV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.CrossVersionObjectReference."""

    kind: Required[str]
    name: Required[str]
    apiVersion: str


class CustomResourceColumnDefinition(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceColumnDefinition."""

    name: Required[str]
    type: Required[str]
    format: str
    description: str
    priority: int
    jsonPath: Required[str]


class CustomResourceColumnDefinitionV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceColumnDefinition."""

    name: Required[str]
    type: Required[str]
    format: str
    description: str
    priority: int
    JSONPath: Required[str]


class CustomResourceConversion(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceConversion."""

    strategy: Required[str]
    webhook: WebhookConversion


class CustomResourceConversionV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceConversion."""

    strategy: Required[str]
    webhookClientConfig: ApiextensionsWebhookClientConfigV1beta1
    conversionReviewVersions: list[str]


class CustomResourceDefinition(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinition."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CustomResourceDefinitionSpec]
    status: CustomResourceDefinitionStatus


class CustomResourceDefinitionCondition(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class CustomResourceDefinitionConditionV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinitionCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class CustomResourceDefinitionList(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CustomResourceDefinition]]


class CustomResourceDefinitionListV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinitionList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[CustomResourceDefinitionV1beta1]]


class CustomResourceDefinitionNames(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionNames."""

    plural: Required[str]
    singular: str
    shortNames: list[str]
    kind: Required[str]
    listKind: str
    categories: list[str]


class CustomResourceDefinitionNamesV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinitionNames."""

    plural: Required[str]
    singular: str
    shortNames: list[str]
    kind: Required[str]
    listKind: str
    categories: list[str]


class CustomResourceDefinitionSpec(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionSpec."""

    group: Required[str]
    names: Required[CustomResourceDefinitionNames]
    scope: Required[str]
    versions: Required[list[CustomResourceDefinitionVersion]]
    conversion: CustomResourceConversion
    preserveUnknownFields: bool


class CustomResourceDefinitionSpecV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinitionSpec."""

    group: Required[str]
    version: str
    names: Required[CustomResourceDefinitionNamesV1beta1]
    scope: Required[str]
    validation: CustomResourceValidationV1beta1
    subresources: CustomResourceSubresourcesV1beta1
    versions: list[CustomResourceDefinitionVersionV1beta1]
    additionalPrinterColumns: list[CustomResourceColumnDefinitionV1beta1]
    conversion: CustomResourceConversionV1beta1
    preserveUnknownFields: bool


class CustomResourceDefinitionStatus(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionStatus."""

    conditions: list[CustomResourceDefinitionCondition]
    acceptedNames: CustomResourceDefinitionNames
    storedVersions: list[str]


class CustomResourceDefinitionStatusV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinitionStatus."""

    conditions: list[CustomResourceDefinitionConditionV1beta1]
    acceptedNames: CustomResourceDefinitionNamesV1beta1
    storedVersions: list[str]


class CustomResourceDefinitionV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinition."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[CustomResourceDefinitionSpecV1beta1]
    status: CustomResourceDefinitionStatusV1beta1


class CustomResourceDefinitionVersion(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceDefinitionVersion."""

    name: Required[str]
    served: Required[bool]
    storage: Required[bool]
    deprecated: bool
    deprecationWarning: str
    schema: CustomResourceValidation
    subresources: CustomResourceSubresources
    additionalPrinterColumns: list[CustomResourceColumnDefinition]


class CustomResourceDefinitionVersionV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceDefinitionVersion."""

    name: Required[str]
    served: Required[bool]
    storage: Required[bool]
    deprecated: bool
    deprecationWarning: str
    schema: CustomResourceValidationV1beta1
    subresources: CustomResourceSubresourcesV1beta1
    additionalPrinterColumns: list[CustomResourceColumnDefinitionV1beta1]


class CustomResourceSubresourceScale(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceScale."""

    specReplicasPath: Required[str]
    statusReplicasPath: Required[str]
    labelSelectorPath: str


class CustomResourceSubresourceScaleV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceSubresourceScale."""

    specReplicasPath: Required[str]
    statusReplicasPath: Required[str]
    labelSelectorPath: str


class CustomResourceSubresourceStatus(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresourceStatus."""


class CustomResourceSubresourceStatusV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceSubresourceStatus."""


class CustomResourceSubresources(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceSubresources."""

    status: CustomResourceSubresourceStatus
    scale: CustomResourceSubresourceScale


class CustomResourceSubresourcesV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceSubresources."""

    status: CustomResourceSubresourceStatusV1beta1
    scale: CustomResourceSubresourceScaleV1beta1


class CustomResourceValidation(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.CustomResourceValidation."""

    openAPIV3Schema: JSONSchemaProps


class CustomResourceValidationV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.CustomResourceValidation."""

    openAPIV3Schema: JSONSchemaPropsV1beta1


class DaemonEndpoint(TypedDict, total=False):
    """io.k8s.api.core.v1.DaemonEndpoint."""

    Port: Required[int]


class DaemonSet(TypedDict, total=False):
    """io.k8s.api.apps.v1.DaemonSet."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: DaemonSetSpec
    status: DaemonSetStatus


class DaemonSetCondition(TypedDict, total=False):
    """io.k8s.api.apps.v1.DaemonSetCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class DaemonSetList(TypedDict, total=False):
    """io.k8s.api.apps.v1.DaemonSetList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[DaemonSet]]


class DaemonSetSpec(TypedDict, total=False):
    """io.k8s.api.apps.v1.DaemonSetSpec."""

    selector: Required[LabelSelector]
    template: Required[PodTemplateSpec]
    updateStrategy: DaemonSetUpdateStrategy
    minReadySeconds: int
    revisionHistoryLimit: int


class DaemonSetStatus(TypedDict, total=False):
    """io.k8s.api.apps.v1.DaemonSetStatus."""

    currentNumberScheduled: Required[int]
    numberMisscheduled: Required[int]
    desiredNumberScheduled: Required[int]
    numberReady: Required[int]
    observedGeneration: int
    updatedNumberScheduled: int
    numberAvailable: int
    numberUnavailable: int
    collisionCount: int
    conditions: list[DaemonSetCondition]


class DaemonSetUpdateStrategy(TypedDict, total=False):
    """io.k8s.api.apps.v1.DaemonSetUpdateStrategy."""

    type: str
    rollingUpdate: RollingUpdateDaemonSet


class DeleteOptions(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.DeleteOptions."""

    kind: str
    apiVersion: str
    gracePeriodSeconds: int
    preconditions: Preconditions
    orphanDependents: bool
    propagationPolicy: str
    dryRun: list[str]


class Deployment(TypedDict, total=False):
    """io.k8s.api.apps.v1.Deployment."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: DeploymentSpec
    status: DeploymentStatus


class DeploymentCondition(TypedDict, total=False):
    """io.k8s.api.apps.v1.DeploymentCondition."""

    type: Required[str]
    status: Required[str]
    lastUpdateTime: str
    lastTransitionTime: str
    reason: str
    message: str


class DeploymentList(TypedDict, total=False):
    """io.k8s.api.apps.v1.DeploymentList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Deployment]]


class DeploymentSpec(TypedDict, total=False):
    """io.k8s.api.apps.v1.DeploymentSpec."""

    replicas: int
    selector: Required[LabelSelector]
    template: Required[PodTemplateSpec]
    strategy: DeploymentStrategy
    minReadySeconds: int
    revisionHistoryLimit: int
    paused: bool
    progressDeadlineSeconds: int


class DeploymentStatus(TypedDict, total=False):
    """io.k8s.api.apps.v1.DeploymentStatus."""

    observedGeneration: int
    replicas: int
    updatedReplicas: int
    readyReplicas: int
    availableReplicas: int
    unavailableReplicas: int
    conditions: list[DeploymentCondition]
    collisionCount: int


class DeploymentStrategy(TypedDict, total=False):
    """io.k8s.api.apps.v1.DeploymentStrategy."""

    type: str
    rollingUpdate: RollingUpdateDeployment


class DiscoveryEndpointPortV1beta1(TypedDict, total=False):
    """io.k8s.api.discovery.v1beta1.EndpointPort."""

    name: str
    protocol: str
    port: int
    appProtocol: str


class DownwardAPIProjection(TypedDict, total=False):
    """io.k8s.api.core.v1.DownwardAPIProjection."""

    items: list[DownwardAPIVolumeFile]


class DownwardAPIVolumeFile(TypedDict, total=False):
    """io.k8s.api.core.v1.DownwardAPIVolumeFile."""

    path: Required[str]
    fieldRef: ObjectFieldSelector
    resourceFieldRef: ResourceFieldSelector
    mode: int


class DownwardAPIVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.DownwardAPIVolumeSource."""

    items: list[DownwardAPIVolumeFile]
    defaultMode: int


class EmptyDirVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.EmptyDirVolumeSource."""

    medium: str
    sizeLimit: str


class Endpoint(TypedDict, total=False):
    """io.k8s.api.discovery.v1beta1.Endpoint."""

    addresses: Required[list[str]]
    conditions: EndpointConditions
    hostname: str
    targetRef: ObjectReference
    topology: dict[str, str]
    nodeName: str


class EndpointAddress(TypedDict, total=False):
    """io.k8s.api.core.v1.EndpointAddress."""

    ip: Required[str]
    hostname: str
    nodeName: str
    targetRef: ObjectReference


class EndpointConditions(TypedDict, total=False):
    """io.k8s.api.discovery.v1beta1.EndpointConditions."""

    ready: bool
    serving: bool
    terminating: bool


class EndpointPort(TypedDict, total=False):
    """io.k8s.api.core.v1.EndpointPort."""

    name: str
    port: Required[int]
    protocol: str
    appProtocol: str


class EndpointSlice(TypedDict, total=False):
    """io.k8s.api.discovery.v1beta1.EndpointSlice."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    addressType: Required[str]
    endpoints: Required[list[Endpoint]]
    ports: list[DiscoveryEndpointPortV1beta1]


class EndpointSliceList(TypedDict, total=False):
    """io.k8s.api.discovery.v1beta1.EndpointSliceList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[EndpointSlice]]


class EndpointSubset(TypedDict, total=False):
    """io.k8s.api.core.v1.EndpointSubset."""

    addresses: list[EndpointAddress]
    notReadyAddresses: list[EndpointAddress]
    ports: list[EndpointPort]


class Endpoints(TypedDict, total=False):
    """io.k8s.api.core.v1.Endpoints."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    subsets: list[EndpointSubset]


class EndpointsList(TypedDict, total=False):
    """io.k8s.api.core.v1.EndpointsList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Endpoints]]


class EnvFromSource(TypedDict, total=False):
    """io.k8s.api.core.v1.EnvFromSource."""

    prefix: str
    configMapRef: ConfigMapEnvSource
    secretRef: SecretEnvSource


class EnvVar(TypedDict, total=False):
    """io.k8s.api.core.v1.EnvVar."""

    name: Required[str]
    value: str
    valueFrom: EnvVarSource


class EnvVarSource(TypedDict, total=False):
    """io.k8s.api.core.v1.EnvVarSource."""

    fieldRef: ObjectFieldSelector
    resourceFieldRef: ResourceFieldSelector
    configMapKeyRef: ConfigMapKeySelector
    secretKeyRef: SecretKeySelector


class EphemeralContainer(TypedDict, total=False):
    """io.k8s.api.core.v1.EphemeralContainer."""

    name: Required[str]
    image: str
    command: list[str]
    args: list[str]
    workingDir: str
    ports: list[ContainerPort]
    envFrom: list[EnvFromSource]
    env: list[EnvVar]
    resources: ResourceRequirements
    volumeMounts: list[VolumeMount]
    volumeDevices: list[VolumeDevice]
    livenessProbe: Probe
    readinessProbe: Probe
    startupProbe: Probe
    lifecycle: Lifecycle
    terminationMessagePath: str
    terminationMessagePolicy: str
    imagePullPolicy: str
    securityContext: SecurityContext
    stdin: bool
    stdinOnce: bool
    tty: bool
    targetContainerName: str


class EphemeralVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.EphemeralVolumeSource."""

    volumeClaimTemplate: PersistentVolumeClaimTemplate
    readOnly: bool


class Event(TypedDict, total=False):
    """io.k8s.api.core.v1.Event."""

    kind: str
    apiVersion: str
    metadata: Required[ObjectMeta]
    involvedObject: Required[ObjectReference]
    reason: str
    message: str
    source: EventSource
    firstTimestamp: str
    lastTimestamp: str
    count: int
    type: str
    eventTime: str
    series: EventSeries
    action: str
    related: ObjectReference
    reportingComponent: str
    reportingInstance: str


class EventList(TypedDict, total=False):
    """io.k8s.api.core.v1.EventList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Event]]


class EventSeries(TypedDict, total=False):
    """io.k8s.api.core.v1.EventSeries."""

    count: int
    lastObservedTime: str


class EventSource(TypedDict, total=False):
    """io.k8s.api.core.v1.EventSource."""

    component: str
    host: str


class EventsEvent(TypedDict, total=False):
    """io.k8s.api.events.v1.Event."""

    kind: str
    apiVersion: str
    metadata: Required[ObjectMeta]
    eventTime: Required[str]
    series: EventsEventSeries
    reportingController: str
    reportingInstance: str
    action: str
    reason: str
    regarding: ObjectReference
    related: ObjectReference
    note: str
    type: str
    deprecatedSource: EventSource
    deprecatedFirstTimestamp: str
    deprecatedLastTimestamp: str
    deprecatedCount: int


class EventsEventList(TypedDict, total=False):
    """io.k8s.api.events.v1.EventList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[EventsEvent]]


class EventsEventListV1beta1(TypedDict, total=False):
    """io.k8s.api.events.v1beta1.EventList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[EventsEventV1beta1]]


class EventsEventSeries(TypedDict, total=False):
    """io.k8s.api.events.v1.EventSeries."""

    count: Required[int]
    lastObservedTime: Required[str]


class EventsEventSeriesV1beta1(TypedDict, total=False):
    """io.k8s.api.events.v1beta1.EventSeries."""

    count: Required[int]
    lastObservedTime: Required[str]


class EventsEventV1beta1(TypedDict, total=False):
    """io.k8s.api.events.v1beta1.Event."""

    kind: str
    apiVersion: str
    metadata: Required[ObjectMeta]
    eventTime: Required[str]
    series: EventsEventSeriesV1beta1
    reportingController: str
    reportingInstance: str
    action: str
    reason: str
    regarding: ObjectReference
    related: ObjectReference
    note: str
    type: str
    deprecatedSource: EventSource
    deprecatedFirstTimestamp: str
    deprecatedLastTimestamp: str
    deprecatedCount: int


class Eviction(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.Eviction."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    deleteOptions: DeleteOptions


class ExecAction(TypedDict, total=False):
    """io.k8s.api.core.v1.ExecAction."""

    command: list[str]


class ExtensionsHTTPIngressPathV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.HTTPIngressPath."""

    path: str
    pathType: str
    backend: Required[ExtensionsIngressBackendV1beta1]


class ExtensionsHTTPIngressRuleValueV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.HTTPIngressRuleValue."""

    paths: Required[list[ExtensionsHTTPIngressPathV1beta1]]


class ExtensionsIngressBackendV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.IngressBackend."""

    serviceName: str
    servicePort: int | str
    resource: TypedLocalObjectReference


class ExtensionsIngressListV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.IngressList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ExtensionsIngressV1beta1]]


class ExtensionsIngressRuleV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.IngressRule."""

    host: str
    http: ExtensionsHTTPIngressRuleValueV1beta1


class ExtensionsIngressSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.IngressSpec."""

    ingressClassName: str
    backend: ExtensionsIngressBackendV1beta1
    tls: list[ExtensionsIngressTLSV1beta1]
    rules: list[ExtensionsIngressRuleV1beta1]


class ExtensionsIngressStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.IngressStatus."""

    loadBalancer: LoadBalancerStatus


class ExtensionsIngressTLSV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.IngressTLS."""

    hosts: list[str]
    secretName: str


class ExtensionsIngressV1beta1(TypedDict, total=False):
    """io.k8s.api.extensions.v1beta1.Ingress."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: ExtensionsIngressSpecV1beta1
    status: ExtensionsIngressStatusV1beta1


class ExternalDocumentation(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.ExternalDocumentation."""

    description: str
    url: str


class ExternalDocumentationV1beta1(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.ExternalDocumentation."""

    description: str
    url: str


class ExternalMetricSource(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ExternalMetricSource."""

    metricName: Required[str]
    metricSelector: LabelSelector
    targetValue: str
    targetAverageValue: str


class ExternalMetricSourceV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ExternalMetricSource."""

    metric: Required[MetricIdentifier]
    target: Required[MetricTarget]


class ExternalMetricStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ExternalMetricStatus."""

    metricName: Required[str]
    metricSelector: LabelSelector
    currentValue: Required[str]
    currentAverageValue: str


class ExternalMetricStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ExternalMetricStatus."""

    metric: Required[MetricIdentifier]
    current: Required[MetricValueStatus]


class FCVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.FCVolumeSource."""

    targetWWNs: list[str]
    lun: int
    fsType: str
    readOnly: bool
    wwids: list[str]


class FSGroupStrategyOptions(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.FSGroupStrategyOptions."""

    rule: str
    ranges: list[IDRange]


class FlexPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.FlexPersistentVolumeSource."""

    driver: Required[str]
    fsType: str
    secretRef: SecretReference
    readOnly: bool
    options: dict[str, str]


class FlexVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.FlexVolumeSource."""

    driver: Required[str]
    fsType: str
    secretRef: LocalObjectReference
    readOnly: bool
    options: dict[str, str]


class FlockerVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.FlockerVolumeSource."""

    datasetName: str
    datasetUUID: str


class FlowDistinguisherMethod(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.FlowDistinguisherMethod."""

    type: Required[str]


class FlowSchema(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.FlowSchema."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: FlowSchemaSpec
    status: FlowSchemaStatus


class FlowSchemaCondition(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.FlowSchemaCondition."""

    type: str
    status: str
    lastTransitionTime: str
    reason: str
    message: str


class FlowSchemaList(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.FlowSchemaList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[FlowSchema]]


class FlowSchemaSpec(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.FlowSchemaSpec."""

    priorityLevelConfiguration: Required[PriorityLevelConfigurationReference]
    matchingPrecedence: int
    distinguisherMethod: FlowDistinguisherMethod
    rules: list[PolicyRulesWithSubjects]


class FlowSchemaStatus(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.FlowSchemaStatus."""

    conditions: list[FlowSchemaCondition]


class FlowcontrolSubjectV1beta1(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.Subject."""

    kind: Required[str]
    user: UserSubject
    group: GroupSubject
    serviceAccount: ServiceAccountSubject


class GCEPersistentDiskVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.GCEPersistentDiskVolumeSource."""

    pdName: Required[str]
    fsType: str
    partition: int
    readOnly: bool


class GitRepoVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.GitRepoVolumeSource."""

    repository: Required[str]
    revision: str
    directory: str


class GlusterfsPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.GlusterfsPersistentVolumeSource."""

    endpoints: Required[str]
    path: Required[str]
    readOnly: bool
    endpointsNamespace: str


class GlusterfsVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.GlusterfsVolumeSource."""

    endpoints: Required[str]
    path: Required[str]
    readOnly: bool


class GroupSubject(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.GroupSubject."""

    name: Required[str]


class GroupVersionForDiscovery(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.GroupVersionForDiscovery."""

    groupVersion: Required[str]
    version: Required[str]


class HPAScalingPolicy(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HPAScalingPolicy."""

    type: Required[str]
    value: Required[int]
    periodSeconds: Required[int]


class HPAScalingRules(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HPAScalingRules."""

    stabilizationWindowSeconds: int
    selectPolicy: str
    policies: list[HPAScalingPolicy]


class HTTPGetAction(TypedDict, total=False):
    """io.k8s.api.core.v1.HTTPGetAction."""

    path: str
    port: Required[int | str]
    host: str
    scheme: str
    httpHeaders: list[HTTPHeader]


class HTTPHeader(TypedDict, total=False):
    """io.k8s.api.core.v1.HTTPHeader."""

    name: Required[str]
    value: Required[str]


class HTTPIngressPath(TypedDict, total=False):
    """io.k8s.api.networking.v1.HTTPIngressPath."""

    path: str
    pathType: str
    backend: Required[IngressBackend]


class HTTPIngressPathV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.HTTPIngressPath."""

    path: str
    pathType: str
    backend: Required[IngressBackendV1beta1]


class HTTPIngressRuleValue(TypedDict, total=False):
    """io.k8s.api.networking.v1.HTTPIngressRuleValue."""

    paths: Required[list[HTTPIngressPath]]


class HTTPIngressRuleValueV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.HTTPIngressRuleValue."""

    paths: Required[list[HTTPIngressPathV1beta1]]


class Handler(TypedDict, total=False):
    """io.k8s.api.core.v1.Handler."""

    exec: ExecAction
    httpGet: HTTPGetAction
    tcpSocket: TCPSocketAction


class HorizontalPodAutoscaler(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.HorizontalPodAutoscaler."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: HorizontalPodAutoscalerSpec
    status: HorizontalPodAutoscalerStatus


class HorizontalPodAutoscalerBehavior(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscalerBehavior."""

    scaleUp: HPAScalingRules
    scaleDown: HPAScalingRules


class HorizontalPodAutoscalerCondition(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.HorizontalPodAutoscalerCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class HorizontalPodAutoscalerConditionV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscalerCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class HorizontalPodAutoscalerList(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[HorizontalPodAutoscaler]]


class HorizontalPodAutoscalerListV2beta1(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.HorizontalPodAutoscalerList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[HorizontalPodAutoscalerV2beta1]]


class HorizontalPodAutoscalerListV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscalerList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[HorizontalPodAutoscalerV2beta2]]


class HorizontalPodAutoscalerSpec(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerSpec."""

    scaleTargetRef: Required[CrossVersionObjectReference]
    minReplicas: int
    maxReplicas: Required[int]
    targetCPUUtilizationPercentage: int


class HorizontalPodAutoscalerSpecV2beta1(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.HorizontalPodAutoscalerSpec."""

    scaleTargetRef: Required[CrossVersionObjectReferenceV2beta1]
    minReplicas: int
    maxReplicas: Required[int]
    metrics: list[MetricSpec]


class HorizontalPodAutoscalerSpecV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscalerSpec."""

    scaleTargetRef: Required[CrossVersionObjectReferenceV2beta2]
    minReplicas: int
    maxReplicas: Required[int]
    metrics: list[MetricSpecV2beta2]
    behavior: HorizontalPodAutoscalerBehavior


class HorizontalPodAutoscalerStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.HorizontalPodAutoscalerStatus."""

    observedGeneration: int
    lastScaleTime: str
    currentReplicas: Required[int]
    desiredReplicas: Required[int]
    currentCPUUtilizationPercentage: int


class HorizontalPodAutoscalerStatusV2beta1(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.HorizontalPodAutoscalerStatus."""

    observedGeneration: int
    lastScaleTime: str
    currentReplicas: Required[int]
    desiredReplicas: Required[int]
    currentMetrics: list[MetricStatus]
    conditions: Required[list[HorizontalPodAutoscalerCondition]]


class HorizontalPodAutoscalerStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscalerStatus."""

    observedGeneration: int
    lastScaleTime: str
    currentReplicas: Required[int]
    desiredReplicas: Required[int]
    currentMetrics: list[MetricStatusV2beta2]
    conditions: Required[list[HorizontalPodAutoscalerConditionV2beta2]]


class HorizontalPodAutoscalerV2beta1(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.HorizontalPodAutoscaler."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: HorizontalPodAutoscalerSpecV2beta1
    status: HorizontalPodAutoscalerStatusV2beta1


class HorizontalPodAutoscalerV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.HorizontalPodAutoscaler."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: HorizontalPodAutoscalerSpecV2beta2
    status: HorizontalPodAutoscalerStatusV2beta2


class HostAlias(TypedDict, total=False):
    """io.k8s.api.core.v1.HostAlias."""

    ip: str
    hostnames: list[str]


class HostPathVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.HostPathVolumeSource."""

    path: Required[str]
    type: str


class HostPortRange(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.HostPortRange."""

    min: Required[int]
    max: Required[int]


class IDRange(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.IDRange."""

    min: Required[int]
    max: Required[int]


IPBlock = TypedDict(
    "IPBlock",
    {
        "cidr": "Required[str]",
        "except": "list[str]",
    },
    total=False,
)
"""io.k8s.api.networking.v1.IPBlock."""


class ISCSIPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ISCSIPersistentVolumeSource."""

    targetPortal: Required[str]
    iqn: Required[str]
    lun: Required[int]
    iscsiInterface: str
    fsType: str
    readOnly: bool
    portals: list[str]
    chapAuthDiscovery: bool
    chapAuthSession: bool
    secretRef: SecretReference
    initiatorName: str


class ISCSIVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ISCSIVolumeSource."""

    targetPortal: Required[str]
    iqn: Required[str]
    lun: Required[int]
    iscsiInterface: str
    fsType: str
    readOnly: bool
    portals: list[str]
    chapAuthDiscovery: bool
    chapAuthSession: bool
    secretRef: LocalObjectReference
    initiatorName: str


class Info(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.version.Info."""

    major: Required[str]
    minor: Required[str]
    gitVersion: Required[str]
    gitCommit: Required[str]
    gitTreeState: Required[str]
    buildDate: Required[str]
    goVersion: Required[str]
    compiler: Required[str]
    platform: Required[str]


class Ingress(TypedDict, total=False):
    """io.k8s.api.networking.v1.Ingress."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: IngressSpec
    status: IngressStatus


class IngressBackend(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressBackend."""

    service: IngressServiceBackend
    resource: TypedLocalObjectReference


class IngressBackendV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressBackend."""

    serviceName: str
    servicePort: int | str
    resource: TypedLocalObjectReference


class IngressClass(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: IngressClassSpec


class IngressClassList(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[IngressClass]]


class IngressClassListV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[IngressClassV1beta1]]


class IngressClassSpec(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressClassSpec."""

    controller: str
    parameters: TypedLocalObjectReference


class IngressClassSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressClassSpec."""

    controller: str
    parameters: TypedLocalObjectReference


class IngressClassV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: IngressClassSpecV1beta1


class IngressList(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Ingress]]


class IngressListV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[IngressV1beta1]]


class IngressRule(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressRule."""

    host: str
    http: HTTPIngressRuleValue


class IngressRuleV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressRule."""

    host: str
    http: HTTPIngressRuleValueV1beta1


class IngressServiceBackend(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressServiceBackend."""

    name: Required[str]
    port: ServiceBackendPort


class IngressSpec(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressSpec."""

    ingressClassName: str
    defaultBackend: IngressBackend
    tls: list[IngressTLS]
    rules: list[IngressRule]


class IngressSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressSpec."""

    ingressClassName: str
    backend: IngressBackendV1beta1
    tls: list[IngressTLSV1beta1]
    rules: list[IngressRuleV1beta1]


class IngressStatus(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressStatus."""

    loadBalancer: LoadBalancerStatus


class IngressStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressStatus."""

    loadBalancer: LoadBalancerStatus


class IngressTLS(TypedDict, total=False):
    """io.k8s.api.networking.v1.IngressTLS."""

    hosts: list[str]
    secretName: str


class IngressTLSV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.IngressTLS."""

    hosts: list[str]
    secretName: str


class IngressV1beta1(TypedDict, total=False):
    """io.k8s.api.networking.v1beta1.Ingress."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: IngressSpecV1beta1
    status: IngressStatusV1beta1


JSONSchemaProps = TypedDict(
    "JSONSchemaProps",
    {
        "id": "str",
        "$schema": "str",
        "$ref": "str",
        "description": "str",
        "type": "str",
        "format": "str",
        "title": "str",
        "default": "Any",
        "maximum": "float",
        "exclusiveMaximum": "bool",
        "minimum": "float",
        "exclusiveMinimum": "bool",
        "maxLength": "int",
        "minLength": "int",
        "pattern": "str",
        "maxItems": "int",
        "minItems": "int",
        "uniqueItems": "bool",
        "multipleOf": "float",
        "enum": "list[Any]",
        "maxProperties": "int",
        "minProperties": "int",
        "required": "list[str]",
        "items": "JSONSchemaProps | list[JSONSchemaProps]",
        "allOf": "list[JSONSchemaProps]",
        "oneOf": "list[JSONSchemaProps]",
        "anyOf": "list[JSONSchemaProps]",
        "not": "JSONSchemaProps",
        "properties": "dict[str, JSONSchemaProps]",
        "additionalProperties": "JSONSchemaProps | bool",
        "patternProperties": "dict[str, JSONSchemaProps]",
        "dependencies": "dict[str, JSONSchemaProps | list[str]]",
        "additionalItems": "JSONSchemaProps | bool",
        "definitions": "dict[str, JSONSchemaProps]",
        "externalDocs": "ExternalDocumentation",
        "example": "Any",
        "nullable": "bool",
        "x-kubernetes-preserve-unknown-fields": "bool",
        "x-kubernetes-embedded-resource": "bool",
        "x-kubernetes-int-or-string": "bool",
        "x-kubernetes-list-map-keys": "list[str]",
        "x-kubernetes-list-type": "str",
        "x-kubernetes-map-type": "str",
    },
    total=False,
)
"""io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.JSONSchemaProps."""


JSONSchemaPropsV1beta1 = TypedDict(
    "JSONSchemaPropsV1beta1",
    {
        "id": "str",
        "$schema": "str",
        "$ref": "str",
        "description": "str",
        "type": "str",
        "format": "str",
        "title": "str",
        "default": "Any",
        "maximum": "float",
        "exclusiveMaximum": "bool",
        "minimum": "float",
        "exclusiveMinimum": "bool",
        "maxLength": "int",
        "minLength": "int",
        "pattern": "str",
        "maxItems": "int",
        "minItems": "int",
        "uniqueItems": "bool",
        "multipleOf": "float",
        "enum": "list[Any]",
        "maxProperties": "int",
        "minProperties": "int",
        "required": "list[str]",
        "items": "JSONSchemaPropsV1beta1 | list[JSONSchemaPropsV1beta1]",
        "allOf": "list[JSONSchemaPropsV1beta1]",
        "oneOf": "list[JSONSchemaPropsV1beta1]",
        "anyOf": "list[JSONSchemaPropsV1beta1]",
        "not": "JSONSchemaPropsV1beta1",
        "properties": "dict[str, JSONSchemaPropsV1beta1]",
        "additionalProperties": "JSONSchemaPropsV1beta1 | bool",
        "patternProperties": "dict[str, JSONSchemaPropsV1beta1]",
        "dependencies": "dict[str, JSONSchemaPropsV1beta1 | list[str]]",
        "additionalItems": "JSONSchemaPropsV1beta1 | bool",
        "definitions": "dict[str, JSONSchemaPropsV1beta1]",
        "externalDocs": "ExternalDocumentationV1beta1",
        "example": "Any",
        "nullable": "bool",
        "x-kubernetes-preserve-unknown-fields": "bool",
        "x-kubernetes-embedded-resource": "bool",
        "x-kubernetes-int-or-string": "bool",
        "x-kubernetes-list-map-keys": "list[str]",
        "x-kubernetes-list-type": "str",
        "x-kubernetes-map-type": "str",
    },
    total=False,
)
"""io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1beta1.JSONSchemaProps."""


class Job(TypedDict, total=False):
    """io.k8s.api.batch.v1.Job."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: JobSpec
    status: JobStatus


class JobCondition(TypedDict, total=False):
    """io.k8s.api.batch.v1.JobCondition."""

    type: Required[str]
    status: Required[str]
    lastProbeTime: str
    lastTransitionTime: str
    reason: str
    message: str


class JobList(TypedDict, total=False):
    """io.k8s.api.batch.v1.JobList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Job]]


class JobSpec(TypedDict, total=False):
    """io.k8s.api.batch.v1.JobSpec."""

    parallelism: int
    completions: int
    activeDeadlineSeconds: int
    backoffLimit: int
    selector: LabelSelector
    manualSelector: bool
    template: Required[PodTemplateSpec]
    ttlSecondsAfterFinished: int


class JobStatus(TypedDict, total=False):
    """io.k8s.api.batch.v1.JobStatus."""

    conditions: list[JobCondition]
    startTime: str
    completionTime: str
    active: int
    succeeded: int
    failed: int


class JobTemplateSpec(TypedDict, total=False):
    """io.k8s.api.batch.v1beta1.JobTemplateSpec."""

    metadata: ObjectMeta
    spec: JobSpec


class KeyToPath(TypedDict, total=False):
    """io.k8s.api.core.v1.KeyToPath."""

    key: Required[str]
    path: Required[str]
    mode: int


class LabelSelector(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector."""

    matchLabels: dict[str, str]
    matchExpressions: list[LabelSelectorRequirement]


class LabelSelectorRequirement(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement."""

    key: Required[str]
    operator: Required[str]
    values: list[str]


class Lease(TypedDict, total=False):
    """io.k8s.api.coordination.v1.Lease."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: LeaseSpec


class LeaseList(TypedDict, total=False):
    """io.k8s.api.coordination.v1.LeaseList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Lease]]


class LeaseListV1beta1(TypedDict, total=False):
    """io.k8s.api.coordination.v1beta1.LeaseList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[LeaseV1beta1]]


class LeaseSpec(TypedDict, total=False):
    """io.k8s.api.coordination.v1.LeaseSpec."""

    holderIdentity: str
    leaseDurationSeconds: int
    acquireTime: str
    renewTime: str
    leaseTransitions: int


class LeaseSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.coordination.v1beta1.LeaseSpec."""

    holderIdentity: str
    leaseDurationSeconds: int
    acquireTime: str
    renewTime: str
    leaseTransitions: int


class LeaseV1beta1(TypedDict, total=False):
    """io.k8s.api.coordination.v1beta1.Lease."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: LeaseSpecV1beta1


class Lifecycle(TypedDict, total=False):
    """io.k8s.api.core.v1.Lifecycle."""

    postStart: Handler
    preStop: Handler


class LimitRange(TypedDict, total=False):
    """io.k8s.api.core.v1.LimitRange."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: LimitRangeSpec


class LimitRangeItem(TypedDict, total=False):
    """io.k8s.api.core.v1.LimitRangeItem."""

    type: Required[str]
    max: dict[str, str]
    min: dict[str, str]
    default: dict[str, str]
    defaultRequest: dict[str, str]
    maxLimitRequestRatio: dict[str, str]


class LimitRangeList(TypedDict, total=False):
    """io.k8s.api.core.v1.LimitRangeList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[LimitRange]]


class LimitRangeSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.LimitRangeSpec."""

    limits: Required[list[LimitRangeItem]]


class LimitResponse(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.LimitResponse."""

    type: Required[str]
    queuing: QueuingConfiguration


class LimitedPriorityLevelConfiguration(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.LimitedPriorityLevelConfiguration."""

    assuredConcurrencyShares: int
    limitResponse: LimitResponse


ListMeta = TypedDict(
    "ListMeta",
    {
        "selfLink": "str",
        "resourceVersion": "str",
        "continue": "str",
        "remainingItemCount": "int",
    },
    total=False,
)
"""io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta."""


class LoadBalancerIngress(TypedDict, total=False):
    """io.k8s.api.core.v1.LoadBalancerIngress."""

    ip: str
    hostname: str
    ports: list[PortStatus]


class LoadBalancerStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.LoadBalancerStatus."""

    ingress: list[LoadBalancerIngress]


class LocalObjectReference(TypedDict, total=False):
    """io.k8s.api.core.v1.LocalObjectReference."""

    name: str


class LocalSubjectAccessReview(TypedDict, total=False):
    """io.k8s.api.authorization.v1.LocalSubjectAccessReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SubjectAccessReviewSpec]
    status: SubjectAccessReviewStatus


class LocalSubjectAccessReviewV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.LocalSubjectAccessReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SubjectAccessReviewSpecV1beta1]
    status: SubjectAccessReviewStatusV1beta1


class LocalVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.LocalVolumeSource."""

    path: Required[str]
    fsType: str


class ManagedFieldsEntry(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry."""

    manager: str
    operation: str
    apiVersion: str
    time: str
    fieldsType: str
    fieldsV1: Any


class MetricIdentifier(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.MetricIdentifier."""

    name: Required[str]
    selector: LabelSelector


class MetricSpec(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.MetricSpec."""

    type: Required[str]
    object: ObjectMetricSource
    pods: PodsMetricSource
    resource: ResourceMetricSource
    containerResource: ContainerResourceMetricSource
    external: ExternalMetricSource


class MetricSpecV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.MetricSpec."""

    type: Required[str]
    object: ObjectMetricSourceV2beta2
    pods: PodsMetricSourceV2beta2
    resource: ResourceMetricSourceV2beta2
    containerResource: ContainerResourceMetricSourceV2beta2
    external: ExternalMetricSourceV2beta2


class MetricStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.MetricStatus."""

    type: Required[str]
    object: ObjectMetricStatus
    pods: PodsMetricStatus
    resource: ResourceMetricStatus
    containerResource: ContainerResourceMetricStatus
    external: ExternalMetricStatus


class MetricStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.MetricStatus."""

    type: Required[str]
    object: ObjectMetricStatusV2beta2
    pods: PodsMetricStatusV2beta2
    resource: ResourceMetricStatusV2beta2
    containerResource: ContainerResourceMetricStatusV2beta2
    external: ExternalMetricStatusV2beta2


class MetricTarget(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.MetricTarget."""

    type: Required[str]
    value: str
    averageValue: str
    averageUtilization: int


class MetricValueStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.MetricValueStatus."""

    value: str
    averageValue: str
    averageUtilization: int


class MutatingWebhook(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.MutatingWebhook."""

    name: Required[str]
    clientConfig: Required[WebhookClientConfig]
    rules: list[RuleWithOperations]
    failurePolicy: str
    matchPolicy: str
    namespaceSelector: LabelSelector
    objectSelector: LabelSelector
    sideEffects: Required[str]
    timeoutSeconds: int
    admissionReviewVersions: Required[list[str]]
    reinvocationPolicy: str


class MutatingWebhookConfiguration(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.MutatingWebhookConfiguration."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    webhooks: list[MutatingWebhook]


class MutatingWebhookConfigurationList(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.MutatingWebhookConfigurationList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[MutatingWebhookConfiguration]]


class MutatingWebhookConfigurationListV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.MutatingWebhookConfigurationList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[MutatingWebhookConfigurationV1beta1]]


class MutatingWebhookConfigurationV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.MutatingWebhookConfiguration."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    webhooks: list[MutatingWebhookV1beta1]


class MutatingWebhookV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.MutatingWebhook."""

    name: Required[str]
    clientConfig: Required[WebhookClientConfigV1beta1]
    rules: list[RuleWithOperationsV1beta1]
    failurePolicy: str
    matchPolicy: str
    namespaceSelector: LabelSelector
    objectSelector: LabelSelector
    sideEffects: str
    timeoutSeconds: int
    admissionReviewVersions: list[str]
    reinvocationPolicy: str


class NFSVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.NFSVolumeSource."""

    server: Required[str]
    path: Required[str]
    readOnly: bool


class Namespace(TypedDict, total=False):
    """io.k8s.api.core.v1.Namespace."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: NamespaceSpec
    status: NamespaceStatus


class NamespaceCondition(TypedDict, total=False):
    """io.k8s.api.core.v1.NamespaceCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class NamespaceList(TypedDict, total=False):
    """io.k8s.api.core.v1.NamespaceList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Namespace]]


class NamespaceSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.NamespaceSpec."""

    finalizers: list[str]


class NamespaceStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.NamespaceStatus."""

    phase: str
    conditions: list[NamespaceCondition]


class NetworkPolicy(TypedDict, total=False):
    """io.k8s.api.networking.v1.NetworkPolicy."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: NetworkPolicySpec


class NetworkPolicyEgressRule(TypedDict, total=False):
    """io.k8s.api.networking.v1.NetworkPolicyEgressRule."""

    ports: list[NetworkPolicyPort]
    to: list[NetworkPolicyPeer]


NetworkPolicyIngressRule = TypedDict(
    "NetworkPolicyIngressRule",
    {
        "ports": "list[NetworkPolicyPort]",
        "from": "list[NetworkPolicyPeer]",
    },
    total=False,
)
"""io.k8s.api.networking.v1.NetworkPolicyIngressRule."""


class NetworkPolicyList(TypedDict, total=False):
    """io.k8s.api.networking.v1.NetworkPolicyList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[NetworkPolicy]]


class NetworkPolicyPeer(TypedDict, total=False):
    """io.k8s.api.networking.v1.NetworkPolicyPeer."""

    podSelector: LabelSelector
    namespaceSelector: LabelSelector
    ipBlock: IPBlock


class NetworkPolicyPort(TypedDict, total=False):
    """io.k8s.api.networking.v1.NetworkPolicyPort."""

    protocol: str
    port: int | str


class NetworkPolicySpec(TypedDict, total=False):
    """io.k8s.api.networking.v1.NetworkPolicySpec."""

    podSelector: Required[LabelSelector]
    ingress: list[NetworkPolicyIngressRule]
    egress: list[NetworkPolicyEgressRule]
    policyTypes: list[str]


class Node(TypedDict, total=False):
    """io.k8s.api.core.v1.Node."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: NodeSpec
    status: NodeStatus


class NodeAddress(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeAddress."""

    type: Required[str]
    address: Required[str]


class NodeAffinity(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeAffinity."""

    requiredDuringSchedulingIgnoredDuringExecution: NodeSelector
    preferredDuringSchedulingIgnoredDuringExecution: list[PreferredSchedulingTerm]


class NodeCondition(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeCondition."""

    type: Required[str]
    status: Required[str]
    lastHeartbeatTime: str
    lastTransitionTime: str
    reason: str
    message: str


class NodeConfigSource(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeConfigSource."""

    configMap: ConfigMapNodeConfigSource


class NodeConfigStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeConfigStatus."""

    assigned: NodeConfigSource
    active: NodeConfigSource
    lastKnownGood: NodeConfigSource
    error: str


class NodeDaemonEndpoints(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeDaemonEndpoints."""

    kubeletEndpoint: DaemonEndpoint


class NodeList(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Node]]


class NodeSelector(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeSelector."""

    nodeSelectorTerms: Required[list[NodeSelectorTerm]]


class NodeSelectorRequirement(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeSelectorRequirement."""

    key: Required[str]
    operator: Required[str]
    values: list[str]


class NodeSelectorTerm(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeSelectorTerm."""

    matchExpressions: list[NodeSelectorRequirement]
    matchFields: list[NodeSelectorRequirement]


class NodeSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeSpec."""

    podCIDR: str
    podCIDRs: list[str]
    providerID: str
    unschedulable: bool
    taints: list[Taint]
    configSource: NodeConfigSource
    externalID: str


class NodeStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeStatus."""

    capacity: dict[str, str]
    allocatable: dict[str, str]
    phase: str
    conditions: list[NodeCondition]
    addresses: list[NodeAddress]
    daemonEndpoints: NodeDaemonEndpoints
    nodeInfo: NodeSystemInfo
    images: list[ContainerImage]
    volumesInUse: list[str]
    volumesAttached: list[AttachedVolume]
    config: NodeConfigStatus


class NodeSystemInfo(TypedDict, total=False):
    """io.k8s.api.core.v1.NodeSystemInfo."""

    machineID: Required[str]
    systemUUID: Required[str]
    bootID: Required[str]
    kernelVersion: Required[str]
    osImage: Required[str]
    containerRuntimeVersion: Required[str]
    kubeletVersion: Required[str]
    kubeProxyVersion: Required[str]
    operatingSystem: Required[str]
    architecture: Required[str]


class NonResourceAttributes(TypedDict, total=False):
    """io.k8s.api.authorization.v1.NonResourceAttributes."""

    path: str
    verb: str


class NonResourceAttributesV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.NonResourceAttributes."""

    path: str
    verb: str


class NonResourcePolicyRule(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.NonResourcePolicyRule."""

    verbs: Required[list[str]]
    nonResourceURLs: Required[list[str]]


class NonResourceRule(TypedDict, total=False):
    """io.k8s.api.authorization.v1.NonResourceRule."""

    verbs: Required[list[str]]
    nonResourceURLs: list[str]


class NonResourceRuleV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.NonResourceRule."""

    verbs: Required[list[str]]
    nonResourceURLs: list[str]


class ObjectFieldSelector(TypedDict, total=False):
    """io.k8s.api.core.v1.ObjectFieldSelector."""

    apiVersion: str
    fieldPath: Required[str]


class ObjectMeta(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta."""

    name: str
    generateName: str
    namespace: str
    selfLink: str
    uid: str
    resourceVersion: str
    generation: int
    creationTimestamp: str
    deletionTimestamp: str
    deletionGracePeriodSeconds: int
    labels: dict[str, str]
    annotations: dict[str, str]
    ownerReferences: list[OwnerReference]
    finalizers: list[str]
    clusterName: str
    managedFields: list[ManagedFieldsEntry]


class ObjectMetricSource(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ObjectMetricSource."""

    target: Required[CrossVersionObjectReferenceV2beta1]
    metricName: Required[str]
    targetValue: Required[str]
    selector: LabelSelector
    averageValue: str


class ObjectMetricSourceV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ObjectMetricSource."""

    describedObject: Required[CrossVersionObjectReferenceV2beta2]
    target: Required[MetricTarget]
    metric: Required[MetricIdentifier]


class ObjectMetricStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ObjectMetricStatus."""

    target: Required[CrossVersionObjectReferenceV2beta1]
    metricName: Required[str]
    currentValue: Required[str]
    selector: LabelSelector
    averageValue: str


class ObjectMetricStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ObjectMetricStatus."""

    metric: Required[MetricIdentifier]
    current: Required[MetricValueStatus]
    describedObject: Required[CrossVersionObjectReferenceV2beta2]


class ObjectReference(TypedDict, total=False):
    """io.k8s.api.core.v1.ObjectReference."""

    kind: str
    namespace: str
    name: str
    uid: str
    apiVersion: str
    resourceVersion: str
    fieldPath: str


class Overhead(TypedDict, total=False):
    """io.k8s.api.node.v1.Overhead."""

    podFixed: dict[str, str]


class OverheadV1beta1(TypedDict, total=False):
    """io.k8s.api.node.v1beta1.Overhead."""

    podFixed: dict[str, str]


class OwnerReference(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference."""

    apiVersion: Required[str]
    kind: Required[str]
    name: Required[str]
    uid: Required[str]
    controller: bool
    blockOwnerDeletion: bool


class Patch(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.Patch."""


class PersistentVolume(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolume."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: PersistentVolumeSpec
    status: PersistentVolumeStatus


class PersistentVolumeClaim(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaim."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: PersistentVolumeClaimSpec
    status: PersistentVolumeClaimStatus


class PersistentVolumeClaimCondition(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaimCondition."""

    type: Required[str]
    status: Required[str]
    lastProbeTime: str
    lastTransitionTime: str
    reason: str
    message: str


class PersistentVolumeClaimList(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaimList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PersistentVolumeClaim]]


class PersistentVolumeClaimSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaimSpec."""

    accessModes: list[str]
    selector: LabelSelector
    resources: ResourceRequirements
    volumeName: str
    storageClassName: str
    volumeMode: str
    dataSource: TypedLocalObjectReference


class PersistentVolumeClaimStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaimStatus."""

    phase: str
    accessModes: list[str]
    capacity: dict[str, str]
    conditions: list[PersistentVolumeClaimCondition]


class PersistentVolumeClaimTemplate(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaimTemplate."""

    metadata: ObjectMeta
    spec: Required[PersistentVolumeClaimSpec]


class PersistentVolumeClaimVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeClaimVolumeSource."""

    claimName: Required[str]
    readOnly: bool


class PersistentVolumeList(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PersistentVolume]]


class PersistentVolumeSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeSpec."""

    capacity: dict[str, str]
    gcePersistentDisk: GCEPersistentDiskVolumeSource
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource
    hostPath: HostPathVolumeSource
    glusterfs: GlusterfsPersistentVolumeSource
    nfs: NFSVolumeSource
    rbd: RBDPersistentVolumeSource
    iscsi: ISCSIPersistentVolumeSource
    cinder: CinderPersistentVolumeSource
    cephfs: CephFSPersistentVolumeSource
    fc: FCVolumeSource
    flocker: FlockerVolumeSource
    flexVolume: FlexPersistentVolumeSource
    azureFile: AzureFilePersistentVolumeSource
    vsphereVolume: VsphereVirtualDiskVolumeSource
    quobyte: QuobyteVolumeSource
    azureDisk: AzureDiskVolumeSource
    photonPersistentDisk: PhotonPersistentDiskVolumeSource
    portworxVolume: PortworxVolumeSource
    scaleIO: ScaleIOPersistentVolumeSource
    local: LocalVolumeSource
    storageos: StorageOSPersistentVolumeSource
    csi: CSIPersistentVolumeSource
    accessModes: list[str]
    claimRef: ObjectReference
    persistentVolumeReclaimPolicy: str
    storageClassName: str
    mountOptions: list[str]
    volumeMode: str
    nodeAffinity: VolumeNodeAffinity


class PersistentVolumeStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.PersistentVolumeStatus."""

    phase: str
    message: str
    reason: str


class PhotonPersistentDiskVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.PhotonPersistentDiskVolumeSource."""

    pdID: Required[str]
    fsType: str


class Pod(TypedDict, total=False):
    """io.k8s.api.core.v1.Pod."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: PodSpec
    status: PodStatus


class PodAffinity(TypedDict, total=False):
    """io.k8s.api.core.v1.PodAffinity."""

    requiredDuringSchedulingIgnoredDuringExecution: list[PodAffinityTerm]
    preferredDuringSchedulingIgnoredDuringExecution: list[WeightedPodAffinityTerm]


class PodAffinityTerm(TypedDict, total=False):
    """io.k8s.api.core.v1.PodAffinityTerm."""

    labelSelector: LabelSelector
    namespaces: list[str]
    topologyKey: Required[str]


class PodAntiAffinity(TypedDict, total=False):
    """io.k8s.api.core.v1.PodAntiAffinity."""

    requiredDuringSchedulingIgnoredDuringExecution: list[PodAffinityTerm]
    preferredDuringSchedulingIgnoredDuringExecution: list[WeightedPodAffinityTerm]


class PodCondition(TypedDict, total=False):
    """io.k8s.api.core.v1.PodCondition."""

    type: Required[str]
    status: Required[str]
    lastProbeTime: str
    lastTransitionTime: str
    reason: str
    message: str


class PodDNSConfig(TypedDict, total=False):
    """io.k8s.api.core.v1.PodDNSConfig."""

    nameservers: list[str]
    searches: list[str]
    options: list[PodDNSConfigOption]


class PodDNSConfigOption(TypedDict, total=False):
    """io.k8s.api.core.v1.PodDNSConfigOption."""

    name: str
    value: str


class PodDisruptionBudget(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodDisruptionBudget."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: PodDisruptionBudgetSpec
    status: PodDisruptionBudgetStatus


class PodDisruptionBudgetList(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodDisruptionBudgetList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PodDisruptionBudget]]


class PodDisruptionBudgetSpec(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodDisruptionBudgetSpec."""

    minAvailable: int | str
    selector: LabelSelector
    maxUnavailable: int | str


class PodDisruptionBudgetStatus(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodDisruptionBudgetStatus."""

    observedGeneration: int
    disruptedPods: dict[str, str]
    disruptionsAllowed: Required[int]
    currentHealthy: Required[int]
    desiredHealthy: Required[int]
    expectedPods: Required[int]


class PodIP(TypedDict, total=False):
    """io.k8s.api.core.v1.PodIP."""

    ip: str


class PodList(TypedDict, total=False):
    """io.k8s.api.core.v1.PodList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Pod]]


class PodReadinessGate(TypedDict, total=False):
    """io.k8s.api.core.v1.PodReadinessGate."""

    conditionType: Required[str]


class PodSecurityContext(TypedDict, total=False):
    """io.k8s.api.core.v1.PodSecurityContext."""

    seLinuxOptions: SELinuxOptions
    windowsOptions: WindowsSecurityContextOptions
    runAsUser: int
    runAsGroup: int
    runAsNonRoot: bool
    supplementalGroups: list[int]
    fsGroup: int
    sysctls: list[Sysctl]
    fsGroupChangePolicy: str
    seccompProfile: SeccompProfile


class PodSecurityPolicy(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodSecurityPolicy."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: PodSecurityPolicySpec


class PodSecurityPolicyList(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodSecurityPolicyList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PodSecurityPolicy]]


class PodSecurityPolicySpec(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.PodSecurityPolicySpec."""

    privileged: bool
    defaultAddCapabilities: list[str]
    requiredDropCapabilities: list[str]
    allowedCapabilities: list[str]
    volumes: list[str]
    hostNetwork: bool
    hostPorts: list[HostPortRange]
    hostPID: bool
    hostIPC: bool
    seLinux: Required[SELinuxStrategyOptions]
    runAsUser: Required[RunAsUserStrategyOptions]
    runAsGroup: RunAsGroupStrategyOptions
    supplementalGroups: Required[SupplementalGroupsStrategyOptions]
    fsGroup: Required[FSGroupStrategyOptions]
    readOnlyRootFilesystem: bool
    defaultAllowPrivilegeEscalation: bool
    allowPrivilegeEscalation: bool
    allowedHostPaths: list[AllowedHostPath]
    allowedFlexVolumes: list[AllowedFlexVolume]
    allowedCSIDrivers: list[AllowedCSIDriver]
    allowedUnsafeSysctls: list[str]
    forbiddenSysctls: list[str]
    allowedProcMountTypes: list[str]
    runtimeClass: RuntimeClassStrategyOptions


class PodSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.PodSpec."""

    volumes: list[Volume]
    initContainers: list[Container]
    containers: Required[list[Container]]
    ephemeralContainers: list[EphemeralContainer]
    restartPolicy: str
    terminationGracePeriodSeconds: int
    activeDeadlineSeconds: int
    dnsPolicy: str
    nodeSelector: dict[str, str]
    serviceAccountName: str
    serviceAccount: str
    automountServiceAccountToken: bool
    nodeName: str
    hostNetwork: bool
    hostPID: bool
    hostIPC: bool
    shareProcessNamespace: bool
    securityContext: PodSecurityContext
    imagePullSecrets: list[LocalObjectReference]
    hostname: str
    subdomain: str
    affinity: Affinity
    schedulerName: str
    tolerations: list[Toleration]
    hostAliases: list[HostAlias]
    priorityClassName: str
    priority: int
    dnsConfig: PodDNSConfig
    readinessGates: list[PodReadinessGate]
    runtimeClassName: str
    enableServiceLinks: bool
    preemptionPolicy: str
    overhead: dict[str, str]
    topologySpreadConstraints: list[TopologySpreadConstraint]
    setHostnameAsFQDN: bool


class PodStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.PodStatus."""

    phase: str
    conditions: list[PodCondition]
    message: str
    reason: str
    nominatedNodeName: str
    hostIP: str
    podIP: str
    podIPs: list[PodIP]
    startTime: str
    initContainerStatuses: list[ContainerStatus]
    containerStatuses: list[ContainerStatus]
    qosClass: str
    ephemeralContainerStatuses: list[ContainerStatus]


class PodTemplate(TypedDict, total=False):
    """io.k8s.api.core.v1.PodTemplate."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    template: PodTemplateSpec


class PodTemplateList(TypedDict, total=False):
    """io.k8s.api.core.v1.PodTemplateList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PodTemplate]]


class PodTemplateSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.PodTemplateSpec."""

    metadata: ObjectMeta
    spec: PodSpec


class PodsMetricSource(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.PodsMetricSource."""

    metricName: Required[str]
    targetAverageValue: Required[str]
    selector: LabelSelector


class PodsMetricSourceV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.PodsMetricSource."""

    metric: Required[MetricIdentifier]
    target: Required[MetricTarget]


class PodsMetricStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.PodsMetricStatus."""

    metricName: Required[str]
    currentAverageValue: Required[str]
    selector: LabelSelector


class PodsMetricStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.PodsMetricStatus."""

    metric: Required[MetricIdentifier]
    current: Required[MetricValueStatus]


class PolicyRule(TypedDict, total=False):
    """io.k8s.api.rbac.v1.PolicyRule."""

    verbs: Required[list[str]]
    apiGroups: list[str]
    resources: list[str]
    resourceNames: list[str]
    nonResourceURLs: list[str]


class PolicyRuleV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.PolicyRule."""

    verbs: Required[list[str]]
    apiGroups: list[str]
    resources: list[str]
    resourceNames: list[str]
    nonResourceURLs: list[str]


class PolicyRulesWithSubjects(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PolicyRulesWithSubjects."""

    subjects: Required[list[FlowcontrolSubjectV1beta1]]
    resourceRules: list[ResourcePolicyRule]
    nonResourceRules: list[NonResourcePolicyRule]


class PortStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.PortStatus."""

    port: Required[int]
    protocol: Required[str]
    error: str


class PortworxVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.PortworxVolumeSource."""

    volumeID: Required[str]
    fsType: str
    readOnly: bool


class Preconditions(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.Preconditions."""

    uid: str
    resourceVersion: str


class PreferredSchedulingTerm(TypedDict, total=False):
    """io.k8s.api.core.v1.PreferredSchedulingTerm."""

    weight: Required[int]
    preference: Required[NodeSelectorTerm]


class PriorityClass(TypedDict, total=False):
    """io.k8s.api.scheduling.v1.PriorityClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    value: Required[int]
    globalDefault: bool
    description: str
    preemptionPolicy: str


class PriorityClassList(TypedDict, total=False):
    """io.k8s.api.scheduling.v1.PriorityClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PriorityClass]]


class PriorityClassListV1beta1(TypedDict, total=False):
    """io.k8s.api.scheduling.v1beta1.PriorityClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PriorityClassV1beta1]]


class PriorityClassV1beta1(TypedDict, total=False):
    """io.k8s.api.scheduling.v1beta1.PriorityClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    value: Required[int]
    globalDefault: bool
    description: str
    preemptionPolicy: str


class PriorityLevelConfiguration(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PriorityLevelConfiguration."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: PriorityLevelConfigurationSpec
    status: PriorityLevelConfigurationStatus


class PriorityLevelConfigurationCondition(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PriorityLevelConfigurationCondition."""

    type: str
    status: str
    lastTransitionTime: str
    reason: str
    message: str


class PriorityLevelConfigurationList(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PriorityLevelConfigurationList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[PriorityLevelConfiguration]]


class PriorityLevelConfigurationReference(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PriorityLevelConfigurationReference."""

    name: Required[str]


class PriorityLevelConfigurationSpec(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PriorityLevelConfigurationSpec."""

    type: Required[str]
    limited: LimitedPriorityLevelConfiguration


class PriorityLevelConfigurationStatus(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.PriorityLevelConfigurationStatus."""

    conditions: list[PriorityLevelConfigurationCondition]


class Probe(TypedDict, total=False):
    """io.k8s.api.core.v1.Probe."""

    exec: ExecAction
    httpGet: HTTPGetAction
    tcpSocket: TCPSocketAction
    initialDelaySeconds: int
    timeoutSeconds: int
    periodSeconds: int
    successThreshold: int
    failureThreshold: int


class ProjectedVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ProjectedVolumeSource."""

    sources: list[VolumeProjection]
    defaultMode: int


class QueuingConfiguration(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.QueuingConfiguration."""

    queues: int
    handSize: int
    queueLengthLimit: int


class QuobyteVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.QuobyteVolumeSource."""

    registry: Required[str]
    volume: Required[str]
    readOnly: bool
    user: str
    group: str
    tenant: str


class RBDPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.RBDPersistentVolumeSource."""

    monitors: Required[list[str]]
    image: Required[str]
    fsType: str
    pool: str
    user: str
    keyring: str
    secretRef: SecretReference
    readOnly: bool


class RBDVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.RBDVolumeSource."""

    monitors: Required[list[str]]
    image: Required[str]
    fsType: str
    pool: str
    user: str
    keyring: str
    secretRef: LocalObjectReference
    readOnly: bool


class ReplicaSet(TypedDict, total=False):
    """io.k8s.api.apps.v1.ReplicaSet."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: ReplicaSetSpec
    status: ReplicaSetStatus


class ReplicaSetCondition(TypedDict, total=False):
    """io.k8s.api.apps.v1.ReplicaSetCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class ReplicaSetList(TypedDict, total=False):
    """io.k8s.api.apps.v1.ReplicaSetList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ReplicaSet]]


class ReplicaSetSpec(TypedDict, total=False):
    """io.k8s.api.apps.v1.ReplicaSetSpec."""

    replicas: int
    minReadySeconds: int
    selector: Required[LabelSelector]
    template: PodTemplateSpec


class ReplicaSetStatus(TypedDict, total=False):
    """io.k8s.api.apps.v1.ReplicaSetStatus."""

    replicas: Required[int]
    fullyLabeledReplicas: int
    readyReplicas: int
    availableReplicas: int
    observedGeneration: int
    conditions: list[ReplicaSetCondition]


class ReplicationController(TypedDict, total=False):
    """io.k8s.api.core.v1.ReplicationController."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: ReplicationControllerSpec
    status: ReplicationControllerStatus


class ReplicationControllerCondition(TypedDict, total=False):
    """io.k8s.api.core.v1.ReplicationControllerCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class ReplicationControllerList(TypedDict, total=False):
    """io.k8s.api.core.v1.ReplicationControllerList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ReplicationController]]


class ReplicationControllerSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.ReplicationControllerSpec."""

    replicas: int
    minReadySeconds: int
    selector: dict[str, str]
    template: PodTemplateSpec


class ReplicationControllerStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.ReplicationControllerStatus."""

    replicas: Required[int]
    fullyLabeledReplicas: int
    readyReplicas: int
    availableReplicas: int
    observedGeneration: int
    conditions: list[ReplicationControllerCondition]


class ResourceAttributes(TypedDict, total=False):
    """io.k8s.api.authorization.v1.ResourceAttributes."""

    namespace: str
    verb: str
    group: str
    version: str
    resource: str
    subresource: str
    name: str


class ResourceAttributesV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.ResourceAttributes."""

    namespace: str
    verb: str
    group: str
    version: str
    resource: str
    subresource: str
    name: str


class ResourceFieldSelector(TypedDict, total=False):
    """io.k8s.api.core.v1.ResourceFieldSelector."""

    containerName: str
    resource: Required[str]
    divisor: str


class ResourceMetricSource(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ResourceMetricSource."""

    name: Required[str]
    targetAverageUtilization: int
    targetAverageValue: str


class ResourceMetricSourceV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ResourceMetricSource."""

    name: Required[str]
    target: Required[MetricTarget]


class ResourceMetricStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta1.ResourceMetricStatus."""

    name: Required[str]
    currentAverageUtilization: int
    currentAverageValue: Required[str]


class ResourceMetricStatusV2beta2(TypedDict, total=False):
    """io.k8s.api.autoscaling.v2beta2.ResourceMetricStatus."""

    name: Required[str]
    current: Required[MetricValueStatus]


class ResourcePolicyRule(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.ResourcePolicyRule."""

    verbs: Required[list[str]]
    apiGroups: Required[list[str]]
    resources: Required[list[str]]
    clusterScope: bool
    namespaces: list[str]


class ResourceQuota(TypedDict, total=False):
    """io.k8s.api.core.v1.ResourceQuota."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: ResourceQuotaSpec
    status: ResourceQuotaStatus


class ResourceQuotaList(TypedDict, total=False):
    """io.k8s.api.core.v1.ResourceQuotaList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ResourceQuota]]


class ResourceQuotaSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.ResourceQuotaSpec."""

    hard: dict[str, str]
    scopes: list[str]
    scopeSelector: ScopeSelector


class ResourceQuotaStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.ResourceQuotaStatus."""

    hard: dict[str, str]
    used: dict[str, str]


class ResourceRequirements(TypedDict, total=False):
    """io.k8s.api.core.v1.ResourceRequirements."""

    limits: dict[str, str]
    requests: dict[str, str]


class ResourceRule(TypedDict, total=False):
    """io.k8s.api.authorization.v1.ResourceRule."""

    verbs: Required[list[str]]
    apiGroups: list[str]
    resources: list[str]
    resourceNames: list[str]


class ResourceRuleV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.ResourceRule."""

    verbs: Required[list[str]]
    apiGroups: list[str]
    resources: list[str]
    resourceNames: list[str]


class Role(TypedDict, total=False):
    """io.k8s.api.rbac.v1.Role."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    rules: list[PolicyRule]


class RoleBinding(TypedDict, total=False):
    """io.k8s.api.rbac.v1.RoleBinding."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    subjects: list[Subject]
    roleRef: Required[RoleRef]


class RoleBindingList(TypedDict, total=False):
    """io.k8s.api.rbac.v1.RoleBindingList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[RoleBinding]]


class RoleBindingListV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.RoleBindingList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[RoleBindingV1beta1]]


class RoleBindingV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.RoleBinding."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    subjects: list[SubjectV1beta1]
    roleRef: Required[RoleRefV1beta1]


class RoleList(TypedDict, total=False):
    """io.k8s.api.rbac.v1.RoleList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Role]]


class RoleListV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.RoleList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[RoleV1beta1]]


class RoleRef(TypedDict, total=False):
    """io.k8s.api.rbac.v1.RoleRef."""

    apiGroup: Required[str]
    kind: Required[str]
    name: Required[str]


class RoleRefV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.RoleRef."""

    apiGroup: Required[str]
    kind: Required[str]
    name: Required[str]


class RoleV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.Role."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    rules: list[PolicyRuleV1beta1]


class RollingUpdateDaemonSet(TypedDict, total=False):
    """io.k8s.api.apps.v1.RollingUpdateDaemonSet."""

    maxUnavailable: int | str


class RollingUpdateDeployment(TypedDict, total=False):
    """io.k8s.api.apps.v1.RollingUpdateDeployment."""

    maxUnavailable: int | str
    maxSurge: int | str


class RollingUpdateStatefulSetStrategy(TypedDict, total=False):
    """io.k8s.api.apps.v1.RollingUpdateStatefulSetStrategy."""

    partition: int


class RuleWithOperations(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.RuleWithOperations."""

    operations: list[str]
    apiGroups: list[str]
    apiVersions: list[str]
    resources: list[str]
    scope: str


class RuleWithOperationsV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.RuleWithOperations."""

    operations: list[str]
    apiGroups: list[str]
    apiVersions: list[str]
    resources: list[str]
    scope: str


class RunAsGroupStrategyOptions(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.RunAsGroupStrategyOptions."""

    rule: Required[str]
    ranges: list[IDRange]


class RunAsUserStrategyOptions(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.RunAsUserStrategyOptions."""

    rule: Required[str]
    ranges: list[IDRange]


class RuntimeClass(TypedDict, total=False):
    """io.k8s.api.node.v1.RuntimeClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    handler: Required[str]
    overhead: Overhead
    scheduling: Scheduling


class RuntimeClassList(TypedDict, total=False):
    """io.k8s.api.node.v1.RuntimeClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[RuntimeClass]]


class RuntimeClassListV1beta1(TypedDict, total=False):
    """io.k8s.api.node.v1beta1.RuntimeClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[RuntimeClassV1beta1]]


class RuntimeClassStrategyOptions(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.RuntimeClassStrategyOptions."""

    allowedRuntimeClassNames: Required[list[str]]
    defaultRuntimeClassName: str


class RuntimeClassV1beta1(TypedDict, total=False):
    """io.k8s.api.node.v1beta1.RuntimeClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    handler: Required[str]
    overhead: OverheadV1beta1
    scheduling: SchedulingV1beta1


class SELinuxOptions(TypedDict, total=False):
    """io.k8s.api.core.v1.SELinuxOptions."""

    user: str
    role: str
    type: str
    level: str


class SELinuxStrategyOptions(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.SELinuxStrategyOptions."""

    rule: Required[str]
    seLinuxOptions: SELinuxOptions


class Scale(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.Scale."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: ScaleSpec
    status: ScaleStatus


class ScaleIOPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ScaleIOPersistentVolumeSource."""

    gateway: Required[str]
    system: Required[str]
    secretRef: Required[SecretReference]
    sslEnabled: bool
    protectionDomain: str
    storagePool: str
    storageMode: str
    volumeName: str
    fsType: str
    readOnly: bool


class ScaleIOVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.ScaleIOVolumeSource."""

    gateway: Required[str]
    system: Required[str]
    secretRef: Required[LocalObjectReference]
    sslEnabled: bool
    protectionDomain: str
    storagePool: str
    storageMode: str
    volumeName: str
    fsType: str
    readOnly: bool


class ScaleSpec(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.ScaleSpec."""

    replicas: int


class ScaleStatus(TypedDict, total=False):
    """io.k8s.api.autoscaling.v1.ScaleStatus."""

    replicas: Required[int]
    selector: str


class Scheduling(TypedDict, total=False):
    """io.k8s.api.node.v1.Scheduling."""

    nodeSelector: dict[str, str]
    tolerations: list[Toleration]


class SchedulingV1beta1(TypedDict, total=False):
    """io.k8s.api.node.v1beta1.Scheduling."""

    nodeSelector: dict[str, str]
    tolerations: list[Toleration]


class ScopeSelector(TypedDict, total=False):
    """io.k8s.api.core.v1.ScopeSelector."""

    matchExpressions: list[ScopedResourceSelectorRequirement]


class ScopedResourceSelectorRequirement(TypedDict, total=False):
    """io.k8s.api.core.v1.ScopedResourceSelectorRequirement."""

    scopeName: Required[str]
    operator: Required[str]
    values: list[str]


class SeccompProfile(TypedDict, total=False):
    """io.k8s.api.core.v1.SeccompProfile."""

    type: Required[str]
    localhostProfile: str


class Secret(TypedDict, total=False):
    """io.k8s.api.core.v1.Secret."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    immutable: bool
    data: dict[str, str]
    stringData: dict[str, str]
    type: str


class SecretEnvSource(TypedDict, total=False):
    """io.k8s.api.core.v1.SecretEnvSource."""

    name: str
    optional: bool


class SecretKeySelector(TypedDict, total=False):
    """io.k8s.api.core.v1.SecretKeySelector."""

    name: str
    key: Required[str]
    optional: bool


class SecretList(TypedDict, total=False):
    """io.k8s.api.core.v1.SecretList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Secret]]


class SecretProjection(TypedDict, total=False):
    """io.k8s.api.core.v1.SecretProjection."""

    name: str
    items: list[KeyToPath]
    optional: bool


class SecretReference(TypedDict, total=False):
    """io.k8s.api.core.v1.SecretReference."""

    name: str
    namespace: str


class SecretVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.SecretVolumeSource."""

    secretName: str
    items: list[KeyToPath]
    defaultMode: int
    optional: bool


class SecurityContext(TypedDict, total=False):
    """io.k8s.api.core.v1.SecurityContext."""

    capabilities: Capabilities
    privileged: bool
    seLinuxOptions: SELinuxOptions
    windowsOptions: WindowsSecurityContextOptions
    runAsUser: int
    runAsGroup: int
    runAsNonRoot: bool
    readOnlyRootFilesystem: bool
    allowPrivilegeEscalation: bool
    procMount: str
    seccompProfile: SeccompProfile


class SelfSubjectAccessReview(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SelfSubjectAccessReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SelfSubjectAccessReviewSpec]
    status: SubjectAccessReviewStatus


class SelfSubjectAccessReviewSpec(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SelfSubjectAccessReviewSpec."""

    resourceAttributes: ResourceAttributes
    nonResourceAttributes: NonResourceAttributes


class SelfSubjectAccessReviewSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SelfSubjectAccessReviewSpec."""

    resourceAttributes: ResourceAttributesV1beta1
    nonResourceAttributes: NonResourceAttributesV1beta1


class SelfSubjectAccessReviewV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SelfSubjectAccessReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SelfSubjectAccessReviewSpecV1beta1]
    status: SubjectAccessReviewStatusV1beta1


class SelfSubjectRulesReview(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SelfSubjectRulesReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SelfSubjectRulesReviewSpec]
    status: SubjectRulesReviewStatus


class SelfSubjectRulesReviewSpec(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SelfSubjectRulesReviewSpec."""

    namespace: str


class SelfSubjectRulesReviewSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SelfSubjectRulesReviewSpec."""

    namespace: str


class SelfSubjectRulesReviewV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SelfSubjectRulesReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SelfSubjectRulesReviewSpecV1beta1]
    status: SubjectRulesReviewStatusV1beta1


class ServerAddressByClientCIDR(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.ServerAddressByClientCIDR."""

    clientCIDR: Required[str]
    serverAddress: Required[str]


class Service(TypedDict, total=False):
    """io.k8s.api.core.v1.Service."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: ServiceSpec
    status: ServiceStatus


class ServiceAccount(TypedDict, total=False):
    """io.k8s.api.core.v1.ServiceAccount."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    secrets: list[ObjectReference]
    imagePullSecrets: list[LocalObjectReference]
    automountServiceAccountToken: bool


class ServiceAccountList(TypedDict, total=False):
    """io.k8s.api.core.v1.ServiceAccountList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ServiceAccount]]


class ServiceAccountSubject(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.ServiceAccountSubject."""

    namespace: Required[str]
    name: Required[str]


class ServiceAccountTokenProjection(TypedDict, total=False):
    """io.k8s.api.core.v1.ServiceAccountTokenProjection."""

    audience: str
    expirationSeconds: int
    path: Required[str]


class ServiceBackendPort(TypedDict, total=False):
    """io.k8s.api.networking.v1.ServiceBackendPort."""

    name: str
    number: int


class ServiceList(TypedDict, total=False):
    """io.k8s.api.core.v1.ServiceList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[Service]]


class ServicePort(TypedDict, total=False):
    """io.k8s.api.core.v1.ServicePort."""

    name: str
    protocol: str
    appProtocol: str
    port: Required[int]
    targetPort: int | str
    nodePort: int


class ServiceReference(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.ServiceReference."""

    namespace: Required[str]
    name: Required[str]
    path: str
    port: int


class ServiceReferenceV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.ServiceReference."""

    namespace: Required[str]
    name: Required[str]
    path: str
    port: int


class ServiceSpec(TypedDict, total=False):
    """io.k8s.api.core.v1.ServiceSpec."""

    ports: list[ServicePort]
    selector: dict[str, str]
    clusterIP: str
    clusterIPs: list[str]
    type: str
    externalIPs: list[str]
    sessionAffinity: str
    loadBalancerIP: str
    loadBalancerSourceRanges: list[str]
    externalName: str
    externalTrafficPolicy: str
    healthCheckNodePort: int
    publishNotReadyAddresses: bool
    sessionAffinityConfig: SessionAffinityConfig
    topologyKeys: list[str]
    ipFamilies: list[str]
    ipFamilyPolicy: str
    allocateLoadBalancerNodePorts: bool


class ServiceStatus(TypedDict, total=False):
    """io.k8s.api.core.v1.ServiceStatus."""

    loadBalancer: LoadBalancerStatus
    conditions: list[Condition]


class SessionAffinityConfig(TypedDict, total=False):
    """io.k8s.api.core.v1.SessionAffinityConfig."""

    clientIP: ClientIPConfig


class StatefulSet(TypedDict, total=False):
    """io.k8s.api.apps.v1.StatefulSet."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: StatefulSetSpec
    status: StatefulSetStatus


class StatefulSetCondition(TypedDict, total=False):
    """io.k8s.api.apps.v1.StatefulSetCondition."""

    type: Required[str]
    status: Required[str]
    lastTransitionTime: str
    reason: str
    message: str


class StatefulSetList(TypedDict, total=False):
    """io.k8s.api.apps.v1.StatefulSetList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[StatefulSet]]


class StatefulSetSpec(TypedDict, total=False):
    """io.k8s.api.apps.v1.StatefulSetSpec."""

    replicas: int
    selector: Required[LabelSelector]
    template: Required[PodTemplateSpec]
    volumeClaimTemplates: list[PersistentVolumeClaim]
    serviceName: Required[str]
    podManagementPolicy: str
    updateStrategy: StatefulSetUpdateStrategy
    revisionHistoryLimit: int


class StatefulSetStatus(TypedDict, total=False):
    """io.k8s.api.apps.v1.StatefulSetStatus."""

    observedGeneration: int
    replicas: Required[int]
    readyReplicas: int
    currentReplicas: int
    updatedReplicas: int
    currentRevision: str
    updateRevision: str
    collisionCount: int
    conditions: list[StatefulSetCondition]


class StatefulSetUpdateStrategy(TypedDict, total=False):
    """io.k8s.api.apps.v1.StatefulSetUpdateStrategy."""

    type: str
    rollingUpdate: RollingUpdateStatefulSetStrategy


class Status(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.Status."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    status: str
    message: str
    reason: str
    details: StatusDetails
    code: int


class StatusCause(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.StatusCause."""

    reason: str
    message: str
    field: str


class StatusDetails(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.StatusDetails."""

    name: str
    group: str
    kind: str
    uid: str
    causes: list[StatusCause]
    retryAfterSeconds: int


class StorageClass(TypedDict, total=False):
    """io.k8s.api.storage.v1.StorageClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    provisioner: Required[str]
    parameters: dict[str, str]
    reclaimPolicy: str
    mountOptions: list[str]
    allowVolumeExpansion: bool
    volumeBindingMode: str
    allowedTopologies: list[TopologySelectorTerm]


class StorageClassList(TypedDict, total=False):
    """io.k8s.api.storage.v1.StorageClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[StorageClass]]


class StorageClassListV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.StorageClassList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[StorageClassV1beta1]]


class StorageClassV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.StorageClass."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    provisioner: Required[str]
    parameters: dict[str, str]
    reclaimPolicy: str
    mountOptions: list[str]
    allowVolumeExpansion: bool
    volumeBindingMode: str
    allowedTopologies: list[TopologySelectorTerm]


class StorageOSPersistentVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.StorageOSPersistentVolumeSource."""

    volumeName: str
    volumeNamespace: str
    fsType: str
    readOnly: bool
    secretRef: ObjectReference


class StorageOSVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.StorageOSVolumeSource."""

    volumeName: str
    volumeNamespace: str
    fsType: str
    readOnly: bool
    secretRef: LocalObjectReference


class StorageTokenRequest(TypedDict, total=False):
    """io.k8s.api.storage.v1.TokenRequest."""

    audience: Required[str]
    expirationSeconds: int


class StorageTokenRequestV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.TokenRequest."""

    audience: Required[str]
    expirationSeconds: int


class Subject(TypedDict, total=False):
    """io.k8s.api.rbac.v1.Subject."""

    kind: Required[str]
    apiGroup: str
    name: Required[str]
    namespace: str


class SubjectAccessReview(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SubjectAccessReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SubjectAccessReviewSpec]
    status: SubjectAccessReviewStatus


class SubjectAccessReviewSpec(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SubjectAccessReviewSpec."""

    resourceAttributes: ResourceAttributes
    nonResourceAttributes: NonResourceAttributes
    user: str
    groups: list[str]
    extra: dict[str, list[str]]
    uid: str


class SubjectAccessReviewSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SubjectAccessReviewSpec."""

    resourceAttributes: ResourceAttributesV1beta1
    nonResourceAttributes: NonResourceAttributesV1beta1
    user: str
    group: list[str]
    extra: dict[str, list[str]]
    uid: str


class SubjectAccessReviewStatus(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SubjectAccessReviewStatus."""

    allowed: Required[bool]
    denied: bool
    reason: str
    evaluationError: str


class SubjectAccessReviewStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SubjectAccessReviewStatus."""

    allowed: Required[bool]
    denied: bool
    reason: str
    evaluationError: str


class SubjectAccessReviewV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SubjectAccessReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[SubjectAccessReviewSpecV1beta1]
    status: SubjectAccessReviewStatusV1beta1


class SubjectRulesReviewStatus(TypedDict, total=False):
    """io.k8s.api.authorization.v1.SubjectRulesReviewStatus."""

    resourceRules: Required[list[ResourceRule]]
    nonResourceRules: Required[list[NonResourceRule]]
    incomplete: Required[bool]
    evaluationError: str


class SubjectRulesReviewStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.authorization.v1beta1.SubjectRulesReviewStatus."""

    resourceRules: Required[list[ResourceRuleV1beta1]]
    nonResourceRules: Required[list[NonResourceRuleV1beta1]]
    incomplete: Required[bool]
    evaluationError: str


class SubjectV1beta1(TypedDict, total=False):
    """io.k8s.api.rbac.v1beta1.Subject."""

    kind: Required[str]
    apiGroup: str
    name: Required[str]
    namespace: str


class SupplementalGroupsStrategyOptions(TypedDict, total=False):
    """io.k8s.api.policy.v1beta1.SupplementalGroupsStrategyOptions."""

    rule: str
    ranges: list[IDRange]


class Sysctl(TypedDict, total=False):
    """io.k8s.api.core.v1.Sysctl."""

    name: Required[str]
    value: Required[str]


class TCPSocketAction(TypedDict, total=False):
    """io.k8s.api.core.v1.TCPSocketAction."""

    port: Required[int | str]
    host: str


class Taint(TypedDict, total=False):
    """io.k8s.api.core.v1.Taint."""

    key: Required[str]
    value: str
    effect: Required[str]
    timeAdded: str


class TokenRequest(TypedDict, total=False):
    """io.k8s.api.authentication.v1.TokenRequest."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[TokenRequestSpec]
    status: TokenRequestStatus


class TokenRequestSpec(TypedDict, total=False):
    """io.k8s.api.authentication.v1.TokenRequestSpec."""

    audiences: Required[list[str]]
    expirationSeconds: int
    boundObjectRef: BoundObjectReference


class TokenRequestStatus(TypedDict, total=False):
    """io.k8s.api.authentication.v1.TokenRequestStatus."""

    token: Required[str]
    expirationTimestamp: Required[str]


class TokenReview(TypedDict, total=False):
    """io.k8s.api.authentication.v1.TokenReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[TokenReviewSpec]
    status: TokenReviewStatus


class TokenReviewSpec(TypedDict, total=False):
    """io.k8s.api.authentication.v1.TokenReviewSpec."""

    token: str
    audiences: list[str]


class TokenReviewSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.authentication.v1beta1.TokenReviewSpec."""

    token: str
    audiences: list[str]


class TokenReviewStatus(TypedDict, total=False):
    """io.k8s.api.authentication.v1.TokenReviewStatus."""

    authenticated: bool
    user: UserInfo
    audiences: list[str]
    error: str


class TokenReviewStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.authentication.v1beta1.TokenReviewStatus."""

    authenticated: bool
    user: UserInfoV1beta1
    audiences: list[str]
    error: str


class TokenReviewV1beta1(TypedDict, total=False):
    """io.k8s.api.authentication.v1beta1.TokenReview."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[TokenReviewSpecV1beta1]
    status: TokenReviewStatusV1beta1


class Toleration(TypedDict, total=False):
    """io.k8s.api.core.v1.Toleration."""

    key: str
    operator: str
    value: str
    effect: str
    tolerationSeconds: int


class TopologySelectorLabelRequirement(TypedDict, total=False):
    """io.k8s.api.core.v1.TopologySelectorLabelRequirement."""

    key: Required[str]
    values: Required[list[str]]


class TopologySelectorTerm(TypedDict, total=False):
    """io.k8s.api.core.v1.TopologySelectorTerm."""

    matchLabelExpressions: list[TopologySelectorLabelRequirement]


class TopologySpreadConstraint(TypedDict, total=False):
    """io.k8s.api.core.v1.TopologySpreadConstraint."""

    maxSkew: Required[int]
    topologyKey: Required[str]
    whenUnsatisfiable: Required[str]
    labelSelector: LabelSelector


class TypedLocalObjectReference(TypedDict, total=False):
    """io.k8s.api.core.v1.TypedLocalObjectReference."""

    apiGroup: str
    kind: Required[str]
    name: Required[str]


class UserInfo(TypedDict, total=False):
    """io.k8s.api.authentication.v1.UserInfo."""

    username: str
    uid: str
    groups: list[str]
    extra: dict[str, list[str]]


class UserInfoV1beta1(TypedDict, total=False):
    """io.k8s.api.authentication.v1beta1.UserInfo."""

    username: str
    uid: str
    groups: list[str]
    extra: dict[str, list[str]]


class UserSubject(TypedDict, total=False):
    """io.k8s.api.flowcontrol.v1beta1.UserSubject."""

    name: Required[str]


class ValidatingWebhook(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.ValidatingWebhook."""

    name: Required[str]
    clientConfig: Required[WebhookClientConfig]
    rules: list[RuleWithOperations]
    failurePolicy: str
    matchPolicy: str
    namespaceSelector: LabelSelector
    objectSelector: LabelSelector
    sideEffects: Required[str]
    timeoutSeconds: int
    admissionReviewVersions: Required[list[str]]


class ValidatingWebhookConfiguration(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.ValidatingWebhookConfiguration."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    webhooks: list[ValidatingWebhook]


class ValidatingWebhookConfigurationList(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.ValidatingWebhookConfigurationList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ValidatingWebhookConfiguration]]


class ValidatingWebhookConfigurationListV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.ValidatingWebhookConfigurationList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[ValidatingWebhookConfigurationV1beta1]]


class ValidatingWebhookConfigurationV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.ValidatingWebhookConfiguration."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    webhooks: list[ValidatingWebhookV1beta1]


class ValidatingWebhookV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.ValidatingWebhook."""

    name: Required[str]
    clientConfig: Required[WebhookClientConfigV1beta1]
    rules: list[RuleWithOperationsV1beta1]
    failurePolicy: str
    matchPolicy: str
    namespaceSelector: LabelSelector
    objectSelector: LabelSelector
    sideEffects: str
    timeoutSeconds: int
    admissionReviewVersions: list[str]


class Volume(TypedDict, total=False):
    """io.k8s.api.core.v1.Volume."""

    name: Required[str]
    hostPath: HostPathVolumeSource
    emptyDir: EmptyDirVolumeSource
    gcePersistentDisk: GCEPersistentDiskVolumeSource
    awsElasticBlockStore: AWSElasticBlockStoreVolumeSource
    gitRepo: GitRepoVolumeSource
    secret: SecretVolumeSource
    nfs: NFSVolumeSource
    iscsi: ISCSIVolumeSource
    glusterfs: GlusterfsVolumeSource
    persistentVolumeClaim: PersistentVolumeClaimVolumeSource
    rbd: RBDVolumeSource
    flexVolume: FlexVolumeSource
    cinder: CinderVolumeSource
    cephfs: CephFSVolumeSource
    flocker: FlockerVolumeSource
    downwardAPI: DownwardAPIVolumeSource
    fc: FCVolumeSource
    azureFile: AzureFileVolumeSource
    configMap: ConfigMapVolumeSource
    vsphereVolume: VsphereVirtualDiskVolumeSource
    quobyte: QuobyteVolumeSource
    azureDisk: AzureDiskVolumeSource
    photonPersistentDisk: PhotonPersistentDiskVolumeSource
    projected: ProjectedVolumeSource
    portworxVolume: PortworxVolumeSource
    scaleIO: ScaleIOVolumeSource
    storageos: StorageOSVolumeSource
    csi: CSIVolumeSource
    ephemeral: EphemeralVolumeSource


class VolumeAttachment(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeAttachment."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[VolumeAttachmentSpec]
    status: VolumeAttachmentStatus


class VolumeAttachmentList(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeAttachmentList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[VolumeAttachment]]


class VolumeAttachmentListV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeAttachmentList."""

    kind: str
    apiVersion: str
    metadata: ListMeta
    items: Required[list[VolumeAttachmentV1beta1]]


class VolumeAttachmentSource(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeAttachmentSource."""

    persistentVolumeName: str
    inlineVolumeSpec: PersistentVolumeSpec


class VolumeAttachmentSourceV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeAttachmentSource."""

    persistentVolumeName: str
    inlineVolumeSpec: PersistentVolumeSpec


class VolumeAttachmentSpec(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeAttachmentSpec."""

    attacher: Required[str]
    source: Required[VolumeAttachmentSource]
    nodeName: Required[str]


class VolumeAttachmentSpecV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeAttachmentSpec."""

    attacher: Required[str]
    source: Required[VolumeAttachmentSourceV1beta1]
    nodeName: Required[str]


class VolumeAttachmentStatus(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeAttachmentStatus."""

    attached: Required[bool]
    attachmentMetadata: dict[str, str]
    attachError: VolumeError
    detachError: VolumeError


class VolumeAttachmentStatusV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeAttachmentStatus."""

    attached: Required[bool]
    attachmentMetadata: dict[str, str]
    attachError: VolumeErrorV1beta1
    detachError: VolumeErrorV1beta1


class VolumeAttachmentV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeAttachment."""

    kind: str
    apiVersion: str
    metadata: ObjectMeta
    spec: Required[VolumeAttachmentSpecV1beta1]
    status: VolumeAttachmentStatusV1beta1


class VolumeDevice(TypedDict, total=False):
    """io.k8s.api.core.v1.VolumeDevice."""

    name: Required[str]
    devicePath: Required[str]


class VolumeError(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeError."""

    time: str
    message: str


class VolumeErrorV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeError."""

    time: str
    message: str


class VolumeMount(TypedDict, total=False):
    """io.k8s.api.core.v1.VolumeMount."""

    name: Required[str]
    readOnly: bool
    mountPath: Required[str]
    subPath: str
    mountPropagation: str
    subPathExpr: str


class VolumeNodeAffinity(TypedDict, total=False):
    """io.k8s.api.core.v1.VolumeNodeAffinity."""

    required: NodeSelector


class VolumeNodeResources(TypedDict, total=False):
    """io.k8s.api.storage.v1.VolumeNodeResources."""

    count: int


class VolumeNodeResourcesV1beta1(TypedDict, total=False):
    """io.k8s.api.storage.v1beta1.VolumeNodeResources."""

    count: int


class VolumeProjection(TypedDict, total=False):
    """io.k8s.api.core.v1.VolumeProjection."""

    secret: SecretProjection
    downwardAPI: DownwardAPIProjection
    configMap: ConfigMapProjection
    serviceAccountToken: ServiceAccountTokenProjection


class VsphereVirtualDiskVolumeSource(TypedDict, total=False):
    """io.k8s.api.core.v1.VsphereVirtualDiskVolumeSource."""

    volumePath: Required[str]
    fsType: str
    storagePolicyName: str
    storagePolicyID: str


class WatchEvent(TypedDict, total=False):
    """io.k8s.apimachinery.pkg.apis.meta.v1.WatchEvent."""

    type: Required[str]
    object: Required[Any]


class WebhookClientConfig(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1.WebhookClientConfig."""

    url: str
    service: ServiceReference
    caBundle: str


class WebhookClientConfigV1beta1(TypedDict, total=False):
    """io.k8s.api.admissionregistration.v1beta1.WebhookClientConfig."""

    url: str
    service: ServiceReferenceV1beta1
    caBundle: str


class WebhookConversion(TypedDict, total=False):
    """io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.WebhookConversion."""

    clientConfig: ApiextensionsWebhookClientConfig
    conversionReviewVersions: Required[list[str]]


class WeightedPodAffinityTerm(TypedDict, total=False):
    """io.k8s.api.core.v1.WeightedPodAffinityTerm."""

    weight: Required[int]
    podAffinityTerm: Required[PodAffinityTerm]


class WindowsSecurityContextOptions(TypedDict, total=False):
    """io.k8s.api.core.v1.WindowsSecurityContextOptions."""

    gmsaCredentialSpecName: str
    gmsaCredentialSpec: str
    runAsUserName: str
