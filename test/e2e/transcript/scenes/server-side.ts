import { namespace } from '../../manifests.ts';
import { given, type Scene, type Step } from '../scene.ts';

const place = 'owned';
const config = (name: string, data: object): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: place },
  data,
});
const service = (port: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: place },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port }] },
});
/**
 * Entries of managed fields are sorted by the second of their time, then by the manager's name. Who writes again after
 * another has a name behind the other's, so the order does not depend on where a second ends.
 */
const as = (manager: string, ...manifests: readonly object[]): Step =>
  given(`apply --server-side --field-manager=${manager}`, ...manifests);

export const serverSide: Scene = {
  name: 'server-side apply keeps what each manager owns apart',
  steps: [
    given('apply --server-side', namespace(place)),
    as('zoe', config('owned', { key: 'a', only: 'zoe' })),
    as('zoe', config('owned', { key: 'a', only: 'zoe' })),
    as('bob', config('owned', { key: 'b' })),
    as('bob', config('owned', { key: 'a' })),
    given('apply --server-side --field-manager=bob --force-conflicts', config('owned', { key: 'b', more: 'bob' })),
    `get cm owned -n ${place} -o yaml`,
    as('zoe', config('owned', { only: 'zoe' })),
    as('zoe', config('owned', {})),
    `get cm owned -n ${place} -o yaml --show-managed-fields`,
    given('apply --server-side --dry-run=server', config('owned', { key: 'c' })),
    given('diff --server-side --field-manager=bob', config('owned', { key: 'z' })),
    given('apply', config('moved', { a: '1', b: '2' })),
    given('apply --server-side', config('moved', { a: '1' })),
    `get cm moved -n ${place} -o yaml --show-managed-fields`,
    as('zoe', service(80)),
    as('bob', service(81)),
    `get svc web -n ${place} -o jsonpath='{.spec.ports[*].port}'`,
    `label cm owned -n ${place} by=label --field-manager=labeller`,
    `patch cm owned -n ${place} --type=merge -p '{"data":{"key":"p"}}' --field-manager=patcher`,
    `get cm owned -n ${place} --show-managed-fields -o jsonpath='{range .metadata.managedFields[*]}{.manager}:{.operation} {end}'`,
    as('bob', config('owned', { key: 'b' })),
    as('carol', { ...config('unknown', {}), dato: {} }),
    as('carol', { ...config('Bad_Name', {}) }),
    as('carol', { ...config('uid', {}), metadata: { name: 'uid', namespace: place, uid: 'x' } }),
    `delete ns ${place} --wait=false`,
  ],
};
