import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exportsOf, parseExport, withoutExports } from './exports.ts';

test('an export is written SERVER:/PATH, SERVER:/PATH=ROOT or local:/PATH', () => {
  assert.deepEqual(parseExport('127.0.0.1:/storage/v/'), {
    backend: 'nfs',
    server: '127.0.0.1',
    path: '/storage/v',
    root: '/persistentvolumes',
  });
  assert.equal(parseExport('nas.home:/v=/mnt/nas').root, '/mnt/nas');
  assert.deepEqual(parseExport('local:/var/lib/larder'), {
    backend: 'local',
    server: '',
    path: '/var/lib/larder',
    root: '/var/lib/larder',
  });
});

test('a malformed export is refused with the accepted forms', () => {
  for (const text of ['', 'nas', '/storage', ':/x', 'nas:relative', 'a b:/x', 'nas:/x=relative']) {
    assert.throws(() => parseExport(text), { code: 'LARDER_CONFIGURATION', message: /write SERVER:\/PATH/ }, text);
  }
  assert.throws(() => parseExport('local:/a=/b'), /leave "=\/b" out/);
});

test("without flags the peer's environment names the export, and without both the error says what to give", () => {
  const env = { NFS_SERVER: 'nas', NFS_PATH: '/storage/v' };
  assert.deepEqual(exportsOf([], env, 'here'), [
    { backend: 'nfs', server: 'nas', path: '/storage/v', root: '/persistentvolumes' },
  ]);
  assert.equal(exportsOf(['nas2:/w'], env, 'here')[0]?.server, 'nas2');
  assert.deepEqual(
    exportsOf(['nas:/v', 'local:/srv'], {}, 'here').map(({ node }) => node),
    [undefined, 'here'],
  );
  assert.throws(() => exportsOf([], {}, 'here'), /give --export SERVER:\/PATH, or set NFS_SERVER and NFS_PATH/);
});

test('no export at all has to be asked for, and is refused together with one', () => {
  assert.throws(() => exportsOf([], {}, 'here'), {
    code: 'LARDER_CONFIGURATION',
    message: /give --export SERVER:\/PATH, .*; to make no volumes at all and only grow .* say --no-provisioner$/,
  });
  assert.deepEqual(withoutExports([], {}), []);
  assert.deepEqual(withoutExports([], { NFS_SERVER: '' }), []);
  const refused = (what: RegExp) => ({ code: 'LARDER_CONFIGURATION', message: what });
  assert.throws(
    () => withoutExports(['nas:/v'], {}),
    refused(/^--no-provisioner is given and --export nas:\/v is given: nobody .* leave one of the two out$/),
  );
  assert.throws(() => withoutExports([], { NFS_SERVER: 'nas' }), refused(/^--no-provisioner .* NFS_SERVER is set: /));
});
