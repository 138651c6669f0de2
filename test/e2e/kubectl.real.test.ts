/** The verbs of a pinned real kubectl against the embedded API over TLS. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { parse } from 'yaml';
import { findKubectl } from '../tools/kubectl.ts';
import { claim, namespace, storageClass, volume } from './manifests.ts';
import { rowsOf, type Session, startSession, textOf } from './session.ts';

const found = await findKubectl();
const skip = found.kind === 'unavailable' ? found.reason : false;

describe('kubectl against the embedded API', { skip }, () => {
  let session: Session;
  const run: Session['run'] = (...inputs) => session.run(...inputs);
  const refused: Session['refused'] = (...inputs) => session.refused(...inputs);
  const apply: Session['apply'] = (...inputs) => session.apply(...inputs);

  before(async () => {
    if (found.kind === 'unavailable') return;
    session = await startSession(found.path);
    await apply([namespace('shop'), storageClass('disk'), volume('static'), claim('shop', 'data', {}, { app: 'db' })]);
    await run("wait --for=jsonpath='{.status.phase}'=Bound pvc/data -n shop --timeout=20s");
  });
  after(() => session?.close());

  test('it learns what the server is and has', async () => {
    const versions = parse(await run('version -o yaml'));
    assert.match(versions.serverVersion.gitVersion, /^v1\.\d+\.\d+/);
    const names = (await run('api-resources -o name')).split('\n');
    for (const name of [
      'namespaces',
      'persistentvolumeclaims',
      'persistentvolumes',
      'storageclasses.storage.k8s.io',
      'pods',
      'nodes',
      'events',
      'secrets',
      'configmaps',
      'serviceaccounts',
      'leases.coordination.k8s.io',
      'resourcequotas',
    ]) {
      assert.ok(names.includes(name), name);
    }
    const storage = rowsOf(await run('api-resources --api-group=storage.k8s.io'));
    assert.deepEqual(storage, [
      ['NAME', 'SHORTNAMES', 'APIVERSION', 'NAMESPACED', 'KIND'],
      ['storageclasses', 'sc', 'storage.k8s.io/v1', 'false', 'StorageClass'],
    ]);
    assert.equal(await run('get --raw /readyz'), 'ok');
    assert.match(await run('api-versions'), /^coordination\.k8s\.io\/v1\nstorage\.k8s\.io\/v1\nv1\n$/m);
  });

  test('explain knows the fields of what is served', async () => {
    const spec = await run('explain pvc.spec');
    assert.match(spec, /^KIND: +PersistentVolumeClaim\nVERSION: +v1\n\nFIELD: spec <PersistentVolumeClaimSpec>/);
    for (const field of ['accessModes', 'resources', 'storageClassName', 'volumeMode', 'volumeName', 'selector']) {
      assert.match(spec, new RegExp(`^ {2}${field}\\t<`, 'm'));
    }
    assert.match(await run('explain pv.spec.nfs.path'), /FIELD: path <string>/);
    assert.match(await run('explain sc --recursive'), /^ {2}volumeBindingMode\t<string>/m);
    assert.match(await refused('explain pvc.spec.nosuch'), /field "nosuch" does not exist/);
  });

  test('namespaces come, are read, labelled and go', async () => {
    assert.equal(await run('create namespace first'), 'namespace/first created\n');
    assert.equal(await run('get namespace first -o name'), 'namespace/first\n');
    assert.deepEqual(
      rowsOf(await run('get ns first')).map((row) => row.slice(0, 2)),
      [
        ['NAME', 'STATUS'],
        ['first', 'Active'],
      ],
    );
    assert.match(await run('describe ns first'), /^Name: +first\n[\s\S]*^Status: +Active$/m);
    assert.match(await refused('create namespace first'), /namespaces "first" already exists/);
    assert.equal(await run('label ns first team=a'), 'namespace/first labeled\n');
    assert.match(await refused('label ns first team=b'), /'team' already has a value \(a\), and --overwrite is false/);
    assert.equal(await run('label ns first team=b --overwrite'), 'namespace/first labeled\n');
    assert.equal(await run('get ns -l team=b -o name'), 'namespace/first\n');
    assert.equal(await run('annotate ns first note=1'), 'namespace/first annotated\n');
    assert.equal(await run('annotate ns first note-'), 'namespace/first annotated\n');
    assert.equal(await run("get ns first -o jsonpath='{.metadata.annotations.note}'"), '');
    await apply(claim('first', 'inside'));
    assert.equal(await run('delete ns first'), 'namespace "first" deleted\n');
    assert.match(await refused('get ns first'), /namespaces "first" not found/);
    assert.match(await refused('get pvc inside -n first'), /not found/);
  });

  test('apply creates, leaves alone, changes, and shows the difference before', async () => {
    const wanted = claim('shop', 'applied', { storageClassName: 'disk' }, { tier: 'one' });
    assert.equal(await apply(wanted), 'persistentvolumeclaim/applied created\n');
    assert.equal(await apply(wanted), 'persistentvolumeclaim/applied unchanged\n');
    await run('diff -f -', { input: textOf(wanted) });
    const changed = claim('shop', 'applied', { storageClassName: 'disk' }, { tier: 'two', extra: 'yes' });
    const difference = await session.kubectl(['diff', '-f', '-'], { input: textOf(changed) });
    assert.equal(difference.code, 1, difference.stderr);
    assert.match(difference.stdout, /^- {4}tier: one$/m);
    assert.match(difference.stdout, /^\+ {4}tier: two$/m);
    assert.equal(
      await apply(changed, 'apply --dry-run=server -f -'),
      'persistentvolumeclaim/applied configured (server dry run)\n',
    );
    assert.equal(await run("get pvc applied -n shop -o jsonpath='{.metadata.labels.tier}'"), 'one');
    assert.equal(await apply(changed), 'persistentvolumeclaim/applied configured\n');
    assert.equal(await run("get pvc applied -n shop -o jsonpath='{.metadata.labels}'"), '{"extra":"yes","tier":"two"}');
    assert.equal(await apply(wanted), 'persistentvolumeclaim/applied configured\n');
    assert.equal(await run("get pvc applied -n shop -o jsonpath='{.metadata.labels}'"), '{"tier":"one"}');
    const larger = claim('shop', 'applied', { storageClassName: 'disk', resources: { requests: { storage: '2Gi' } } });
    assert.match(
      await refused('apply -f -', { input: textOf(larger) }),
      /spec is immutable after creation except resources\.requests and volumeAttributesClassName for bound claims/,
    );
  });

  test('the three kinds of patch change what they name', async () => {
    const labels = "get pvc data -n shop -o jsonpath='{.metadata.labels}'";
    assert.equal(
      await run('patch pvc data -n shop --type merge -p \'{"metadata":{"labels":{"a":"1"}}}\''),
      'persistentvolumeclaim/data patched\n',
    );
    assert.equal(
      await run('patch pvc data -n shop --type json -p \'[{"op":"add","path":"/metadata/labels/b","value":"2"}]\''),
      'persistentvolumeclaim/data patched\n',
    );
    assert.equal(
      await run('patch pvc data -n shop -p \'{"metadata":{"labels":{"c":"3","a":null}}}\''),
      'persistentvolumeclaim/data patched\n',
    );
    assert.equal(await run(labels), '{"app":"db","b":"2","c":"3"}');
    assert.equal(
      await run('patch pvc data -n shop -p \'{"metadata":{"labels":{"c":"3"}}}\''),
      'persistentvolumeclaim/data patched (no change)\n',
    );
    assert.match(
      await refused('patch pvc data -n shop --type json -p \'[{"op":"test","path":"/metadata/name","value":"x"}]\''),
      /the server rejected our request[^\n]*\/metadata\/name/,
    );
    assert.match(
      await refused('patch pvc data -n shop --type merge -p \'{"spec":{"volumeName":"other"}}\''),
      /spec is immutable after creation/,
    );
  });

  test('server-side apply keeps what each manager owns apart', async () => {
    const owned = (value: string): object => ({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'owned', namespace: 'shop' },
      data: { key: value },
    });
    const as = (manager: string): string => `apply --server-side --field-manager=${manager} -f -`;
    assert.equal(await apply(owned('a'), as('alice')), 'configmap/owned serverside-applied\n');
    assert.equal(await apply(owned('a'), as('alice')), 'configmap/owned serverside-applied\n');
    const conflict = await refused(as('bob'), { input: textOf(owned('b')) });
    assert.match(conflict, /Apply failed with 1 conflict: conflict with "alice"[^:]*: \.data\.key/);
    assert.equal(await apply(owned('b'), `${as('bob')} --force-conflicts`), 'configmap/owned serverside-applied\n');
    assert.equal(await run("get cm owned -n shop -o jsonpath='{.data.key}'"), 'b');
    const managers = await run(
      "get cm owned -n shop --show-managed-fields -o jsonpath='{.metadata.managedFields[*].manager}'",
    );
    assert.match(managers, /bob/);
  });

  test('a watch prints what changes', async () => {
    const seen = await session.kubectl(['get', 'pvc', '-n', 'shop', '-w', '--output-watch-events'], {
      until: /^MODIFIED +watched /m,
      onOutput: once(/^ADDED +data /m, async () => {
        await apply(claim('shop', 'watched', { resources: { requests: { storage: '9Gi' } } }));
        await run('label pvc watched -n shop seen=yes');
      }),
    });
    assert.match(seen.stdout, /^EVENT +NAME +STATUS +VOLUME /);
    assert.match(seen.stdout, /^ADDED +watched +Pending /m);
    assert.match(seen.stdout, /^MODIFIED +watched +Pending /m);
  });

  test('output is sorted, selected and formed as asked', async () => {
    await apply([
      volume('order-1', { capacity: { storage: '3Gi' }, storageClassName: 'unclaimed' }),
      volume('order-2', { capacity: { storage: '2Gi' }, storageClassName: 'unclaimed' }),
      volume('order-3', { capacity: { storage: '11Gi' }, storageClassName: 'unclaimed' }),
    ]);
    await run('label pv order-1 order-2 order-3 sorted=yes');
    const bySize = await run('get pv -l sorted=yes --sort-by=.spec.capacity.storage -o name');
    assert.equal(bySize, 'persistentvolume/order-2\npersistentvolume/order-1\npersistentvolume/order-3\n');
    assert.equal(
      await run('get pv -l sorted --no-headers -o custom-columns=N:.metadata.name'),
      'order-1\norder-2\norder-3\n',
    );
    assert.equal(await run("get pv order-1 -o go-template='{{.spec.nfs.path}}'"), '/storage/order-1');
    assert.equal(
      await run("get pv -l 'sorted in (yes),sorted!=no' -o jsonpath='{.items[*].spec.capacity.storage}'"),
      '3Gi 2Gi 11Gi',
    );
    assert.match(await run('get pv -l sorted=yes --show-labels'), /^order-1 [^\n]* sorted=yes$/m);
    assert.equal(
      await run('delete pv -l sorted=yes'),
      ['order-1', 'order-2', 'order-3'].map((name) => `persistentvolume "${name}" deleted\n`).join(''),
    );
    assert.equal(await run('get pv -l sorted=yes -o name'), '');
  });

  test('the other kinds are created by their own commands', async () => {
    assert.equal(await run('create configmap settings -n shop --from-literal=a=1'), 'configmap/settings created\n');
    assert.equal(await run("get cm settings -n shop -o jsonpath='{.data.a}'"), '1');
    assert.equal(await run('create secret generic key -n shop --from-literal=k=hush'), 'secret/key created\n');
    assert.equal(await run("get secret key -n shop -o jsonpath='{.data.k}'"), 'aHVzaA==');
    assert.match(await run('describe secret key -n shop'), /^k: +4 bytes$/m);
    assert.equal(await run('create serviceaccount robot -n shop'), 'serviceaccount/robot created\n');
    assert.equal(await run('get sa robot -n shop -o name'), 'serviceaccount/robot\n');
    assert.equal(
      await apply({
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'limit', namespace: 'shop' },
        spec: { hard: { persistentvolumeclaims: '100' } },
      }),
      'resourcequota/limit created\n',
    );
    assert.match(await run('describe quota limit -n shop'), /^persistentvolumeclaims +\S+ +100$/m);
    const changed = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'settings', namespace: 'shop' },
      data: { a: '2' },
    };
    assert.equal(await run('replace -f -', { input: textOf(changed) }), 'configmap/settings replaced\n');
    assert.equal(await run('create configmap dry -n shop --dry-run=server -o name'), 'configmap/dry\n');
    assert.match(await refused('get cm dry -n shop'), /configmaps "dry" not found/);
    assert.equal(await run('auth can-i create pvc -n shop'), 'yes\n');
    assert.equal(await run('create quota q --hard=pods=1 -n shop'), 'resourcequota/q created\n');
  });

  test('a List is created and deleted in one call', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: ['one', 'two'].map((name) => claim('shop', name)) };
    const done = (verb: string): string =>
      ['one', 'two'].map((name) => `persistentvolumeclaim/${name} ${verb}\n`).join('');
    assert.equal(await run('create -f -', { input: textOf(list) }), done('created'));
    assert.match(await run('delete -f -', { input: textOf(list) }), /"one" deleted[\s\S]*"two" deleted/);
  });

  test('what is not there or not right is refused by name', async () => {
    assert.match(await refused('get widgets'), /the server doesn't have a resource type "widgets"/);
    assert.match(await refused('get pvc nosuch -n shop'), /persistentvolumeclaims "nosuch" not found/);
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'd', namespace: 'shop' } };
    assert.match(
      await refused('apply -f -', { input: textOf(deployment) }),
      /no matches for kind "Deployment" in version "apps\/v1"/,
    );
    const misspelt = { ...claim('shop', 'misspelt'), spex: {} };
    assert.match(await refused('apply -f -', { input: textOf(misspelt) }), /unknown field "spex"/);
    const modeless = claim('shop', 'modeless', { accessModes: [] });
    assert.match(await refused('create -f -', { input: textOf(modeless) }), /spec\.accessModes: Required value/);
    const badName = claim('shop', 'Bad_Name');
    assert.match(await refused('create -f -', { input: textOf(badName) }), /metadata\.name: Invalid value/);
    const nowhere = claim('nowhere', 'data');
    assert.match(await refused('create -f -', { input: textOf(nowhere) }), /namespaces "nowhere" not found/);
    assert.match(await refused('delete pvc nosuch -n shop'), /persistentvolumeclaims "nosuch" not found/);
    assert.match(await refused('get deployments'), /the server doesn't have a resource type "deployments"/);
    assert.match(await refused('logs web -n shop'), /pods "web" not found/);
    assert.equal(await run('delete pvc nosuch -n shop --ignore-not-found'), '');
  });
});

/** Starts `work` the first time that the output matches; a failure of it is thrown where node:test sees it. */
function once(trigger: RegExp, work: () => Promise<void>): (stdout: string) => void {
  let started = false;
  return (stdout) => {
    if (started || !trigger.test(stdout)) return;
    started = true;
    void work();
  };
}
