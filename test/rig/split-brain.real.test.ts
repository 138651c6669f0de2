/** A server that lost its disk never begins a second cluster, whatever the others say or do not say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { writeK3s } from './k3s.ts';
import { kubectl, members, plays, refused } from './on-cluster.ts';
import { operatorOf } from './operator.ts';
import { k3sRig } from './rig.ts';

const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4'];
const servers = names.slice(0, 3);
const RELEASE = 'v1.35.1+k3s1';
const FOLDER = '/mnt/operator/artifacts';
const FIRST = 'k3s-first-server.yml';
const OTHERS = 'k3s-servers.yml';
const only = (name: string) => ['--limit', `${name}.rig`];
/** Whatever k3s needs to run or leaves behind. */
const TRACES =
  'ls -d /etc/rancher /var/lib/rancher /usr/local/bin/k3s /etc/systemd/system/k3s.service 2>/dev/null || true';
/** As a new disk would be. */
const NEW_DISK = `systemctl disable --quiet --now k3s; rm -rf /etc/rancher /var/lib/rancher /var/lib/kubelet
  rm /usr/local/bin/k3s /etc/systemd/system/k3s.service; systemctl daemon-reload`;
const IDENTITY = `get namespace kube-system -o 'jsonpath={.metadata.uid}'`;

test('one cluster and never a second', async (t) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const operator = await operatorOf(rig);
  if (typeof operator === 'string') return t.skip(operator);
  writeK3s(k3s, rig.room.at(`${FOLDER}/${RELEASE}`), RELEASE);
  await rig.room.run(`cd ${FOLDER}; sha256sum */k3s* >lock`);
  operator.describe({ k3s: { version: RELEASE }, artifacts: { folder: 'artifacts', lock: 'artifacts/lock' } });

  await t.test('where nobody has begun, only the first server begins', async () => {
    const said = await refused(operator, OTHERS, only('pi-2'));
    assert.match(said, /pi-2\.rig has no healthy server to join\. The first one, pi-1\.rig, begins the cluster/);
    assert.equal(await rig.on('pi-2', TRACES), '');
  });

  await t.test('where one of the others is silent, the first does not begin', async () => {
    await rig.cut('pi-3');
    const said = await refused(operator, FIRST);
    await rig.power('pi-3');
    assert.match(said, /pi-3\.rig did not answer, and may hold the data of this cluster, so no new one was begun/);
    assert.equal(await rig.on('pi-1', TRACES), '');
  });

  await plays(operator, [FIRST, OTHERS]);
  assert.deepEqual(await members(rig, 'pi-1'), servers);
  const identity = await kubectl(rig, IDENTITY);
  await kubectl(rig, 'create configmap kept --from-literal=data=here');
  await rig.on('pi-1', NEW_DISK);
  assert.equal(await rig.on('pi-1', `pgrep -l 'etcd|k3s|kube' || true`), '', 'the disk of a machine that runs');

  await t.test('the others hold the data and are stopped', async () => {
    for (const name of ['pi-2', 'pi-3']) await rig.on(name, 'systemctl stop k3s');
    for (const said of [await refused(operator, FIRST), await refused(operator, OTHERS, only('pi-1'))])
      assert.match(
        said,
        /pi-1\.rig holds no data of the cluster, and none of the servers that do is healthy \(pi-2\.rig: .+; pi-3\.rig: .+\)\. Nothing was changed\./,
      );
    assert.equal(await rig.on('pi-1', TRACES), '');
  });

  await t.test('the others have no power', async () => {
    for (const name of ['pi-2', 'pi-3']) await rig.cut(name);
    for (const said of [await refused(operator, FIRST), await refused(operator, OTHERS, only('pi-1'))])
      assert.match(said, /pi-2\.rig, pi-3\.rig did not answer, and may hold the data of this cluster/);
    assert.equal(await rig.on('pi-1', TRACES), '');
  });

  await t.test('one of them is back, and cannot have the quorum alone', async () => {
    await rig.power('pi-2');
    const said = await refused(operator, FIRST);
    assert.match(said, /none of the servers that do is healthy \(pi-2\.rig: [^;]+\)/);
    assert.equal(await rig.on('pi-1', TRACES), '');
  });

  await t.test(
    'the quorum is back: the first is left alone until it is rebuilt, and joins the same cluster',
    async () => {
      await rig.power('pi-3');
      const serves = async () => (await rig.on('pi-2', 'k3s kubectl get --raw /readyz || true')) === 'ok' || undefined;
      await eventually('two of three serve', serves, 120);
      assert.deepEqual(await plays(operator, [FIRST]), { 'pi-1.rig': 0 });
      assert.match(
        await refused(operator, OTHERS, only('pi-1')),
        /pi-1\.rig is blank, and the cluster has a node pi-1/,
      );
      assert.equal(await rig.on('pi-1', TRACES), '');
      const about = ['-e', 'larder_rebuild_node=pi-1.rig', ...only('pi-1')];
      await rig.cut('pi-1'); // taking it out does not need it
      await plays(operator, ['rebuild-remove.yml'], about);
      assert.deepEqual(await members(rig, 'pi-2'), ['pi-2', 'pi-3']);
      await rig.power('pi-1');
      await plays(operator, ['rebuild-wipe.yml', OTHERS], about);
      assert.deepEqual(await members(rig, 'pi-1'), servers);
      for (const name of servers) assert.equal(await kubectl(rig, IDENTITY, name), identity, name);
      assert.equal(await kubectl(rig, `get configmap kept -o 'jsonpath={.data.data}'`), 'here');
      assert.equal(await rig.on('pi-1', 'grep -c cluster-init /etc/rancher/k3s/config.yaml || true'), '0\n');
    },
  );
});
