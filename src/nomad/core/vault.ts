import { charts } from './chart.ts';
import type { CorePlan } from './plan.ts';
import { HEAD, helm, SMOKE_HEAD } from './shell.ts';

const values = `installCRDs: true
`;

const NAMESPACE = 'external-secrets';
const ACCOUNT = 'vault-reader';
const ROLE = 'external-secrets';

function store(plan: CorePlan): string {
  return `# Who asks Vault: this account, by the Kubernetes auth method.
apiVersion: v1
kind: ServiceAccount
metadata:
  name: ${ACCOUNT}
  namespace: ${NAMESPACE}
---
# Vault checks the account's token with the API server; the account may do that, and nothing else.
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: ${ACCOUNT}-token-review
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: system:auth-delegator
subjects:
  - kind: ServiceAccount
    name: ${ACCOUNT}
    namespace: ${NAMESPACE}
${storesOf(plan)
  .map(({ name, version }) => storeText(name, version, plan.vault))
  .join('')}`;
}

interface Store {
  readonly name: string;
  readonly version: 'v1' | 'v2';
}

/** A store speaks to engines of one version; converted modules ask the second by this name. */
function storesOf({ policy, kv1 }: CorePlan): readonly Store[] {
  const { store: name } = policy.secrets;
  return [{ name, version: 'v2' }, ...(kv1.length === 0 ? [] : [{ name: `${name}-v1`, version: 'v1' } as const])];
}

function storeText(name: string, version: Store['version'], server: string): string {
  return `---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata:
  name: ${name}
spec:
  provider:
    vault:
      server: ${server}
      # without a path: each key begins with its mount, and a path would be put before those of other mounts
      version: ${version}
      auth:
        kubernetes:
          mountPath: kubernetes
          role: ${ROLE}
          serviceAccountRef:
            name: ${ACCOUNT}
            namespace: ${NAMESPACE}
`;
}

function setup({ policy, kv1 }: CorePlan): string {
  const paths = [...policy.secrets.mounts.map((mount) => `${mount}/data`), ...kv1].map(
    (path) => `path "${path}/*" { capabilities = ["read"] }`,
  );
  return `${HEAD}
# Once, with a token of Vault that may do so (VAULT_ADDR, VAULT_TOKEN). KUBERNETES_HOST: the API server as Vault reaches it.
: "\${KUBERNETES_HOST:?the API server as Vault reaches it, such as https://10.0.0.10:6443}"
vault auth list -format=json | grep -q '"kubernetes/"' || vault auth enable kubernetes
kubectl config view --raw --minify --flatten -o jsonpath='{.clusters[0].cluster.certificate-authority-data}' | base64 -d >ca.crt
vault write auth/kubernetes/config kubernetes_host="$KUBERNETES_HOST" kubernetes_ca_cert=@ca.crt
rm -f ca.crt
vault policy write ${ROLE} - <<'POLICY'
${paths.join('\n')}
POLICY
vault write auth/kubernetes/role/${ROLE} \\
  bound_service_account_names=${ACCOUNT} bound_service_account_namespaces=${NAMESPACE} \\
  policies=${ROLE} ttl=1h
`;
}

function smoke(plan: CorePlan): string {
  const { store: name } = plan.policy.secrets;
  const answers = storesOf(plan).map(
    (
      each,
    ) => `try "Vault answers the store ${each.name}" "kubectl describe clustersecretstore ${each.name}; vault-setup.sh makes the role" \\
  kubectl wait --for=condition=Ready clustersecretstore/${each.name} --timeout=60s`,
  );
  return `${SMOKE_HEAD}
try "External Secrets runs" "kubectl -n ${NAMESPACE} describe pods" \\
  kubectl -n ${NAMESPACE} wait --for=condition=Available deployment --all --timeout=120s
${answers.join('\n')}
# SMOKE_SECRET: a path and SMOKE_PROPERTY: a key of it, to read one secret all the way.
if [ -n "\${SMOKE_SECRET:-}" ]; then
  smoke_namespace larder-smoke-vault
  kubectl -n "$SMOKE_NS" apply -f - >/dev/null <<SECRET
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: smoke }
spec:
  refreshInterval: 1h
  secretStoreRef: { name: ${name}, kind: ClusterSecretStore }
  target: { name: smoke }
  data: [{ secretKey: value, remoteRef: { key: $SMOKE_SECRET, property: \${SMOKE_PROPERTY:?} } }]
SECRET
  try "a secret comes from Vault" "kubectl -n $SMOKE_NS describe externalsecret smoke" \\
    kubectl -n "$SMOKE_NS" wait --for=condition=Ready externalsecret/smoke --timeout=60s
else
  note "SMOKE_SECRET and SMOKE_PROPERTY name a secret to read all the way; its value is not shown"
fi
finish
`;
}

export function vault(plan: CorePlan): ReadonlyMap<string, string> {
  return new Map([
    ['values.yaml', values],
    ['cluster-secret-store.yaml', store(plan)],
    ['vault-setup.sh', setup(plan)],
    [
      'install.sh',
      `${HEAD}\n${helm('external-secrets', NAMESPACE, charts.externalSecrets)}kubectl apply --server-side -f cluster-secret-store.yaml\n`,
    ],
    ['smoke.sh', smoke(plan)],
  ]);
}
