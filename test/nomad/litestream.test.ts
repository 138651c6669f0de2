import assert from 'node:assert/strict';
import { test } from 'node:test';
import { at, container, fixture, volume } from './fixture.ts';
import { accountsOf, translated } from './translated.ts';

const names = (of: ReturnType<typeof fixture>): readonly unknown[] => {
  const list = at(of.manifests.get('deployment.yaml'), 'spec', 'template', 'spec', 'initContainers');
  return Array.isArray(list) ? list.map((each) => at(each, 'name')) : [];
};

test('a restore that failed open fails closed', () => {
  const found = fixture('litestream-open');
  const restore = container(found, 'restore');
  assert.equal(at(restore, 'command'), undefined);
  assert.deepEqual(at(restore, 'args'), [
    'restore',
    '-if-db-not-exists',
    '-if-replica-exists',
    '-config',
    '/local/litestream.yml',
    '/alloc/data/notes.db',
  ]);
  assert.equal(at(restore, 'image'), 'litestream/litestream:0.5');
  assert.ok(accountsOf(found, 'restore.config.args').some(({ row, todo }) => row === 'litestream.restore' && todo));
});

test('the restore comes before the sidecar, which comes before the application', () => {
  const found = fixture('litestream-open');
  assert.deepEqual(names(found), ['restore', 'replicate']);
  assert.equal(at(container(found, 'replicate'), 'restartPolicy'), 'Always');
  assert.equal(at(container(found, 'restore'), 'restartPolicy'), undefined);
  assert.equal(at(found.manifests.get('deployment.yaml'), 'spec', 'strategy', 'type'), 'Recreate');
});

test('the database lies in a directory that ends with the pod, and the configuration is unchanged', () => {
  const found = fixture('litestream-open');
  assert.ok(at(volume(found, 'alloc'), 'emptyDir'));
  const template = at(
    found.manifests.get('externalsecret.yaml'),
    'spec',
    'target',
    'template',
    'data',
    'litestream.yml',
  );
  assert.match(String(template), /bucket: notes-backup\n {8}path: db\n/);
});

test('a database that has grown is not evicted, and its last changes have time to leave', () => {
  const found = fixture('litestream-open');
  assert.deepEqual(at(volume(found, 'alloc'), 'emptyDir'), {});
  assert.equal(at(container(found, 'notes'), 'resources', 'requests', 'ephemeral-storage'), '300Mi');
  const pod = at(found.manifests.get('deployment.yaml'), 'spec', 'template', 'spec');
  // five seconds for the application, then thirty for the sidecar
  assert.equal(at(pod, 'terminationGracePeriodSeconds'), 35);
});

test('a replica that nobody restored is restored', () => {
  const found = fixture('litestream-alone');
  assert.deepEqual(names(found), ['backup-restore', 'backup']);
  const args = [
    'restore',
    '-if-db-not-exists',
    '-if-replica-exists',
    '-o',
    '/alloc/db/links.db',
    's3://links-backup/db',
  ];
  assert.deepEqual(at(container(found, 'backup-restore'), 'args'), args);
  assert.ok(at(container(found, 'backup-restore'), 'volumeMounts'), 'it writes where the application reads');
});

test('a restore whose databases are not known is left and told', () => {
  const found = fixture('litestream-unclear');
  assert.deepEqual(at(container(found, 'restore'), 'args'), [
    'restore',
    '-config',
    '/etc/litestream/from-the-image.yml',
    '/db/opaque.db',
  ]);
  assert.ok(accountsOf(found, 'restore.config.args').some((each) => each.class === 'manual'));
});

test('an application that Litestream runs stays the application', () => {
  const found = translated(`job "around" {
    group "g" {
      task "t" {
        driver = "docker"
        config {
          image   = "example.org/t:1"
          command = "litestream"
          args    = ["replicate", "-exec", "/app"]
        }
      }
    }
  }`);
  assert.deepEqual(names(found), []);
  assert.deepEqual(at(container(found, 't'), 'args'), ['litestream', 'replicate', '-exec', '/app']);
  assert.equal(at(found.manifests.get('deployment.yaml'), 'spec', 'strategy', 'type'), 'Recreate');
  assert.ok(accountsOf(found, 'config.args').some(({ row, todo }) => row === 'litestream.replicate' && todo));
});
