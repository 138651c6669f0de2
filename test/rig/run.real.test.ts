/** Runs of `larder cluster` on machines: a stranger's bootstrap that loses its operator in every phase, and what stops one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { larderOnRig } from './larder-on-rig.ts';
import { k3sRig } from './rig.ts';

const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4'];
const RELEASE = 'v1.35.1+k3s1';
const NEXT = 'v1.36.1+k3s1';

interface Line {
  readonly line: string;
  readonly phase?: string;
  readonly host?: string;
  readonly outcome?: string;
}

test('runs', async (t) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const on = await larderOnRig(rig, k3s);
  if (typeof on === 'string') return t.skip(on);
  const key = `--private-key ${rig.key}`;
  const lines = (): readonly Line[] =>
    on.journal().flatMap((line): readonly Line[] => (line.endsWith('}') ? [JSON.parse(line)] : []));
  const timesBegun = (phase: string): number =>
    lines().filter((line) => line.line === 'begun' && line.phase === phase).length;
  /** Begins a command, and ends it without a word when a phase has begun. */
  const cutOff = async (args: string, phase: string): Promise<void> => {
    const log = `/mnt/${phase.replaceAll(/\W+/g, '-')}.log`;
    const before = timesBegun(phase);
    const pid = await on.begin(`${args} --yes ${key}`, log);
    const gone = await eventually(
      `${phase} begins`,
      async () => {
        if (timesBegun(phase) > before) return 'begun';
        const ended = await rig.room.run(`kill -0 ${pid} 2>/dev/null && echo runs || echo ended`);
        return ended === 'ended\n' ? readFileSync(rig.room.at(log), 'utf8') : undefined;
      },
      600,
    );
    assert.equal(gone, 'begun', `${args} ended before ${phase}: ${gone}`);
    await rig.room.run(`kill -9 ${pid}`);
    const left = 'pgrep -f "ansible-playboo[k]" || true';
    await eventually('Ansible ends with its operator', async () => (await rig.room.run(left)) === '' || undefined);
  };
  const nodes = (): Promise<string> =>
    rig.on('pi-1', 'k3s kubectl get nodes --no-headers | sed "s/  */ /g" | cut -d" " -f1,2,5');
  on.release(RELEASE);
  on.describe({ k3s: { version: RELEASE } });

  await t.test('a machine with another host key is not spoken to, and both fingerprints are told', async () => {
    const [first, ...rest] = on.nodes();
    const ours = on.nodes();
    const other = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';
    on.describe({ nodes: [{ ...first, ssh: { user: 'larder', hostKey: other } }, ...rest] });
    const { code, output } = await on.larder(`bootstrap --yes ${key}`);
    on.describe({ nodes: ours });
    assert.equal(code, 1, output);
    assert.match(output, /pi-1\.rig shows the ssh host key SHA256:\S+, and cluster\.yaml has SHA256:\+DiY3wvvV6/);
    assert.match(output, /LARDER_RUN_HOST_KEY/);
    assert.deepEqual(on.journal(), []);
  });

  await t.test('a full disk and a foreign server stop a run before it begins', async () => {
    await rig.on('pi-2', 'systemd-run --quiet --unit=squatter python3 -m http.server 6443');
    await rig.on('pi-4', 'mkdir -p /var/lib/rancher; mount -t tmpfs -o size=64m tmpfs /var/lib/rancher');
    const { code, output } = await on.larder(`preflight ${key}`);
    const run = await on.larder(`bootstrap --yes ${key}`);
    await rig.on('pi-2', 'systemctl stop squatter');
    await rig.on('pi-4', 'umount /var/lib/rancher');
    assert.equal(code, 1, output);
    assert.match(output, /^error pi-2\.rig: python3 listens at 6443\/tcp \(LARDER_PREFLIGHT_PORT\)$/m);
    assert.match(
      output,
      /^error pi-4\.rig: \d+ MiB of 64 MiB are free below \/var\/lib\/rancher \(LARDER_PREFLIGHT_DISK_FULL\)$/m,
    );
    assert.equal(run.code, 1, run.output);
    assert.match(run.output, /2 findings are against it: nothing was changed \(LARDER_RUN_PREFLIGHT\)/);
    assert.deepEqual(on.journal(), []);
  });

  await t.test(
    'an operator who is gone in every phase, a node without power, and the same cluster in the end',
    async (own) => {
      const begun = performance.now();
      await rig.cut('pi-4');
      await cutOff('bootstrap', 'base-os');
      const second = await on.larder(`bootstrap --yes ${key}`);
      assert.deepEqual([second.code, /LARDER_RUN_UNFINISHED/.test(second.output)], [3, true], second.output);
      for (const phase of ['k3s-first-server', 'k3s-servers']) await cutOff('resume', phase);
      const without = await on.larder(`resume --yes ${key}`);
      assert.equal(without.code, 1, without.output);
      assert.match(without.output, /pi-4\.rig did not answer in phase base-os.*\(LARDER_RUN_UNREACHABLE\)/s);
      const labelled = await rig.on('pi-1', 'k3s kubectl get nodes --no-headers | wc -l');
      assert.equal(labelled, '3\n', 'the others did not go on');
      await rig.power('pi-4');
      for (const phase of ['k3s-agents', 'post-bootstrap']) await cutOff('resume', phase);
      const { code, output } = await on.larder(`resume --yes ${key}`);
      assert.equal(code, 0, output);
      assert.match(output, /every node is Ready/);
      own.diagnostic(`bootstrap of four nodes with five cuts: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
      assert.equal(await nodes(), names.map((name) => `${name} Ready ${RELEASE}\n`).join(''));
      const done = lines().filter(({ line, outcome }) => line === 'host' && outcome === 'done');
      const twice = done.filter(
        ({ phase, host }, index) => done.findIndex((each) => each.phase === phase && each.host === host) !== index,
      );
      assert.deepEqual(twice, [], 'a phase was repeated on a host that had completed it');
    },
  );

  await t.test('a second bootstrap has nothing to do, and the kubeconfig is for its owner alone', async () => {
    const { code, output } = await on.larder(`bootstrap --yes ${key}`);
    assert.equal(code, 0, output);
    assert.match(output, /nothing to do: every host is as cluster\.yaml says/);
    assert.equal(await rig.room.run(`stat -c %a /mnt/home/.kube/rig.yaml; ls /mnt/home/.kube`), '600\nrig.yaml\n');
  });

  await t.test('an upgrade goes node by node through a minor, and goes on where its operator was lost', async (own) => {
    on.release(NEXT);
    on.describe({ k3s: { version: NEXT } });
    const begun = performance.now();
    await cutOff('upgrade', `upgrade pi-2.rig to ${NEXT}`);
    const { code, output } = await on.larder(`resume --yes ${key}`);
    assert.equal(code, 0, output);
    own.diagnostic(`upgrade of four nodes with a cut: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
    assert.equal(await nodes(), names.map((name) => `${name} Ready ${NEXT}\n`).join(''), 'none is cordoned');
    const phases = lines().flatMap(({ line, phase }) => (line === 'begun' && phase ? [phase] : []));
    const order = names.map((name) => phases.lastIndexOf(`upgrade ${name}.rig to ${NEXT}`));
    assert.deepEqual(
      order,
      order.toSorted((one, other) => one - other),
      'servers first, one after the other',
    );
    assert.equal(timesBegun(`upgrade pi-1.rig to ${NEXT}`), 1, 'what was done is not done again');
    const again = await on.larder(`upgrade --yes ${key}`);
    assert.deepEqual([again.code, /nothing to do/.test(again.output)], [0, true], again.output);
  });

  await t.test('a release before this one is refused before anything is changed', async () => {
    const { code, output } = await on.larder(`upgrade --to ${RELEASE} --yes ${key}`);
    assert.deepEqual([code, /Downgrade/.test(output)], [3, true], output);
    assert.equal(await nodes(), names.map((name) => `${name} Ready ${NEXT}\n`).join(''));
  });

  await t.test('a server and a worker that reboot come back by themselves, and nothing is left to do', async () => {
    for (const name of ['pi-2', 'pi-4']) await rig.reboot(name);
    await eventually(
      'every node is Ready again',
      async () => (await nodes()) === names.map((name) => `${name} Ready ${NEXT}\n`).join('') || undefined,
      120,
    );
    const { code, output } = await on.larder(`bootstrap --yes ${key}`);
    assert.deepEqual([code, /nothing to do/.test(output)], [0, true], output);
  });
});
