/**
 * Drills on three real members of etcd, and the way of an alert from a machine that is gone to the record that somebody was
 * told: the leader dies, the quorum is lost, a snapshot is restored, a node loses its power.
 */
import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { clusterOf, startScript } from './k3s-unit.ts';
import { type LarderOnRig, larderOnRig, REPOSITORY, type Said } from './larder-on-rig.ts';
import { k3sRig, type Rig } from './rig.ts';
import { settles } from './settles.ts';
import { ALERTMANAGER, TEXTFILE, WAIT_S, watchOn } from './watch.ts';

interface World {
  readonly rig: Rig;
  readonly larder: LarderOnRig;
  /** Runs one drill. */
  drill(words: string): Promise<Said>;
  /** Data of the records of a type, oldest first. */
  records(type: string): readonly Readonly<Record<string, unknown>>[];
}

const RELEASE = 'v1.35.1+k3s1';
const KEYS = '--private-key /mnt/id --ledger-key /mnt/signing';

test('drills', async (t) => {
  const made = await k3sRig(t, ['pi-1', 'pi-2', 'pi-3', 'pi-4']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const larder = await larderOnRig(rig, k3s);
  if (typeof larder === 'string') return t.skip(larder);
  await clusterOf(rig, k3s, RELEASE);
  await openLedger(rig);
  const world: World = {
    ...{ rig, larder },
    drill: (words) => larder.larder(`drill ${words} ${KEYS}`),
    records: (type) => recordsIn(join(larder.folder, 'docs/governance/ledger'), type),
  };
  const lacking = await watchOn(rig, larder);
  await alertsArrive(t, world, lacking);
  await leaderDies(t, world);
  await secondDegrades(t, world);
  await quorumIsLost(t, world);
  await snapshotComesBack(t, world);
  await silenceIsTold(t, world, lacking);
  await nodeIsMadeAgain(t, world);
  await driftIsTold(t, world, lacking);
});

/** A repository with a ledger, as `larder cluster init` and `larder ledger init` leave it. */
async function openLedger(rig: Rig): Promise<void> {
  await rig.room.run(`mkdir -p /mnt/home; export HOME=/mnt/home; cd ${REPOSITORY}; git init -q -b main
    git config user.name ana; git config user.email ana@example.org; ssh-keygen -q -t ed25519 -N '' -f /mnt/signing
    printf '.larder/\\nartifacts/\\n' >.gitignore; git add .gitignore cluster.yaml; git commit -qm 'A cluster'
    '${process.cwd()}/bin/larder' ledger init . --operator ana --key /mnt/signing`);
}

function recordsIn(folder: string, type: string): readonly Readonly<Record<string, unknown>>[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json') && name.includes(`-${type}-`))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')).data);
}

function lastLine(output: string, pattern: RegExp): string {
  return (
    output
      .split('\n')
      .findLast((line) => pattern.test(line))
      ?.trim() ?? ''
  );
}

/** Resolves to when the record says so, in ms. */
async function deliveredAt({ records }: World, name: string): Promise<number> {
  let when = Number.NaN;
  await settles(`${name} is delivered and recorded`, async () => {
    const at = records('alert-delivered').find(({ alertName }) => alertName === name)?.['deliveredAt'];
    assert.ok(typeof at === 'string', JSON.stringify(records('alert-delivered')));
    when = Date.parse(at);
  });
  return when;
}

