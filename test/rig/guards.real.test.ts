/** What the roles refuse on machines: another token, a lost quorum, a node that cannot be drained, a Nomad that is disturbed. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { writeK3s } from './k3s.ts';
import { startNomad } from './nomad-agent.ts';
import { kubectl, members, plays, refused } from './on-cluster.ts';
import { type Operator, operatorOf } from './operator.ts';
import { k3sRig, type Rig } from './rig.ts';

const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4'];
const servers = names.slice(0, 3);
const RELEASE = 'v1.35.1+k3s1';
const NEXT = 'v1.35.2+k3s1';
const FOLDER = '/mnt/operator/artifacts';
const only = (name: string) => ['--limit', `${name}.rig`];
const given = (variables: object) => ['-e', `'${JSON.stringify(variables)}'`];
const rebuilt = (name: string) => ['-e', `larder_rebuild_node=${name}.rig`, ...only(name)];
const to = (version: string) => ['-e', `larder_k3s_version=${version}`];
/** Whatever of k3s is on a disk: of a machine that is no node yet, nothing. */
const TRACES =
  'ls -d /etc/rancher /var/lib/rancher /usr/local/bin/k3s /etc/systemd/system/k3s*.service 2>/dev/null || true';
/** What the roles write, and since when its service runs. */
const STATE = `find /etc/rancher/k3s /etc/systemd/system /usr/local/bin -maxdepth 1 -type f -exec sha256sum {} + | sort
  systemctl show --property=ActiveEnterTimestampMonotonic,ActiveState k3s k3s-agent`;
/** A person's own part of the unit of a worker, which does something each time it starts. */
const dropIn = (line: string) => `mkdir -p /etc/systemd/system/k3s-agent.service.d
  printf '[Service]\\n%s\\n' '${line}' >/etc/systemd/system/k3s-agent.service.d/own.conf; systemctl daemon-reload`;
const NO_DROP_IN = 'rm /etc/systemd/system/k3s-agent.service.d/own.conf; systemctl daemon-reload';

test('what the roles refuse', async (t) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const operator = await operatorOf(rig);
  if (typeof operator === 'string') return t.skip(operator);
  for (const release of [RELEASE, NEXT]) writeK3s(k3s, rig.room.at(`${FOLDER}/${release}`), release);
  await rig.room.run(`cd ${FOLDER}; sha256sum */k3s* >lock`);
  operator.describe({ k3s: { version: RELEASE }, artifacts: { folder: 'artifacts', lock: 'artifacts/lock' } });
  const on = { rig, operator };
  await plays(operator, ['k3s-first-server.yml']);
  await tokens(t, on);
  await plays(operator, ['k3s-servers.yml', 'k3s-agents.yml']);
  await thirdToken(t, on);
  await quorum(t, on);
  await upgrades(t, on);
  await besideNomad(t, on);
  await notReady(t, on);
});

interface On {
  readonly rig: Rig;
  readonly operator: Operator;
}

/** Resolves when they are as they were before. */
async function unchanged(rig: Rig, machines: readonly string[], act: () => Promise<void>): Promise<void> {
  const state = () => Promise.all(machines.map((name) => rig.on(name, STATE)));
  const before = await state();
  await act();
  assert.deepEqual(await state(), before);
}

async function tokens(t: TestContext, { rig, operator }: On): Promise<void> {
  const wrong = given({ larder_k3s_token: 'of-another-cluster' });

  await t.test('a token of another cluster stops who would join, before anything is written', async () => {
    const server = await refused(operator, 'k3s-servers.yml', [...wrong, ...only('pi-2')]);
    assert.match(server, /names is not the one of the cluster that pi-2\.rig belongs to; .* Nothing was changed\./);
    const worker = await refused(operator, 'k3s-agents.yml', wrong);
    assert.match(worker, /names is not the one of the cluster that pi-4\.rig would join\. Nothing was changed\./);
    for (const name of ['pi-2', 'pi-4']) assert.equal(await rig.on(name, TRACES), '', name);
    assert.doesNotMatch(server + worker, /of-another-cluster/);
  });

  await t.test('a token of another cluster stops the server that has data, which runs on', () =>
    unchanged(rig, ['pi-1'], async () => {
      const said = await refused(operator, 'k3s-servers.yml', [...wrong, ...only('pi-1')]);
      assert.match(said, /names is not the one of the cluster that pi-1\.rig belongs to/);
    }),
  );

  await t.test('where nobody can say which token is right, the sum of the last one counts', () =>
    unchanged(rig, ['pi-1'], async () => {
      const kept = '/var/lib/rancher/k3s/server/token';
      await rig.on('pi-1', `mv ${kept} ${kept}.aside`);
      const said = await refused(operator, 'k3s-servers.yml', [...wrong, ...only('pi-1')]);
      await rig.on('pi-1', `mv ${kept}.aside ${kept}`);
      assert.match(
        said,
        /pi-1\.rig was last started with another token than the one that is named now, and no healthy/,
      );
    }),
  );
}

