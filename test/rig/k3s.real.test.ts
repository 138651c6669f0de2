/** The stand-in of k3s on a rig: what the roles rely on, so that a failure there is theirs. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { type K3s, writeK3s } from './k3s.ts';
import { putK3s, startScript, type Unit, unitScript } from './k3s-unit.ts';
import { k3sRig, type Rig } from './rig.ts';
import { settles } from './settles.ts';

const FIRST = 'v1.35.1+k3s1';
const NEXT = 'v1.35.6+k3s1';
const servers = ['pi-1', 'pi-2', 'pi-3'];
const names = [...servers, 'pi-4'];
interface World {
  readonly rig: Rig;
  readonly k3s: K3s;
}

/** Elections are faster than k3s has them, so that the test is. */
const extra = 'etcd-arg: [heartbeat-interval=100, election-timeout=1000]';
const unit = (name: Unit['name'], config: string): string => unitScript({ name, config, extra });

const MEMBERS = `t=/var/lib/rancher/k3s/server/tls/etcd
  curl -sf --cacert $t/server-ca.crt --cert $t/client.crt --key $t/client.key https://127.0.0.1:2382/v3/cluster/member/list -d '{}' | jq -r '.members[] | (.name | sub("-[0-9a-f]{8}$"; "")) + (if .isLearner then " learns" else "" end)' | sort`;

async function membersAt({ rig }: World, name: string): Promise<readonly string[]> {
  return (await rig.on(name, MEMBERS)).trim().split('\n');
}

async function kubectl({ rig }: World, words: string, machine = 'pi-1'): Promise<string> {
  return (await rig.on(machine, `k3s kubectl ${words}`)).trim();
}

async function logOf({ rig }: World, name: string, service: string): Promise<string> {
  return rig.on(name, `journalctl -u ${service} --no-pager | tail -n 40`);
}

test('the stand-in of k3s', async (t) => {
  const world = await k3sRig(t, names);
  if (typeof world === 'string') return t.skip(world);
  await putK3s(world.rig, world.k3s, FIRST);
  const token = await begins(t, world);
  await joins(t, world, token);
  await refuses(t, world, token);
  await rebuilds(t, world);
  await rotates(t, world, token);
  await upgrades(t, world);
  await restores(t, world);
});

/** Resolves to the token. */
async function begins(t: TestContext, world: World): Promise<string> {
  const { rig } = world;
  await t.test('a first server begins a cluster, and tells what k3s tells', async () => {
    assert.match(await rig.on('pi-1', 'k3s --version'), /^k3s version v1\.35\.1\+k3s1 /);
    const config =
      'cluster-init: true\ntls-san: [api.rig]\nnode-label:\n- larder.dev/disk=ssd\nnode-taint: [a=b:NoSchedule]\nno-such-flag: 1';
    await rig.on('pi-1', unit('k3s', config));
    assert.match(await logOf(world, 'pi-1', 'k3s'), /Unknown flag --no-such-flag found in config\.yaml, skipping/);
    const asked =
      'for p in ping readyz cacerts; do curl -ks -o /dev/null -w "$p %{http_code} " https://127.0.0.1:6443/$p; done';
    assert.equal(await rig.on('pi-1', asked), 'ping 200 readyz 401 cacerts 200 ');
    assert.equal(await kubectl(world, 'get --raw /readyz'), 'ok');
    assert.match(await kubectl(world, 'version'), /Server Version: v1\.35\.1\+k3s1/);
    await settles('the first node is ready', async () => {
      const shown = await kubectl(world, 'get nodes --no-headers');
      assert.match(shown, /^pi-1 +Ready +control-plane,etcd +\S+ +v1\.35\.1\+k3s1$/);
    });
    assert.equal(
      await kubectl(
        world,
        `get node pi-1 -o jsonpath='{.metadata.labels.larder\\.dev/disk} {.spec.taints[?(@.key=="a")].effect}'`,
      ),
      'ssd NoSchedule',
    );
  });
  const token = (await rig.on('pi-1', 'cat /var/lib/rancher/k3s/server/node-token')).trim();
  const sum = (await rig.on('pi-1', 'sha256sum </var/lib/rancher/k3s/server/tls/server-ca.crt')).slice(0, 64);
  assert.match(token, new RegExp(`^K10${sum}::server:[0-9a-f]{32}$`));
  assert.equal(
    await rig.on('pi-1', 'stat -c %a /var/lib/rancher/k3s/server/token /etc/rancher/k3s/k3s.yaml'),
    '600\n600\n',
  );
  return token;
}