async function alertsArrive(t: TestContext, world: World, lacking: string | undefined): Promise<void> {
  const { rig, larder, drill, records } = world;
  const alerts = (words: string): Promise<Said> => larder.larder(`alerts ${words} --alertmanager ${ALERTMANAGER}`);
  const delivered = (name: string): Promise<number> => deliveredAt(world, name);
  await t.test(
    'a node without power and a dead API server are told and recorded',
    { skip: lacking ?? false },
    async (t) => {
      const { code, output } = await alerts('list');
      assert.deepEqual([code, output], [0, '0 alerts, nothing is open\n'], 'something fires before anything happened');
      const cut = Date.now();
      await rig.cut('pi-4');
      const told = (await delivered('NodeOffline')) - cut;
      const acked = await alerts(
        `ack NodeOffline --for 25s --reason 'its plug is being looked for' --yes --ledger-key /mnt/signing`,
      );
      assert.equal(acked.code, 0, acked.output);
      assert.match((await alerts('list')).output, /NodeOffline .*node=pi-4\.rig .* acknowledged by /);
      const stopped = Date.now();
      await rig.on('pi-3', 'systemctl stop k3s');
      const degraded = (await delivered('ControlPlaneDegraded')) - stopped;
      for (const ms of [told, degraded]) assert.ok(ms / 1000 - WAIT_S + 120 < 300, `${ms} ms leave no five minutes`);
      t.diagnostic(
        `told after ${(told / 1000).toFixed(1)} s that pi-4 has no power, after ${(degraded / 1000).toFixed(1)} s that pi-3 has no API (rules that wait ${WAIT_S} s in place of 120)`,
      );
      await t.test('no drill is begun while anything is degraded', async () => {
        const refused = await drill('failover --yes');
        assert.equal(refused.code, 3, refused.output);
        assert.match(refused.output, /k3s of pi-3\.rig is inactive/);
        assert.match(refused.output, /LARDER_DRILL_REFUSED/);
        assert.equal(records('drill-recorded').length, 0);
      });
      await rig.on('pi-3', startScript('k3s'));
      await settles(
        'the acknowledgement is over, and the alert open again',
        async () => {
          const listed = await alerts('list');
          assert.match(listed.output, /NodeOffline .*node=pi-4\.rig .* open: acknowledged by .*, and that is over/);
          assert.equal(listed.code, 1);
        },
        90,
      );
      await rig.power('pi-4');
    },
  );
}

