/** The objects by which an API server comes to ask the webhook. Pure; the chart and a page of the reference are made from it. */
import type { Access } from '../../kube/access.ts';
import { type Manifest, rulesOf } from '../rbac.ts';

/** Of both configurations; there is one webhook in a cluster, whatever a release is called. */
export const CONFIGURATION = 'larder';
/** Of the Service, and of the Secret with its authorities. */
export const SERVICE = 'larder-webhook';

export const paths = { claims: '/mutate/claims', settings: '/validate/settings' } as const;

/** How the API server reaches it: by the name of a Service, or by a URL without a path. */
export type Target =
  | { readonly kind: 'service'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'url'; readonly url: string };

const SYSTEM = ['kube-node-lease', 'kube-public', 'kube-system'];
const OPTED_OUT = 'pvc-chonker.io/enabled';

const behaviour = {
  // Storage must work without us: what the webhook missed is corrected afterwards.
  failurePolicy: 'Ignore',
  timeoutSeconds: 3,
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
} as const;

const claims = {
  name: 'claims.webhook.larder.dev',
  ...behaviour,
  // Another webhook may set labels that a policy selects by; a size is never lowered, so asking twice does no harm.
  reinvocationPolicy: 'IfNeeded',
  rules: [
    {
      apiGroups: [''],
      apiVersions: ['v1'],
      operations: ['CREATE'],
      resources: ['persistentvolumeclaims'],
      scope: 'Namespaced',
    },
  ],
  // Nothing else may be left out here: a policy or a group may select a claim that says nothing itself.
  matchConditions: [
    {
      name: 'not-opted-out',
      expression: `!has(object.metadata.annotations) || !('${OPTED_OUT}' in object.metadata.annotations) || !(object.metadata.annotations['${OPTED_OUT}'] in ['false', 'False', 'FALSE'])`,
    },
  ],
} as const;

const settings = {
  name: 'settings.webhook.larder.dev',
  ...behaviour,
  rules: [
    {
      apiGroups: ['pvc-chonker.io'],
      apiVersions: ['*'],
      operations: ['CREATE', 'UPDATE'],
      resources: ['pvcpolicies', 'pvcgroups'],
      scope: 'Namespaced',
    },
  ],
} as const;

/** Without how they are reached: what the chart adds to. */
export const webhooks = { mutating: [claims], validating: [settings] } as const;

const configurationKinds = {
  mutating: 'MutatingWebhookConfiguration',
  validating: 'ValidatingWebhookConfiguration',
} as const;

/** `namespace`: that of the operator, whose own claims must not wait for it. */
export function configurations(target: Target, namespace: string): readonly Manifest[] {
  const clientConfig = (path: string): object =>
    target.kind === 'url'
      ? { url: target.url + path }
      : { service: { namespace: target.namespace, name: target.name, path } };
  const elsewhere = {
    matchExpressions: [
      { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...SYSTEM, namespace].sort() },
    ],
  };
  const head = { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name: CONFIGURATION } };
  return [
    {
      ...head,
      kind: configurationKinds.mutating,
      webhooks: [{ ...claims, clientConfig: clientConfig(paths.claims), namespaceSelector: elsewhere }],
    },
    {
      ...head,
      kind: configurationKinds.validating,
      webhooks: [{ ...settings, clientConfig: clientConfig(paths.settings) }],
    },
  ];
}

/** Empty: the operator fills it, and may make none itself. */
function emptySecret(namespace: string): Manifest {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name: SERVICE, namespace }, type: 'Opaque' };
}

const authority = 'so that the API server trusts the certificate of the webhook';

/** Nothing of these is needed where somebody else makes the certificate. */
export const webhookAccess: readonly Access[] = (
  ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations'] as const
).map((resource) => ({
  group: 'admissionregistration.k8s.io',
  resource,
  names: [CONFIGURATION],
  verbs: ['get', 'patch'],
  why: authority,
}));

/** In its own namespace only. */
export const webhookSecretAccess: readonly Access[] = [
  { group: '', resource: 'secrets', names: [SERVICE], verbs: ['get', 'patch'], why: 'the authorities of the webhook' },
];

const RBAC = 'rbac.authorization.k8s.io';
/** Of the pods, when nothing else is said. */
const PODS = { 'app.kubernetes.io/name': 'larder' } as const;
const PORT = 9443;

/** All that an administrator applies who does not use the chart, in order. */
export function webhookManifests(namespace: string): readonly Manifest[] {
  const subjects = [{ kind: 'ServiceAccount', name: 'larder', namespace }];
  const role = (kind: 'Role' | 'ClusterRole', access: readonly Access[]): readonly Manifest[] => {
    const metadata = kind === 'Role' ? { name: SERVICE, namespace } : { name: SERVICE };
    const roleRef = { apiGroup: RBAC, kind, name: SERVICE };
    return [
      { apiVersion: `${RBAC}/v1`, kind, metadata, rules: rulesOf(access) },
      { apiVersion: `${RBAC}/v1`, kind: `${kind}Binding`, metadata, roleRef, subjects },
    ];
  };
  const ports = [{ name: 'webhook', port: 443, targetPort: PORT }];
  return [
    ...role('ClusterRole', webhookAccess),
    ...role('Role', webhookSecretAccess),
    emptySecret(namespace),
    { apiVersion: 'v1', kind: 'Service', metadata: { name: SERVICE, namespace }, spec: { selector: PODS, ports } },
    ...configurations({ kind: 'service', namespace, name: SERVICE }, namespace),
  ];
}
