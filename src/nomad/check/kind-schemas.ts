/** The published schema of each kind that a tree may hold, loaded when the first manifest of the kind comes. */

export interface Schema {
  /** @throws with `errors` when what it carries is not what its kind takes. */
  validate(): void;
}

export const kindSchemas: Readonly<Record<string, () => Promise<Schema>>> = {
  'v1/ConfigMap': async () => new (await import('kubernetes-models/v1/ConfigMap')).ConfigMap(),
  'v1/Endpoints': async () => new (await import('kubernetes-models/v1/Endpoints')).Endpoints(),
  'v1/Namespace': async () => new (await import('kubernetes-models/v1/Namespace')).Namespace(),
  'v1/PersistentVolume': async () => new (await import('kubernetes-models/v1/PersistentVolume')).PersistentVolume(),
  'v1/PersistentVolumeClaim': async () =>
    new (await import('kubernetes-models/v1/PersistentVolumeClaim')).PersistentVolumeClaim(),
  'v1/Secret': async () => new (await import('kubernetes-models/v1/Secret')).Secret(),
  'v1/Service': async () => new (await import('kubernetes-models/v1/Service')).Service(),
  'v1/ServiceAccount': async () => new (await import('kubernetes-models/v1/ServiceAccount')).ServiceAccount(),
  'apps/v1/DaemonSet': async () => new (await import('kubernetes-models/apps/v1/DaemonSet')).DaemonSet(),
  'apps/v1/Deployment': async () => new (await import('kubernetes-models/apps/v1/Deployment')).Deployment(),
  'apps/v1/StatefulSet': async () => new (await import('kubernetes-models/apps/v1/StatefulSet')).StatefulSet(),
  'autoscaling/v2/HorizontalPodAutoscaler': async () =>
    new (await import('kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler')).HorizontalPodAutoscaler(),
  'batch/v1/CronJob': async () => new (await import('kubernetes-models/batch/v1/CronJob')).CronJob(),
  'batch/v1/Job': async () => new (await import('kubernetes-models/batch/v1/Job')).Job(),
  'discovery.k8s.io/v1/EndpointSlice': async () =>
    new (await import('kubernetes-models/discovery.k8s.io/v1/EndpointSlice')).EndpointSlice(),
  'networking.k8s.io/v1/Ingress': async () =>
    new (await import('kubernetes-models/networking.k8s.io/v1/Ingress')).Ingress(),
  'networking.k8s.io/v1/IngressClass': async () =>
    new (await import('kubernetes-models/networking.k8s.io/v1/IngressClass')).IngressClass(),
  'networking.k8s.io/v1/NetworkPolicy': async () =>
    new (await import('kubernetes-models/networking.k8s.io/v1/NetworkPolicy')).NetworkPolicy(),
  'policy/v1/PodDisruptionBudget': async () =>
    new (await import('kubernetes-models/policy/v1/PodDisruptionBudget')).PodDisruptionBudget(),
  'rbac.authorization.k8s.io/v1/ClusterRole': async () =>
    new (await import('kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRole')).ClusterRole(),
  'rbac.authorization.k8s.io/v1/ClusterRoleBinding': async () =>
    new (await import('kubernetes-models/rbac.authorization.k8s.io/v1/ClusterRoleBinding')).ClusterRoleBinding(),
  'rbac.authorization.k8s.io/v1/Role': async () =>
    new (await import('kubernetes-models/rbac.authorization.k8s.io/v1/Role')).Role(),
  'rbac.authorization.k8s.io/v1/RoleBinding': async () =>
    new (await import('kubernetes-models/rbac.authorization.k8s.io/v1/RoleBinding')).RoleBinding(),
  'scheduling.k8s.io/v1/PriorityClass': async () =>
    new (await import('kubernetes-models/scheduling.k8s.io/v1/PriorityClass')).PriorityClass(),
  'storage.k8s.io/v1/StorageClass': async () =>
    new (await import('kubernetes-models/storage.k8s.io/v1/StorageClass')).StorageClass(),
  'traefik.io/v1alpha1/IngressRoute': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRoute')).IngressRoute(),
  'traefik.io/v1alpha1/IngressRouteTCP': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRouteTCP')).IngressRouteTCP(),
  'traefik.io/v1alpha1/IngressRouteUDP': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/IngressRouteUDP')).IngressRouteUDP(),
  'traefik.io/v1alpha1/Middleware': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/Middleware')).Middleware(),
  'traefik.io/v1alpha1/MiddlewareTCP': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/MiddlewareTCP')).MiddlewareTCP(),
  'traefik.io/v1alpha1/ServersTransport': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/ServersTransport')).ServersTransport(),
  'traefik.io/v1alpha1/ServersTransportTCP': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/ServersTransportTCP')).ServersTransportTCP(),
  'traefik.io/v1alpha1/TLSOption': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/TLSOption')).TLSOption(),
  'traefik.io/v1alpha1/TraefikService': async () =>
    new (await import('@kubernetes-models/traefik/traefik.io/v1alpha1/TraefikService')).TraefikService(),
  'external-secrets.io/v1/ClusterSecretStore': async () =>
    new (
      await import('@kubernetes-models/external-secrets/external-secrets.io/v1/ClusterSecretStore')
    ).ClusterSecretStore(),
  'external-secrets.io/v1/ExternalSecret': async () =>
    new (await import('@kubernetes-models/external-secrets/external-secrets.io/v1/ExternalSecret')).ExternalSecret(),
  'external-secrets.io/v1/SecretStore': async () =>
    new (await import('@kubernetes-models/external-secrets/external-secrets.io/v1/SecretStore')).SecretStore(),
  'cilium.io/v2/CiliumClusterwideNetworkPolicy': async () =>
    new (
      await import('@kubernetes-models/cilium/cilium.io/v2/CiliumClusterwideNetworkPolicy')
    ).CiliumClusterwideNetworkPolicy(),
  'cilium.io/v2/CiliumNetworkPolicy': async () =>
    new (await import('@kubernetes-models/cilium/cilium.io/v2/CiliumNetworkPolicy')).CiliumNetworkPolicy(),
  'autoscaling.k8s.io/v1/VerticalPodAutoscaler': async () =>
    new (
      await import('@kubernetes-models/autoscaler/autoscaling.k8s.io/v1/VerticalPodAutoscaler')
    ).VerticalPodAutoscaler(),
};