async function thirdToken(t: TestContext, { rig, operator }: On): Promise<void> {
  await t.test('a rotation stops where a server has neither the old token nor the new one', () =>
    unchanged(rig, names, async () => {
      const pair = given({ larder_k3s_token: 'of-somebody', larder_k3s_new_token: 'of-somebody-else' });
      const said = await refused(operator, 'rotate-token.yml', pair);
      assert.match(said, /The token of pi-1\.rig is neither the old nor the new one of the encrypted file/);
      assert.doesNotMatch(said, /of-somebody/);
    }),
  );
}

async function quorum(t: TestContext, { rig, operator }: On): Promise<void> {
  const cordoned = `get nodes -o 'jsonpath={.items[?(@.spec.unschedulable)].metadata.name}'`;
  const serves = (name: string) =>
    eventually(
      `${name} serves`,
      async () => (await rig.on(name, 'k3s kubectl get --raw /readyz || true')) === 'ok' || undefined,
      120,
    );

  await t.test('with one server away no other one is taken out or upgraded', async () => {
    await rig.on('pi-3', 'systemctl stop k3s');
    await unchanged(rig, ['pi-1', 'pi-2'], async () => {
      const removal = await refused(operator, 'rebuild-remove.yml', rebuilt('pi-2'));
      assert.match(
        removal,
        /pi-2\.rig was not taken out: of the 2 members that would stay only 1 are healthy and voters, .* Bring pi-3\.rig up first/,
      );
      const upgrade = await refused(operator, 'upgrade.yml', [...to(NEXT), ...only('pi-2')]);
      assert.match(
        upgrade,
        /pi-2\.rig was not upgraded: of the other servers only 1 are healthy \(pi-3\.rig not\), and the cluster could lose/,
      );
    });
    assert.equal(await kubectl(rig, cordoned), '');
    assert.deepEqual(await members(rig, 'pi-1'), servers);
  });

  await t.test('the last copy of the data is neither wiped nor taken out', async () => {
    await rig.on('pi-1', 'systemctl stop k3s');
    await unchanged(rig, ['pi-2'], async () => {
      const wipe = await refused(operator, 'rebuild-wipe.yml', rebuilt('pi-2'));
      assert.match(
        wipe,
        /Nothing was wiped on pi-2\.rig: no other server is healthy, so this may be the last copy of the data/,
      );
      const removal = await refused(operator, 'rebuild-remove.yml', rebuilt('pi-2'));
      assert.match(
        removal,
        /No server but pi-2\.rig is healthy, so it was not taken out \(pi-1\.rig: .+; pi-3\.rig: .+\)\. Nothing was changed/,
      );
    });
    assert.match(await rig.on('pi-2', 'ls -d /var/lib/rancher/k3s/server/db/etcd/member'), /member/);
    for (const name of ['pi-1', 'pi-3']) await rig.on(name, 'systemctl start --no-block k3s');
    for (const name of servers) await serves(name);
  });

  await t.test('a server is not upgraded where no other one can be asked', async () => {
    const ours = operator.nodes();
    // Nobody listens there: the cluster is well, and nobody sees it.
    const deaf = ours.map((node, index) => (index === 1 ? node : { ...node, ssh: { user: 'larder', port: 2222 } }));
    operator.describe({ nodes: deaf });
    await unchanged(rig, ['pi-2'], async () => {
      const said = await refused(operator, 'upgrade.yml', [...to(NEXT), ...only('pi-2')]);
      assert.match(said, /pi-2\.rig was not upgraded: .* only 0 are healthy \(pi-1\.rig, pi-3\.rig not\)/);
    });
    operator.describe({ nodes: ours });
    assert.equal(await kubectl(rig, cordoned), '');
  });
}

const versionOf = (rig: Rig) =>
  kubectl(rig, `get node pi-4 -o 'jsonpath={.status.nodeInfo.kubeletVersion} {.spec.unschedulable}'`);

