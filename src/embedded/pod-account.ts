/** A new pod and the ServiceAccount that it runs as (plugin/pkg/admission/serviceaccount, read in 1.36). */
import type { Admitted } from './admission.ts';
import { at, isObject, type Json, type JsonObject, listAt, objectAt, textAt, withAt } from './json.ts';
import { SERVICE_ACCOUNTS } from './kinds.ts';
import { generatedName } from './metadata.ts';
import { forbidden } from './refusal.ts';
import type { Reading } from './store.ts';
import { keyFor } from './stored.ts';

const MOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const VOLUME = 'kube-api-access-';
const MIRROR = 'kubernetes.io/config.mirror';

const TOKEN_VOLUME: JsonObject = {
  sources: [
    { serviceAccountToken: { expirationSeconds: 3607, path: 'token' } },
    { configMap: { items: [{ key: 'ca.crt', path: 'ca.crt' }], name: 'kube-root-ca.crt' } },
    {
      downwardAPI: {
        items: [{ fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' }, path: 'namespace' }],
      },
    },
  ],
  defaultMode: 0o644,
};

/** The pod with the token and the pull secrets of its account. `next` gives numbers from 0 to 1. @throws Refusal 403 */
export function withAccount(reading: Reading, write: Admitted, next: () => number): JsonObject {
  const { object } = write;
  if (textAt(object, 'metadata', 'annotations', MIRROR) !== undefined) return object;
  const account = accountOf(reading, write);
  const mounted = wantsToken(object, account) ? withToken(object, next) : object;
  const secrets = listAt(account, 'imagePullSecrets');
  if (secrets.length === 0 || listAt(object, 'spec', 'imagePullSecrets').length > 0) return mounted;
  return withAt(mounted, ['spec', 'imagePullSecrets'], secrets);
}

function accountOf(reading: Reading, { kind, namespace, name, object }: Admitted): JsonObject {
  const account = textAt(object, 'spec', 'serviceAccountName') ?? 'default';
  const found = reading.get(SERVICE_ACCOUNTS, keyFor(namespace, account));
  if (found) return found.object;
  if (account === 'default') return {}; // it is on its way, and the API server would wait for it
  const why = `error looking up service account ${namespace}/${account}: serviceaccount ${JSON.stringify(account)} not found`;
  throw forbidden(kind, name, why);
}

function wantsToken(pod: JsonObject, account: JsonObject): boolean {
  const own = at(pod, 'spec', 'automountServiceAccountToken');
  return (typeof own === 'boolean' ? own : at(account, 'automountServiceAccountToken')) !== false;
}

function withToken(pod: JsonObject, next: () => number): JsonObject {
  const spec = objectAt(pod, 'spec');
  const volumes = listAt(spec, 'volumes');
  const present = volumes.map((volume) => textAt(volume, 'name') ?? '').find((name) => name.startsWith(VOLUME));
  const lists = ['initContainers', 'containers'] as const;
  if (!lists.some((list) => listAt(spec, list).some(lacksToken))) return pod;
  const name = present ?? generatedName(VOLUME, next);
  const mounted = { ...spec };
  for (const list of lists) {
    const containers = listAt(spec, list);
    if (containers.length > 0) mounted[list] = containers.map((container) => withMount(container, name));
  }
  const added = present === undefined ? [...volumes, { name, projected: TOKEN_VOLUME }] : volumes;
  return { ...pod, spec: { ...mounted, volumes: added } };
}

/** What is mounted at its place stays there. */
function lacksToken(container: Json): boolean {
  return !listAt(container, 'volumeMounts').some((mount) => textAt(mount, 'mountPath') === MOUNT_PATH);
}

function withMount(container: Json, name: string): Json {
  if (!isObject(container) || !lacksToken(container)) return container;
  const mount = { mountPath: MOUNT_PATH, name, readOnly: true };
  return { ...container, volumeMounts: [...listAt(container, 'volumeMounts'), mount] };
}
