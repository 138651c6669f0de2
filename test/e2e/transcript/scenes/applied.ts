import { namespace } from '../../manifests.ts';
import { documents, given, type Scene } from '../scene.ts';

const place = 'applied';
const config = (name: string, data: object, more: object = {}): object => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: place, ...more },
  data,
});
const set = { labels: { set: 'x' } };
const one = { labels: { tier: 'one' } };
const two = { labels: { tier: 'two' } };
const service = (port: number): object => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', namespace: place },
  spec: { selector: { app: 'web' }, ports: [{ name: 'http', port }] },
});

export const applied: Scene = {
  name: 'apply creates, leaves alone, changes, prunes, and shows the difference before',
  files: {
    'two.yaml': documents(config('one', { a: '1' }, set), config('two', { a: '1' }, set)),
    'one.yaml': documents(config('one', { a: '1' }, set)),
  },
  steps: [
    given('apply', namespace(place)),
    given('apply', config('plain', { a: '1', b: '2' }, one)),
    given('apply', config('plain', { a: '1', b: '2' }, one)),
    given('diff', config('plain', { a: '1', b: '2' }, one)),
    given('diff', config('plain', { a: '1', c: '3' }, two)),
    given('diff', config('fresh', { a: '1' })),
    given('apply --dry-run=server', config('plain', { a: '9' })),
    given('apply --dry-run=client', config('plain', { a: '9' })),
    given('apply --dry-run=server', config('fresh', { a: '9' })),
    `annotate cm plain -n ${place} other=kept`,
    given('apply', config('plain', { a: '1', c: '3' }, two)),
    `get cm plain -n ${place} -o yaml --show-managed-fields`,
    `apply view-last-applied cm/plain -n ${place}`,
    { line: `apply edit-last-applied cm/plain -n ${place}`, editor: 'sed -i s/two/three/' },
    given('apply set-last-applied', config('plain', { a: '1' })),
    `create cm bare -n ${place} --from-literal=a=1`,
    given('apply', config('bare', { a: '2' })),
    'apply -f two.yaml',
    `apply -f one.yaml --prune -l set=x -n ${place} --prune-allowlist=core/v1/ConfigMap`,
    `get cm -n ${place} -l set=x -o name`,
    'apply -f nosuch.yaml',
    'delete -f two.yaml --ignore-not-found',
    'delete -f two.yaml',
    given('apply', service(80)),
    given('apply', service(80)),
    given('apply', service(81)),
    `get svc web -n ${place}`,
    `get svc web -n ${place} -o jsonpath='{.spec.ports}'`,
    given('create', { apiVersion: 'v1', kind: 'List', items: [config('l-1', {}), config('l-2', {})] }),
    given('delete', { apiVersion: 'v1', kind: 'List', items: [config('l-1', {}), config('l-2', {})] }),
    given('apply', { apiVersion: 'v1', kind: 'Widget', metadata: { name: 'x' } }),
    given('apply', { kind: 'ConfigMap', metadata: { name: 'x' } }),
    { line: 'apply -f -', input: 'a: [' },
    given('apply', config('lost', {}), { ...config('astray', {}), metadata: { name: 'astray', namespace: 'nowhere' } }),
    `delete ns ${place} --wait=false`,
  ],
};