async function joins(t: TestContext, world: World, token: string): Promise<void> {
  const { rig } = world;
  const config = `server: https://10.77.0.11:6443\ntoken: ${token}`;
  await t.test('servers and agents join with the token', async () => {
    for (const name of ['pi-2', 'pi-3']) await rig.on(name, unit('k3s', config));
    await rig.on('pi-4', unit('k3s-agent', config));
    await settles('all are members', async () => assert.deepEqual(await membersAt(world, 'pi-1'), servers));
    await settles('all nodes are ready', async () => {
      const shown = await kubectl(world, 'get nodes --no-headers', 'pi-3');
      assert.equal(shown.match(/^pi-[123] +Ready +control-plane,etcd /gm)?.length, 3, shown);
      assert.match(shown, /^pi-4 +Ready +<none> /m);
    });
  });
}

async function refuses(t: TestContext, world: World, token: string): Promise<void> {
  const { rig } = world;
  const tryAs = (config: string): Promise<string> =>
    rig.on(
      'pi-4',
      `mkdir -p /etc/rancher/try; cat >/etc/rancher/try/config.yaml <<'END'\n${config}\nEND
      K3S_CONFIG_FILE=/etc/rancher/try/config.yaml timeout 3 k3s agent --data-dir /var/lib/try 2>&1 || true`,
    );
  const server = 'server: https://10.77.0.11:6443';
  await t.test('what would not join k3s does not join this', async () => {
    const other = token.replace(/^K10./, (start) => (start === 'K100' ? 'K101' : 'K100'));
    assert.match(
      await tryAs(`${server}\ntoken: ${other}`),
      /token CA hash does not match the Cluster CA certificate hash/,
    );
    assert.match(await tryAs(`${server}\ntoken: wrong`), /401 Unauthorized/);
    assert.match(
      await tryAs(`${server}\ntoken: ${token}\nnode-name: pi-2`),
      /Node password rejected, duplicate hostname/,
    );
    assert.match(
      await tryAs(`${server}\ntoken: ${token}\nnode-label: [node-role.kubernetes.io/worker=true]`),
      /unknown 'kubernetes\.io' or 'k8s\.io' labels specified with --node-labels/,
    );
    assert.match(await tryAs('token: a'), /--server is required/);
  });
}

