/** A restore whose player is gone in the middle: what keeps the servers apart until it is played again, and how it ends. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { clusterOf } from './k3s-unit.ts';
import { type LarderOnRig, larderOnRig } from './larder-on-rig.ts';
import { type Operator, operatorOf } from './operator.ts';
import { k3sRig, type Rig } from './rig.ts';

const SERVERS = ['pi-1', 'pi-2', 'pi-3'] as const;
const NOTE = '/var/lib/rancher/k3s/larder-restore';
const KEY = '--private-key /mnt/id';
const CUT_OFF =
  /(pi-\d)\.rig is in the middle of a restore of (\/\S+) that was cut off\. .*Start k3s by hand on NO server/;

interface World {
  readonly rig: Rig;
  readonly larder: LarderOnRig;
  readonly operator: Operator;
}

/** As when the machine that plays it loses its power. The processes are those of the room alone. */
async function killPlayer(rig: Rig): Promise<void> {
  await rig.room.run('pgrep -f "ansible-playboo[k]" | xargs -r kill -9');
  const left = 'pgrep -f "ansible-playboo[k]" || true';
  await eventually('nobody plays any more', async () => (await rig.room.run(left)) === '' || undefined);
}

/** Ends with the script on the machine, which waits for the moment in which the player is gone. */
async function cutOff({ rig, operator }: World, snapshot: string, machine: string, moment: string): Promise<void> {
  // The shell that plays it is killed as well, and then nobody tells a code.
  const play = operator.play('restore.yml', ['-e', `larder_snapshot=${snapshot}`]);
  const ended = play.then(
    ({ output }) => output,
    () => 'killed',
  );
  await rig.on(machine, `timeout 300 bash -c 'until ${moment}; do sleep 0.05; done'`);
  await killPlayer(rig);
  assert.equal(await ended, 'killed', 'it came to its end first');
}

async function noted(rig: Rig): Promise<readonly string[]> {
  const states = await Promise.all(SERVERS.map((name) => rig.on(name, `[ ! -e ${NOTE} ] || echo ${name}`)));
  return states.map((said) => said.trim()).filter((name) => name !== '');
}

async function drillIsRefused({ larder }: World): Promise<RegExpExecArray> {
  const { code, output } = await larder.larder(`drill restore --yes ${KEY}`);
  assert.equal(code, 3, output);
  return CUT_OFF.exec(output) ?? assert.fail(output);
}

test('a restore that is cut off', async (t: TestContext) => {
  const made = await k3sRig(t, [...SERVERS, 'pi-4']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const [larder, operator] = [await larderOnRig(rig, k3s), await operatorOf(rig)];
  if (typeof larder === 'string' || typeof operator === 'string') return t.skip('Ansible cannot be had');
  const world: World = { rig, larder, operator };
  await clusterOf(rig, k3s, 'v1.35.1+k3s1');
  await rig.on('pi-1', 'k3s kubectl create configmap kept');
  let snapshot = '';

  await t.test('while k3s stands: it is told what to do, and nothing else starts a server', async () => {
    const pid = await larder.begin(`drill restore --yes ${KEY}`, '/mnt/cut.log');
    await rig.on(
      'pi-2',
      `timeout 300 bash -c 'until [ -e ${NOTE} ] && ! systemctl -q is-active k3s; do sleep 0.05; done'`,
    );
    await rig.room.run(`kill -9 ${pid}`);
    const left = 'pgrep -f "ansible-playboo[k]" || true';
    await eventually('Ansible ends with its operator', async () => (await rig.room.run(left)) === '' || undefined);
    [, , snapshot = ''] = await drillIsRefused(world);
    const words = '-e larder_k3s_version=v1.35.6+k3s1 -e larder_k3s_token=a -e larder_k3s_new_token=b'.split(' ');
    for (const playbook of ['k3s-servers.yml', 'rotate-token.yml', 'upgrade.yml']) {
      const { code, output } = await operator.play(playbook, words);
      assert.equal(code, 2, output);
      assert.match(output.replaceAll(/\s+/g, ' '), CUT_OFF, playbook);
    }
    await rig.cut('pi-3');
    await rig.power('pi-3');
    assert.equal(await rig.on('pi-3', 'systemctl is-active k3s || true'), 'inactive\n', 'its old database runs');
  });

  await t.test('while etcd is set back, and while the others join', async () => {
    await cutOff(world, snapshot, 'pi-1', 'systemctl -q is-active larder-restore');
    assert.deepEqual(await noted(rig), SERVERS);
    await cutOff(world, snapshot, 'pi-1', `[ ! -e ${NOTE} ] && k3s kubectl get --raw /readyz >/dev/null 2>&1`);
    const [, name = ''] = await drillIsRefused(world);
    assert.ok(['pi-2', 'pi-3'].includes(name), `${name} was set back`);
  });

  await t.test('played to its end it is one cluster of all, with what was in the snapshot', async () => {
    const { code, output } = await operator.play('restore.yml', ['-e', `larder_snapshot=${snapshot}`]);
    assert.equal(code, 0, output);
    for (const name of SERVERS) {
      assert.equal(await rig.on(name, 'k3s kubectl get configmap kept -o name'), 'configmap/kept\n');
      assert.equal(await rig.on(name, 'systemctl is-active k3s; systemctl is-enabled k3s'), 'active\nenabled\n');
    }
    assert.deepEqual(await noted(rig), []);
    const well = async (): Promise<true | undefined> =>
      (await larder.larder(`drill restore --check ${KEY}`)).code === 0 || undefined;
    assert.ok(await eventually('every member is well, one leads and every node is Ready', well, 120));
  });
});