async function leaderDies(t: TestContext, { larder, drill, records }: World): Promise<void> {
  await t.test('failover: the leader dies, the others go on, it comes back, and that is recorded', async (t) => {
    assert.match((await larder.larder('drill status')).output, /failover +never +due by /);
    await settles('the cluster is well', async () => {
      const { code, output } = await drill('failover --check');
      assert.equal(code, 0, output);
      assert.match(output, /\? k3s of the leader pi-[123]\.rig is killed/);
    });
    assert.equal((await drill('failover')).code, 3, 'nobody could be asked');
    const { code, output } = await drill('failover --yes --hold 2');
    assert.equal(code, 0, output);
    t.diagnostic(lastLine(output, /leads; all answered after/));
    t.diagnostic(lastLine(output, /nodes Ready again \(after/));
    const [held] = records('drill-recorded');
    assert.deepEqual([held?.['kind'], held?.['result']], ['failover', 'success']);
    assert.match((await larder.larder('drill status')).output, /failover +\d{4}-\d\d-\d\d +held/);
  });
}

async function secondDegrades(t: TestContext, { rig, larder, drill, records }: World): Promise<void> {
  await t.test('a second member that degrades ends the drill, and the first is started again', async () => {
    await larder.begin(`drill failover --yes --hold 300 ${KEYS}`, '/mnt/aborted');
    await settles('the others are watched', async () => {
      assert.match(await rig.room.run('cat /mnt/aborted'), /the others hold …/);
    });
    const down = /k3s of the leader (pi-\d)\.rig is killed/.exec(await rig.room.run('cat /mnt/aborted'))?.[1] ?? '';
    // Should nobody be there any more to start it, the node does so itself.
    assert.equal(await rig.on(down, 'systemctl is-active larder-drill-return.timer'), 'active\n');
    const second = ['pi-1', 'pi-2', 'pi-3'].find((name) => name !== down) ?? '';
    await rig.on(second, 'systemctl stop k3s');
    await settles('the first is started again', async () => {
      assert.match(await rig.room.run('cat /mnt/aborted'), new RegExp(`done in .*: k3s is started again on ${down}`));
    });
    await rig.on(second, startScript('k3s'));
    await settles('the drill is over', async () => {
      assert.match(
        await rig.room.run('cat /mnt/aborted'),
        /given up after .*: a second member degraded: k3s of pi-\d\.rig is (inactive|deactivating).*LARDER_DRILL_ABORTED/s,
      );
    });
    assert.equal(records('drill-recorded').at(-1)?.['result'], 'aborted');
    assert.equal(await rig.on(down, 'systemctl is-active larder-drill-return.timer || true'), 'inactive\n');
    await settles('the cluster is well', async () => assert.equal((await drill('quorum --check')).code, 0));
  });
}

async function quorumIsLost(t: TestContext, { rig, drill }: World): Promise<void> {
  await t.test('quorum: its loss is told, nothing is written, and nothing is lost', async (t) => {
    await rig.on('pi-1', 'k3s kubectl create configmap kept');
    const { code, output } = await drill('quorum --yes');
    assert.equal(code, 0, output);
    t.diagnostic(lastLine(output, /says that it has no quorum \(after/).slice(0, 80));
    t.diagnostic(lastLine(output, /nodes Ready again \(after/));
    assert.equal(await rig.on('pi-2', 'k3s kubectl get configmap kept -o name'), 'configmap/kept\n');
    assert.equal(await rig.on('pi-2', 'k3s kubectl -n kube-system get configmap -o name | grep drill || true'), '');
  });
}

async function snapshotComesBack(t: TestContext, { rig, drill }: World): Promise<void> {
  await t.test('restore: the cluster is set back to a snapshot, with what was in it', async (t) => {
    const { code, output } = await drill('restore --yes');
    assert.equal(code, 0, output);
    t.diagnostic(lastLine(output, /servers are set back to it$/));
    assert.equal(await rig.on('pi-3', 'k3s kubectl get configmap kept -o name'), 'configmap/kept\n');
  });
}

async function silenceIsTold(
  t: TestContext,
  { rig, drill, records }: World,
  lacking: string | undefined,
): Promise<void> {
  await t.test(
    'alert: a node that Prometheus cannot ask is told, and it stops when it can',
    { skip: lacking ?? false },
    async (t) => {
      const { code, output } = await drill(`alert pi-4.rig --yes --alertmanager ${ALERTMANAGER}`);
      assert.equal(code, 0, output);
      t.diagnostic(lastLine(output, /NodeOffline of pi-4\.rig fires \(after/));
      assert.equal(records('drill-recorded').at(-1)?.['kind'], 'alert');
      assert.doesNotMatch(await rig.on('pi-4', 'iptables -S'), /LARDER/);
    },
  );
}

async function driftIsTold(t: TestContext, world: World, lacking: string | undefined): Promise<void> {
  const { rig, larder } = world;
  const look = (): Promise<Said> =>
    larder.larder(`drift --only node --textfile ${TEXTFILE} --private-key /mnt/id --ledger-key /mnt/signing`);
  const open = async (): Promise<string> => (await larder.larder(`alerts list --alertmanager ${ALERTMANAGER}`)).output;
  await t.test(
    'drift that a report finds is told and recorded, and is over with the report that finds none',
    { skip: lacking ?? false },
    async (t) => {
      const kubeconfig = await rig.on('pi-1', 'cat /etc/rancher/k3s/k3s.yaml');
      const place = rig.room.at('/mnt/home/.kube');
      mkdirSync(place, { recursive: true });
      writeFileSync(join(place, 'rig.yaml'), kubeconfig.replace('127.0.0.1', '10.77.0.11'), { mode: 0o600 });
      const before = await look();
      assert.equal(before.code, 0, before.output);
      assert.doesNotMatch(await open(), /ConfigurationDrift/);
      await rig.on('pi-1', 'k3s kubectl cordon pi-4');
      const found = await look();
      const reported = Date.now();
      assert.equal(found.code, 1, found.output);
      const told = (await deliveredAt(world, 'ConfigurationDrift')) - reported;
      t.diagnostic(
        `told ${(told / 1000).toFixed(1)} s after the report (a rule that waits ${WAIT_S} s in place of 300)`,
      );
      assert.match(await open(), /ConfigurationDrift .*kind=node/);
      await rig.on('pi-1', 'k3s kubectl uncordon pi-4');
      const after = await look();
      assert.equal(after.code, 0, after.output);
      await settles('the alert is over', async () => assert.doesNotMatch(await open(), /ConfigurationDrift/));
    },
  );
}

async function nodeIsMadeAgain(t: TestContext, { rig, larder, drill, records }: World): Promise<void> {
  await t.test('rebuild: a node leaves, is wiped and joins again', async (t) => {
    larder.release(RELEASE);
    larder.describe({ k3s: { version: RELEASE } });
    await rig.room.run(`cd ${REPOSITORY}; git add -A; git commit -qm 'A release'`);
    const uid = (): Promise<string> => rig.on('pi-1', `k3s kubectl get node pi-4 -o jsonpath='{.metadata.uid}'`);
    const before = await uid();
    const { code, output } = await drill('rebuild pi-4 --yes');
    assert.equal(code, 0, output);
    t.diagnostic(lastLine(output, /pi-4\.rig is rebuilt \(in/));
    assert.notEqual(await uid(), before);
    assert.equal(records('drill-recorded').at(-1)?.['kind'], 'rebuild');
    assert.equal(records('run-finished').at(-1)?.['status'], 'success');
  });
}