async function rebuilds(t: TestContext, world: World): Promise<void> {
  const { rig } = world;
  await t.test('a deleted node is no member; it comes back with an empty disk alone', async () => {
    await kubectl(world, 'delete node pi-2');
    assert.deepEqual(await membersAt(world, 'pi-1'), ['pi-1', 'pi-3']);
    await assert.rejects(kubectl(world, '-n kube-system get secret pi-2.node-password.k3s'), /not found/);
    await settles('k3s of the deleted node ends', async () =>
      assert.match(await logOf(world, 'pi-2', 'k3s'), /level=fatal msg="etcd exited/),
    );
    await rig.on('pi-2', `systemctl stop k3s; rm -rf /var/lib/rancher/k3s/server/db; ${startScript('k3s')}`);
    await settles('the node is a member again', async () => assert.deepEqual(await membersAt(world, 'pi-1'), servers));
  });
}

async function rotates(t: TestContext, world: World, token: string): Promise<void> {
  const { rig } = world;
  await t.test('after a rotation the old token starts no server', async () => {
    await rig.on('pi-1', 'k3s token rotate --new-token 0123456789abcdef0123456789abcdef');
    const fresh = (await rig.on('pi-1', 'cat /var/lib/rancher/k3s/server/token')).trim();
    assert.equal(fresh, `${token.slice(0, -32)}0123456789abcdef0123456789abcdef`);
    await rig.on('pi-3', 'systemctl restart --no-block k3s');
    await settles('the old token is refused', async () =>
      assert.match(
        await logOf(world, 'pi-3', 'k3s'),
        /bootstrap data already found and encrypted with different token/,
      ),
    );
    const set = `sed -i 's/^token: .*/token: ${fresh}/' /etc/rancher/k3s/config.yaml; systemctl stop k3s; ${startScript('k3s')}`;
    for (const name of ['pi-3', 'pi-2']) await rig.on(name, set);
    await rig.on('pi-1', `echo 'token: ${fresh}' >>/etc/rancher/k3s/config.yaml`);
  });
}

async function upgrades(t: TestContext, world: World): Promise<void> {
  const { rig, k3s } = world;
  await t.test('another version is another file', async () => {
    const sum = writeK3s(k3s, rig.room.at('/mnt/next'), NEXT);
    // By rename, because the file that runs cannot be written.
    await rig.room.run('cp /mnt/next/k3s* /mnt/pi-4/root/usr/local/bin/new; mv /mnt/pi-4/root/usr/local/bin/{new,k3s}');
    assert.equal((await rig.on('pi-4', 'sha256sum </usr/local/bin/k3s')).slice(0, 64), sum);
    assert.match(await kubectl(world, 'get nodes --no-headers pi-4'), / v1\.35\.1\+k3s1$/);
    // It still has the old token, which is no server's any more.
    await rig.on(
      'pi-4',
      `sed -i '/^token/s/:[0-9a-f]*$/:0123456789abcdef0123456789abcdef/' /etc/rancher/k3s/config.yaml; systemctl stop k3s-agent; ${startScript('k3s-agent')}`,
    );
    await settles('the new release is told', async () =>
      assert.match(await kubectl(world, 'get nodes --no-headers pi-4'), / Ready .* v1\.35\.6\+k3s1$/),
    );
  });
}

async function restores(t: TestContext, world: World): Promise<void> {
  const { rig } = world;
  await t.test('a snapshot brings back what was there, once', async () => {
    await kubectl(world, 'create configmap before');
    await rig.on('pi-1', 'k3s etcd-snapshot save --name held');
    const [, place = ''] = /file:\/\/(\S+)/.exec(await rig.on('pi-1', 'k3s etcd-snapshot ls')) ?? [];
    await kubectl(world, 'create configmap after');
    for (const name of servers) await rig.on(name, 'systemctl stop k3s');
    const reset = `k3s server --cluster-reset --cluster-reset-restore-path=${place} 2>&1`;
    assert.match(
      await rig.on('pi-1', reset),
      /Managed etcd cluster membership has been reset, restart without --cluster-reset flag now/,
    );
    assert.match(await rig.on('pi-1', `${reset} || true`), /previously reset.*reset-flag/);
    await rig.on('pi-1', startScript('k3s'));
    assert.deepEqual(await membersAt(world, 'pi-1'), ['pi-1']);
    for (const name of ['pi-2', 'pi-3'])
      await rig.on(name, `rm -rf /var/lib/rancher/k3s/server/db; ${startScript('k3s')}`);
    await settles('the others are members again', async () =>
      assert.deepEqual(await membersAt(world, 'pi-1'), servers),
    );
    assert.equal(
      await kubectl(world, 'get configmap before after --ignore-not-found -o name', 'pi-2'),
      'configmap/before',
    );
  });
}
