/** The roles of k3s on machines: a cluster begins, is changed, loses nodes and gets them back. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { writeK3s } from './k3s.ts';
import { startNomad } from './nomad-agent.ts';
import { kubectl, members, plays } from './on-cluster.ts';
import { operatorOf } from './operator.ts';
import { k3sRig, type Rig } from './rig.ts';

const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4'];
const servers = names.slice(0, 3);
const RELEASE = 'v1.35.1+k3s1';
const NEXT = 'v1.35.2+k3s1';
const phases = ['k3s-first-server.yml', 'k3s-servers.yml', 'k3s-agents.yml', 'post-bootstrap.yml'];
const FOLDER = '/mnt/operator/artifacts';

/** All that the roles write, but for what k3s writes itself. */
const STATE = `{ find /etc/rancher/k3s /etc/systemd/system -maxdepth 1 -type f -exec sha256sum {} +; sha256sum /usr/local/bin/k3s; } 2>/dev/null | sort`;

/** Name and release of each node, in order. */
async function nodes(rig: Rig): Promise<string> {
  return kubectl(
    rig,
    `get nodes -o 'jsonpath={range .items[*]}{.metadata.name} {.status.nodeInfo.kubeletVersion}{"\\n"}{end}'`,
  );
}

function told(t: TestContext, what: string, begun: number): void {
  t.diagnostic(`${what}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
}

test('the roles of k3s', async (t) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const operator = await operatorOf(rig);
  if (typeof operator === 'string') return t.skip(operator);
  for (const release of [RELEASE, NEXT]) writeK3s(k3s, rig.room.at(`${FOLDER}/${release}`), release);
  await rig.room.run(`cd ${FOLDER}; sha256sum */k3s* >lock`);
  const artifacts = { folder: 'artifacts', lock: 'artifacts/lock' };
  operator.describe({ k3s: { version: RELEASE }, artifacts });
  const all = `${names.map((name) => `${name} ${RELEASE}`).join('\n')}\n`;

  await t.test('check mode on clean machines tells of changes and makes none', async () => {
    const changed = await plays(operator, phases, ['--check', '--diff', '--limit', 'pi-1.rig,pi-4.rig']);
    assert.ok(
      ['pi-1', 'pi-4'].every((name) => (changed[`${name}.rig`] ?? 0) >= 5),
      JSON.stringify(changed),
    );
    for (const name of names)
      assert.equal(await rig.on(name, 'ls -d /etc/rancher /usr/local/bin/k3s 2>&1 | grep -vc cannot || true'), '0\n');
  });

  await t.test('an artifact that is not the one of the lock is not installed', async () => {
    await rig.room.run(`cd ${FOLDER}; cp lock right; sed -i 's/^..../0000/' lock`);
    const { code, output } = await operator.play('k3s-first-server.yml');
    await rig.room.run(`mv ${FOLDER}/right ${FOLDER}/lock`);
    assert.equal(code, 2);
    assert.match(output, /is not the file that artifacts\/lock names/);
    assert.equal(await rig.on('pi-1', 'ls /usr/local/bin'), '');
  });

  await t.test('a cluster of three servers and a worker', async () => {
    const begun = performance.now();
    await plays(operator, phases);
    told(t, 'four nodes without the operating system', begun);
    assert.equal(await nodes(rig), all);
    assert.deepEqual(await members(rig, 'pi-1'), servers);
    assert.equal(await rig.on('pi-2', 'stat -c %a /etc/rancher/k3s/token /etc/rancher/k3s/config.yaml'), '600\n600\n');
    const secret = (await rig.on('pi-1', 'cat /etc/rancher/k3s/token')).trim();
    for (const name of names) {
      const open = `cat /proc/*/cmdline /etc/systemd/system/k3s*.service /etc/rancher/k3s/config.yaml 2>/dev/null | grep -ac '${secret}' || true`;
      assert.equal(await rig.on(name, `set +e; journalctl --no-pager | grep -c ':${secret}'; true`), '0\n');
      assert.match(await rig.on(name, open), /^[01]\n$/); // this very grep is a process, too
    }
  });

  await t.test('Secrets are encrypted from the beginning, with one key for all servers', async () => {
    await kubectl(rig, 'create secret generic hush --from-literal=word=correct-horse');
    for (const server of servers)
      assert.equal(await kubectl(rig, "get secret hush -o 'jsonpath={.data.word}'", server), 'Y29ycmVjdC1ob3JzZQ==');
    const tls = '/var/lib/rancher/k3s/server/tls/etcd';
    const kept = await rig.on(
      'pi-2',
      `curl -sf --cacert ${tls}/server-ca.crt --cert ${tls}/client.crt --key ${tls}/client.key https://127.0.0.1:2382/v3/kv/range \
      -d "{\\"key\\":\\"$(printf /registry/secrets/default/hush | base64)\\"}" | jq -r '.kvs[0].value' | base64 -d | head -c 15`,
    );
    assert.equal(kept, 'k8s:enc:aescbc:');
    // Taken out of cluster.yaml it stays: without its key nobody could read what is there.
    operator.describe({ k3s: { version: RELEASE, secretsEncryption: false }, artifacts });
    const changed = await plays(operator, ['k3s-servers.yml'], ['--check']);
    operator.describe({ k3s: { version: RELEASE }, artifacts });
    assert.deepEqual(Object.values(changed), [0, 0, 0]);
  });

  await t.test('a second run changes nothing, and neither does check mode', async () => {
    const before = await Promise.all(names.map((name) => rig.on(name, STATE)));
    const begun = performance.now();
    const again = await plays(operator, phases);
    told(t, 'a second run', begun);
    const checked = await plays(operator, phases, ['--check']);
    for (const name of names) assert.deepEqual([again[`${name}.rig`], checked[`${name}.rig`]], [0, 0], name);
    assert.deepEqual(await Promise.all(names.map((name) => rig.on(name, STATE))), before);
  });

  await t.test('labels and taints follow cluster.yaml; what others set stays', async () => {
    const [worker] = operator.nodes().slice(-1);
    const others = operator.nodes().slice(0, -1);
    const taints = [{ key: 'disk', value: 'slow', effect: 'PreferNoSchedule' }];
    operator.describe({ nodes: [...others, { ...worker, labels: { 'example.org/disk': 'usb' }, taints }] });
    await kubectl(rig, 'label node pi-4 example.org/mine=yes; k3s kubectl taint node pi-4 mine=yes:NoSchedule');
    const host = ['--limit', 'pi-4.rig'];
    assert.deepEqual(await plays(operator, ['post-bootstrap.yml'], [...host, '--check']), { 'pi-4.rig': 1 });
    assert.deepEqual(await plays(operator, ['post-bootstrap.yml'], host), { 'pi-4.rig': 1 });
    assert.deepEqual(await plays(operator, ['post-bootstrap.yml'], host), { 'pi-4.rig': 0 });
    const shown = `get node pi-4 -o 'jsonpath={.metadata.labels.example\\.org/disk} {.metadata.labels.example\\.org/mine} {.spec.taints[*].key}'`;
    assert.equal(await kubectl(rig, shown), 'usb yes mine disk');
    operator.describe({ nodes: [...others, worker] });
    assert.deepEqual(await plays(operator, ['post-bootstrap.yml'], host), { 'pi-4.rig': 1 });
    assert.equal(await kubectl(rig, shown), ' yes mine');
  });

  await t.test('servers restart one after the other, and only where something changed', async () => {
    operator.describe({ api: { names: ['api.rig'] } });
    await plays(operator, ['k3s-servers.yml', 'k3s-agents.yml']);
    const times =
      'systemctl show --property=ActiveExitTimestampMonotonic,ActiveEnterTimestampMonotonic k3s | cut -d= -f2';
    const spans: (readonly number[])[] = [];
    for (const name of servers)
      spans.push(
        (await rig.on(name, times))
          .trim()
          .split('\n')
          .map(Number)
          .toSorted((a, b) => a - b),
      );
    for (const [index, [down = 0]] of spans.entries()) {
      assert.ok(
        down > (spans[index - 1]?.[1] ?? 0),
        `${servers[index]} went down before ${servers[index - 1]} was up: ${JSON.stringify(spans)}`,
      );
    }
  });

  await t.test('a server is not restarted while another one is away', async () => {
    await rig.on('pi-3', 'systemctl stop k3s');
    operator.describe({ api: { names: ['api.rig', 'other.rig'] } });
    const { code, output } = await operator.play('k3s-servers.yml', ['--limit', 'pi-2.rig']);
    operator.describe({ api: { names: ['api.rig'] } });
    await rig.on('pi-3', 'systemctl start k3s');
    assert.equal(code, 2);
    assert.match(
      output.replaceAll(/\s+/g, ' '),
      /pi-2\.rig must be restarted, and of the other servers only 1 are healthy/,
    );
  });

  await t.test('another release waits for an upgrade, which drains, replaces and uncordons', async () => {
    const { code, output } = await operator.play('k3s-agents.yml', ['-e', `larder_k3s_version=${NEXT}`]);
    assert.equal(code, 2);
    assert.match(output, /larder cluster upgrade --to v1\.35\.2\+k3s1/);
    const options = ['--limit', 'pi-3.rig', '-e', `larder_k3s_version=${NEXT}`];
    const begun = performance.now();
    await plays(operator, ['upgrade.yml'], options);
    told(t, 'the upgrade of a server', begun);
    assert.equal(await nodes(rig), all.replace(`pi-3 ${RELEASE}`, `pi-3 ${NEXT}`));
    assert.equal(await kubectl(rig, `get node pi-3 -o 'jsonpath={.spec.unschedulable}'`), '');
    assert.deepEqual(await plays(operator, ['upgrade.yml'], options), { 'pi-3.rig': 0 });
    const back = await operator.play('upgrade.yml', ['--limit', 'pi-3.rig', '-e', `larder_k3s_version=${RELEASE}`]);
    assert.equal(back.code, 2);
    assert.match(back.output.replaceAll(/\s+/g, ' '), /has v1\.35\.2\+k3s1, and v1\.35\.1\+k3s1 is older/);
  });

  await t.test('a server is rebuilt, loses its power while it joins, and the data is there', async () => {
    operator.describe({ k3s: {} }); // whoever joins takes what the cluster runs
    await kubectl(rig, 'create configmap kept --from-literal=data=here');
    await rig.on('pi-2', 'mkdir -p /var/lib/rancher/k3s/storage; echo volume >/var/lib/rancher/k3s/storage/kept');
    const about = ['-e', 'larder_rebuild_node=pi-2.rig'];
    const refused = await operator.play('rebuild-wipe.yml', [...about, '--limit', 'pi-2.rig']);
    assert.match(refused.output, /the cluster still has the node pi-2/);
    const begun = performance.now();
    await plays(operator, ['rebuild-remove.yml', 'rebuild-wipe.yml'], [...about, '--limit', 'pi-2.rig']);
    assert.deepEqual(await members(rig, 'pi-1'), ['pi-1', 'pi-3']);
    assert.equal(
      await rig.on(
        'pi-2',
        'cd /var/lib/rancher/k3s; ls -d server agent storage /usr/local/bin/k3s 2>/dev/null || true',
      ),
      'storage\n',
    );
    const joins = async () => (await rig.on('pi-2', 'ls /var/lib/rancher/k3s')).includes('server') || undefined;
    const cut = eventually('pi-2 joins', joins, 300).then(() => rig.cut('pi-2'));
    const lost = await operator.play('k3s-servers.yml', ['--limit', 'pi-2.rig']);
    await cut;
    assert.notEqual(lost.code, 0);
    await rig.power('pi-2');
    await plays(operator, ['k3s-servers.yml', 'post-bootstrap.yml'], ['--limit', 'pi-2.rig']);
    told(t, 'the rebuild of a server, with a power cut', begun);
    assert.deepEqual(await members(rig, 'pi-2'), servers);
    assert.equal(await kubectl(rig, `get configmap kept -o 'jsonpath={.data.data}'`, 'pi-2'), 'here');
    assert.equal(await rig.on('pi-2', 'cat /var/lib/rancher/k3s/storage/kept'), 'volume\n');
  });

  await t.test('a worker is rebuilt beside Nomad, which notices nothing', async () => {
    await rig.on('pi-4', 'systemctl stop k3s-agent; rm -rf /etc/rancher /var/lib/rancher');
    const blank = await operator.play('k3s-agents.yml');
    assert.match(blank.output.replaceAll(/\s+/g, ' '), /pi-4\.rig is blank, and the cluster has a node pi-4 already/);
    const about = ['-e', 'larder_rebuild_node=pi-4.rig', '--limit', 'pi-4.rig'];
    await plays(operator, ['rebuild-remove.yml', 'rebuild-wipe.yml'], about);
    const [worker] = operator.nodes().slice(-1);
    operator.describe({ nodes: [...operator.nodes().slice(0, -1), { ...worker, coexist: 'nomad' }] });
    const silent = await operator.play('k3s-agents.yml');
    assert.match(silent.output.replaceAll(/\s+/g, ' '), /pi-4\.rig stands beside Nomad .* does not say what it runs/);
    await startNomad(rig, 'pi-4');
    await rig.on('pi-4', 'systemd-run --unit=taken python3 -m http.server 10250');
    const taken = await operator.play('k3s-agents.yml');
    assert.match(taken.output, /10250\/tcp by python3/);
    await rig.on('pi-4', 'systemctl stop taken');
    const allocation = 'systemctl show --property=MainPID,NRestarts allocation nomad';
    const before = await rig.on('pi-4', allocation);
    await plays(operator, ['k3s-agents.yml']);
    assert.equal(await rig.on('pi-4', allocation), before);
    assert.match(await nodes(rig), /^pi-4 /m);
  });
});
