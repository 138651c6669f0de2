/** What `core` installs, and where each version was read. A newer one is a change here, and the tests render it. */
export const charts = {
  vpa: {
    repository: 'https://kubernetes.github.io/autoscaler',
    chart: 'vertical-pod-autoscaler',
    version: '0.13.0',
    source: 'charts/vertical-pod-autoscaler of k8s.io/autoscaler/vertical-pod-autoscaler v1.8.1',
  },
  cilium: {
    repository: 'https://helm.cilium.io',
    chart: 'cilium',
    version: '1.20.2',
    source: 'install/kubernetes/cilium of github.com/cilium/cilium v1.20.2',
  },
  externalSecrets: {
    repository: 'https://charts.external-secrets.io',
    chart: 'external-secrets',
    version: '1.3.1',
    source: 'deploy/charts/external-secrets of github.com/external-secrets/external-secrets v1.3.2',
  },
} as const;

/** Linkerd's charts of edge releases, the only ones that its project publishes; which one is for the operator to say. */
export const linkerd = {
  repository: 'https://helm.linkerd.io/edge',
  crds: 'linkerd-crds',
  controlPlane: 'linkerd-control-plane',
} as const;

export type Chart = (typeof charts)[keyof typeof charts];