async function upgrades(t: TestContext, { rig, operator }: On): Promise<void> {
  await t.test('a node with a pod that nothing makes again is not drained', async () => {
    const account = async () =>
      (await kubectl(rig, 'get serviceaccount default -o name --ignore-not-found')) || undefined;
    await eventually('pods may be made', account, 60);
    await kubectl(rig, `run lone --image=none --overrides='{"spec": {"nodeName": "pi-4"}}'`);
    await unchanged(rig, ['pi-4'], async () => {
      const upgrade = await refused(operator, 'upgrade.yml', [...to(NEXT), ...only('pi-4')]);
      assert.match(
        upgrade,
        /pi-4\.rig could not be drained, and runs v1\.35\.1\+k3s1 as before: .*default\/lone.*larder_drain_force/,
      );
      const removal = await refused(operator, 'rebuild-remove.yml', rebuilt('pi-4'));
      assert.match(removal, /pi-4\.rig could not be drained: .*default\/lone.* It is cordoned and still a node/);
    });
    assert.equal(await versionOf(rig), `${RELEASE} true`);
    await kubectl(rig, 'delete pod lone --force --grace-period=0');
  });

  await t.test('a node that does not run the release stays cordoned; played again, the upgrade goes on', async () => {
    await rig.on('pi-4', dropIn('ExecStartPre=/bin/false'));
    const options = [...to(NEXT), ...only('pi-4')];
    const said = await refused(operator, 'upgrade.yml', [...options, ...given({ k3s_upgrade_patience: 4 })]);
    assert.match(
      said,
      /pi-4\.rig has v1\.35\.2\+k3s1 installed and does not run it as a healthy node after 8 s: the API has it with v1\.35\.1\+k3s1, (not )?ready\. It stays cordoned, .*journalctl -u k3s-agent/,
    );
    assert.equal(await versionOf(rig), `${RELEASE} true`);
    await rig.on('pi-4', NO_DROP_IN);
    await plays(operator, ['upgrade.yml'], options);
    assert.equal(await versionOf(rig), `${NEXT} `);
  });
}

async function besideNomad(t: TestContext, { rig, operator }: On): Promise<void> {
  const [worker] = operator.nodes().slice(-1);
  operator.describe({
    k3s: { version: NEXT },
    nodes: [...operator.nodes().slice(0, -1), { ...worker, coexist: 'nomad' }],
  });
  await startNomad(rig, 'pi-4');

  await t.test('a range that the bridge of Nomad has is not taken', async () => {
    await rig.on('pi-4', 'ip link add nomad type bridge; ip address add 10.42.9.1/24 dev nomad');
    await unchanged(rig, ['pi-4'], async () => {
      const said = await refused(operator, 'k3s-agents.yml');
      assert.match(said, /On pi-4\.rig ranges overlap with the bridge of Nomad: 10\.42\.0\.0\/16 and 10\.42\.9\.0\/24/);
    });
    await rig.on('pi-4', 'ip link delete nomad');
  });

  await t.test(
    'an allocation that started again meanwhile is told by name, and so is a Nomad that is gone',
    async () => {
      for (const [line, settings, why] of [
        ['ExecStartPost=/bin/systemctl restart allocation', { debug: true }, ''],
        ['ExecStartPost=/bin/systemctl stop nomad', {}, '.*refused'],
      ] as const) {
        await rig.on('pi-4', dropIn(line));
        const said = await refused(operator, 'k3s-agents.yml', given({ k3s_agent_settings: settings }));
        const told =
          'While k3s was set up on pi-4\\.rig these allocations of Nomad stopped or started again: web\\.cache\\[0\\]';
        assert.match(said, new RegExp(`${told}${why}.* k3s runs on`));
        assert.equal(await rig.on('pi-4', 'systemctl is-active k3s-agent'), 'active\n');
      }
      await rig.on('pi-4', `${NO_DROP_IN}; systemctl start nomad`);
    },
  );
}

async function notReady(t: TestContext, { rig, operator }: On): Promise<void> {
  await t.test('an upgrade does not go on from a node that has the release and is not ready', async () => {
    await rig.on('pi-4', 'systemctl stop k3s-agent');
    const status = `get node pi-4 -o 'jsonpath={.status.conditions[?(@.type=="Ready")].status}'`;
    await eventually('the cluster misses pi-4', async () => (await kubectl(rig, status)) !== 'True' || undefined, 180);
    const options = [...to(NEXT), ...only('pi-4'), ...given({ k3s_upgrade_patience: 2 })];
    const said = await refused(operator, 'upgrade.yml', options);
    assert.match(said, /pi-4\.rig has v1\.35\.2\+k3s1 .* after 4 s: the API has it with v1\.35\.2\+k3s1, not ready/);
  });
}
