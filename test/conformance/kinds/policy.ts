/** Limits, rights, and who is asked before a write. */
import type { KindCase } from './kind-case.ts';

const RBAC = '/apis/rbac.authorization.k8s.io/v1';
const GROUP = 'rbac.authorization.k8s.io';
const REGISTRATION = '/apis/admissionregistration.k8s.io/v1';

const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] }];
const subjects = [
  { kind: 'User', name: 'ann' },
  { kind: 'Group', name: 'team' },
  { kind: 'ServiceAccount', name: 'robot', namespace: 'NS' },
];

/** Nothing in a cluster has the label, so that no write is ever held up. */
const objectSelector = { matchLabels: { 'conformance.example/never': 'RUN' } };
const webhook = {
  name: 'hook.example.com',
  objectSelector,
  clientConfig: { url: 'https://hook.example.com/admit' },
  rules: [{ apiGroups: ['nothing.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] }],
  sideEffects: 'None',
  admissionReviewVersions: ['v1'],
};
const { sideEffects: _, ...withoutEffects } = webhook;

const webhooksCase = (plural: string): KindCase => ({
  path: `${REGISTRATION}/${plural}`,
  sample: { webhooks: [webhook] },
  variants: {
    'of a service': {
      webhooks: [
        {
          ...webhook,
          clientConfig: { service: { namespace: 'NS', name: 'hook' } },
          failurePolicy: 'Ignore',
          timeoutSeconds: 3,
          matchConditions: [{ name: 'mine', expression: 'object.metadata.name == "x"' }],
        },
      ],
    },
    'without webhooks': {},
  },
  merge: { metadata: { labels: { a: 'b' } } },
  strategic: { webhooks: [{ name: 'hook.example.com', timeoutSeconds: 7 }] },
  wrong: {
    'without a version that it reads': { webhooks: [{ ...webhook, admissionReviewVersions: [] }] },
    'with a version that nobody speaks': { webhooks: [{ ...webhook, admissionReviewVersions: ['v9'] }] },
    'without a word about side effects': { webhooks: [withoutEffects] },
    'with side effects': { webhooks: [{ ...webhook, sideEffects: 'Some' }] },
    'without an address': { webhooks: [{ ...webhook, clientConfig: {} }] },
    'at an address without encryption': {
      webhooks: [{ ...webhook, clientConfig: { url: 'http://hook.example.com/' } }],
    },
    'with a name that is too short': { webhooks: [{ ...webhook, name: 'hook' }] },
    'with too much patience': { webhooks: [{ ...webhook, timeoutSeconds: 31 }] },
    'with an unknown policy': { webhooks: [{ ...webhook, failurePolicy: 'Shrug' }] },
  },
});

export const policy: Readonly<Record<string, KindCase>> = {
  limitrange: {
    path: '/api/v1/namespaces/NS/limitranges',
    sample: {
      spec: { limits: [{ type: 'PersistentVolumeClaim', min: { storage: '1Gi' }, max: { storage: '10Gi' } }] },
    },
    variants: {
      'of containers': {
        spec: { limits: [{ type: 'Container', max: { cpu: '2', memory: '2048Mi' }, default: { cpu: '1000m' } }] },
      },
      'of pods': { spec: { limits: [{ type: 'Pod', max: { cpu: '4' }, maxLimitRequestRatio: { cpu: '4' } }] } },
    },
    merge: { metadata: { labels: { a: 'b' } } },
    wrong: {
      'with more at least than at most': {
        spec: { limits: [{ type: 'Container', min: { cpu: '2' }, max: { cpu: '1' } }] },
      },
      'of claims without limits': { spec: { limits: [{ type: 'PersistentVolumeClaim' }] } },
      'of a type twice': {
        spec: {
          limits: [
            { type: 'Pod', max: { cpu: '1' } },
            { type: 'Pod', max: { cpu: '2' } },
          ],
        },
      },
      'with a default for pods': { spec: { limits: [{ type: 'Pod', default: { cpu: '1' } }] } },
      'without limits': { spec: {} },
    },
  },
  role: {
    path: `${RBAC}/namespaces/NS/roles`,
    sample: { rules },
    variants: { 'without rules': {}, 'with a name that is no domain': { metadata: { name: 'system:Role_1' }, rules } },
    merge: { rules: [{ apiGroups: ['apps'], resources: ['*'], verbs: ['*'] }] },
    applied: { rules: [{ apiGroups: ['batch'], resources: ['jobs'], verbs: ['get'] }] },
    wrong: {
      'without verbs': { rules: [{ apiGroups: [''], resources: ['pods'] }] },
      'without resources': { rules: [{ apiGroups: [''], verbs: ['get'] }] },
      'for addresses that are no resources': { rules: [{ nonResourceURLs: ['/healthz'], verbs: ['get'] }] },
      'with a name that is no segment': { metadata: { name: 'a%b' }, rules },
    },
  },
  clusterrole: {
    path: `${RBAC}/clusterroles`,
    sample: { rules: [...rules, { nonResourceURLs: ['/healthz'], verbs: ['get'] }] },
    merge: { metadata: { labels: { a: 'b' } } },
    wrong: {
      'for addresses and resources': {
        rules: [{ nonResourceURLs: ['/a'], apiGroups: [''], resources: ['pods'], verbs: ['get'] }],
      },
    },
  },
  rolebinding: {
    path: `${RBAC}/namespaces/NS/rolebindings`,
    sample: { roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'view' }, subjects },
    variants: { 'with little said': { roleRef: { kind: 'Role', name: 'x' } } },
    merge: { subjects: [{ kind: 'User', name: 'bob' }] },
    wrong: {
      'to nothing': { subjects },
      'to another kind': { roleRef: { apiGroup: GROUP, kind: 'Pod', name: 'x' } },
      'of something that cannot act': { roleRef: { kind: 'Role', name: 'x' }, subjects: [{ kind: 'Node', name: 'a' }] },
      'of an account without a namespace': {
        roleRef: { kind: 'Role', name: 'x' },
        subjects: [{ kind: 'ServiceAccount', name: 'a' }],
      },
    },
    wrongChanges: { 'of the role': { roleRef: { kind: 'ClusterRole', name: 'edit' } } },
  },
  clusterrolebinding: {
    path: `${RBAC}/clusterrolebindings`,
    sample: { roleRef: { apiGroup: GROUP, kind: 'ClusterRole', name: 'view' }, subjects },
    merge: { metadata: { labels: { a: 'b' } } },
    wrong: { 'to a role of a namespace': { roleRef: { apiGroup: GROUP, kind: 'Role', name: 'x' } } },
    wrongChanges: { 'of the role': { roleRef: { name: 'edit' } } },
  },
  poddisruptionbudget: {
    path: '/apis/policy/v1/namespaces/NS/poddisruptionbudgets',
    managed: true,
    sample: { spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } } },
    variants: {
      'in percent': { spec: { maxUnavailable: '20%', unhealthyPodEvictionPolicy: 'AlwaysAllow' } },
      'with nothing said': { spec: {} },
    },
    merge: { spec: { minAvailable: '50%' } },
    strategic: { spec: { selector: { matchLabels: { tier: 'front' } } } },
    wrong: {
      'with both': { spec: { minAvailable: 1, maxUnavailable: 1 } },
      'with fewer than none': { spec: { minAvailable: -1 } },
      'with words': { spec: { minAvailable: 'half' } },
    },
  },
  priorityclass: {
    path: '/apis/scheduling.k8s.io/v1/priorityclasses',
    sample: { value: 1000, description: 'above the rest' },
    variants: { 'that waits': { value: -5, preemptionPolicy: 'Never' } },
    merge: { description: 'changed' },
    wrong: {
      'above the system': { value: 2_000_000_000 },
      'with the name of a system class': { metadata: { name: 'system-mine' }, value: 1 },
      'with an unknown policy': { value: 1, preemptionPolicy: 'Maybe' },
    },
    wrongChanges: { 'of the value': { value: 2000 }, 'of the policy': { preemptionPolicy: 'Never' } },
  },
  mutatingwebhook: webhooksCase('mutatingwebhookconfigurations'),
  validatingwebhook: webhooksCase('validatingwebhookconfigurations'),
  admissionpolicy: {
    path: `${REGISTRATION}/validatingadmissionpolicies`,
    managed: true,
    sample: {
      spec: {
        matchConstraints: {
          objectSelector,
          resourceRules: [
            { apiGroups: ['nothing.example'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['things'] },
          ],
        },
        validations: [{ expression: 'object.metadata.name != "x"' }],
      },
    },
    merge: { metadata: { labels: { a: 'b' } } },
  },
  admissionpolicybinding: {
    path: `${REGISTRATION}/validatingadmissionpolicybindings`,
    sample: { spec: { policyName: 'nothing', validationActions: ['Deny'] } },
    merge: { metadata: { labels: { a: 'b' } } },
    wrong: { 'without actions': { spec: { policyName: 'nothing' } }, 'without a policy': { spec: {} } },
  },
};
