/** Machines lose their power in each phase of a bootstrap and in an upgrade; once they are back, `resume` makes one cluster. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { larderOnRig, type Said } from './larder-on-rig.ts';
import { kubectl, members } from './on-cluster.ts';
import { k3sRig } from './rig.ts';

const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4'];
const servers = names.slice(0, 3);
const RELEASE = 'v1.35.1+k3s1';
const NEXT = 'v1.35.2+k3s1';
const LIMIT_S = 900;
const DATA = '/var/lib/rancher/k3s';

/** In which phase whose power goes, as soon as a command succeeds there. */
interface Cut {
  readonly phase: string;
  readonly machine: string;
  readonly once: string;
}

/** What each run of the verb goes through. Who is gone in one phase is left out of the next, where there is one. */
const runs: readonly (readonly Cut[])[] = [
  [
    { phase: 'base-os', machine: 'pi-4', once: 'grep -q pi-3 /etc/hosts' },
    { phase: 'k3s-first-server', machine: 'pi-1', once: `test -d ${DATA}/server/tls` },
  ],
  [
    { phase: 'k3s-servers', machine: 'pi-3', once: `test -d ${DATA}/server/db/etcd` },
    { phase: 'k3s-agents', machine: 'pi-4', once: 'test -e /etc/rancher/k3s/config.yaml' },
  ],
  [{ phase: 'post-bootstrap', machine: 'pi-3', once: 'true' }],
];

interface Line {
  readonly line: string;
  readonly phase?: string;
}

test('machines without power in every phase', async (t) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const on = await larderOnRig(rig, k3s);
  if (typeof on === 'string') return t.skip(on);
  const key = `--private-key ${rig.key}`;
  on.release(RELEASE);
  on.describe({ k3s: { version: RELEASE } });
  const timesBegun = (phase: string): number =>
    on
      .journal()
      .flatMap((line): readonly Line[] => (line.endsWith('}') ? [JSON.parse(line)] : []))
      .filter((line) => line.line === 'begun' && line.phase === phase).length;
  /** Runs a verb to its end, while machines lose their power, which they have again afterwards. */
  const without = async (verb: string, cuts: readonly Cut[]): Promise<Said> => {
    const before = cuts.map(({ phase }) => timesBegun(phase));
    let isOver = false;
    const running = on.larder(`${verb} --yes ${key}`).finally(() => {
      isOver = true;
    });
    for (const [index, { phase, machine, once }] of cuts.entries()) {
      const hasBegun = (): boolean => timesBegun(phase) > (before[index] ?? 0);
      await eventually(`${phase} begins`, async () => hasBegun() || isOver || undefined, LIMIT_S);
      if (!hasBegun()) assert.fail(`it ended before ${phase}: ${(await running).output}`);
      const looks = `timeout 20 bash -c 'until ${once}; do sleep 0.02; done' && echo so || true`;
      await eventually(
        `${once} on ${machine}`,
        async () => (await rig.on(machine, looks)) === 'so\n' || isOver || undefined,
        LIMIT_S,
      );
      if (isOver) assert.fail(`it ended before ${machine} lost its power: ${(await running).output}`);
      await rig.cut(machine);
    }
    const said = await running;
    for (const { machine } of cuts) await rig.power(machine);
    return said;
  };
  const ready = (version: string): string => names.map((name) => `${name} Ready ${version}\n`).join('');
  const nodes = (): Promise<string> =>
    rig.on('pi-1', 'k3s kubectl get nodes --no-headers | sed "s/  */ /g" | cut -d" " -f1,2,5');
  const identity = (server: string): Promise<string> =>
    kubectl(rig, `get namespace kube-system -o 'jsonpath={.metadata.uid}'`, server);

  for (const [index, cuts] of runs.entries()) {
    await t.test(cuts.map(({ phase, machine }) => `${machine} in ${phase}`).join(', '), async () => {
      const { code, output } = await without(index === 0 ? 'bootstrap' : 'resume', cuts);
      assert.equal(code, 1, output);
      for (const { machine } of cuts) assert.match(output, new RegExp(`${machine}\\.rig`));
    });
  }

  await t.test('all of them are one cluster, and nothing is left to do', async () => {
    const { code, output } = await on.larder(`resume --yes ${key}`);
    assert.equal(code, 0, output);
    assert.equal(await nodes(), ready(RELEASE));
    assert.deepEqual(await members(rig, 'pi-1'), servers);
    const first = await identity('pi-1');
    for (const server of servers) assert.equal(await identity(server), first, server);
    const again = await on.larder(`bootstrap --yes ${key}`);
    assert.deepEqual([again.code, /nothing to do/.test(again.output)], [0, true], again.output);
  });

  await t.test('a server in its upgrade: the next one is not begun, and resume ends it', async () => {
    on.release(NEXT);
    on.describe({ k3s: { version: NEXT } });
    const once = `/usr/local/bin/k3s --version | grep -qF ${NEXT}`;
    const cut = { phase: `upgrade pi-2.rig to ${NEXT}`, machine: 'pi-2', once };
    const { code, output } = await without('upgrade', [cut]);
    assert.equal(code, 1, output);
    assert.equal(timesBegun(`upgrade pi-3.rig to ${NEXT}`), 0, 'the next one was begun while pi-2 was away');
    const done = await on.larder(`resume --yes ${key}`);
    assert.equal(done.code, 0, done.output);
    assert.equal(await nodes(), ready(NEXT), 'none is cordoned');
    assert.deepEqual(await members(rig, 'pi-2'), servers);
  });
});
