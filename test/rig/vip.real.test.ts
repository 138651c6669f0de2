/** An address of the whole API that moves: a bootstrap before anything holds it, keepalived, and its holder without power. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { larderOnRig } from './larder-on-rig.ts';
import { k3sRig, type Rig } from './rig.ts';
import { settles } from './settles.ts';

const servers = ['pi-1', 'pi-2', 'pi-3'];
const VERSION = 'v1.34.2+k3s1';
const VIP = '10.77.0.100';
const KUBECONFIG = '/mnt/home/.kube/rig.yaml';
/** Who is not ready gives it up. What kube-vip does on a cluster with a kubelet, keepalived does here. */
const CONFIG = `vrrp_script ready {
  script "/usr/bin/curl -sfk --max-time 1 https://127.0.0.1:6443/ping"
  interval 1
  fall 2
  rise 2
}
vrrp_instance api {
  state BACKUP
  interface host0
  virtual_router_id 77
  priority PRIORITY
  advert_int 1
  virtual_ipaddress {
    ${VIP}/24
  }
  track_script {
    ready
  }
}
`;

async function holders(rig: Rig, asked: readonly string[]): Promise<readonly string[]> {
  const said = await Promise.all(asked.map((name) => rig.on(name, `ip -o -4 addr show dev host0 to ${VIP}/32`)));
  return asked.filter((_, index) => said[index] !== '');
}

test('an address of the API that moves', async (t) => {
  const made = await k3sRig(t, servers, { packages: ['keepalived'] });
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const on = await larderOnRig(rig, k3s);
  if (typeof on === 'string') return t.skip(on);
  const key = `--private-key ${rig.key}`;
  const kubectl = (words: string): Promise<string> =>
    rig.room.run(`'${k3s.tools['kubectl']}' --kubeconfig ${KUBECONFIG} --request-timeout 5s ${words}`);
  const names = async (address: string): Promise<void> =>
    assert.match(await rig.room.run(`cat ${KUBECONFIG}`), new RegExp(`server: https://${address}:6443`));
  for (const name of servers) await rig.on(name, 'systemctl disable --now keepalived 2>/dev/null');
  on.release(VERSION);
  on.describe({
    k3s: { version: VERSION },
    os: { reboot: 'allowed' },
    api: { vip: VIP },
    loadBalancer: 'kube-vip', // or nothing would move the address
    nodes: on.nodes().map((node) => ({ ...node, role: 'server-agent' })),
  });

  await t.test('before anything holds it a bootstrap ends, and says what is missing', async () => {
    const { code, output } = await on.larder(`bootstrap --yes ${key}`);
    assert.equal(code, 0, output);
    assert.match(output, new RegExp(`does not answer at api\\.vip ${VIP.replaceAll('.', '\\.')}`));
    await names('10.77.0.11');
  });

  await t.test('once it is held a second one writes it, and the certificate is for it', async () => {
    for (const [index, name] of servers.entries())
      await rig.on(
        name,
        `cat >/etc/keepalived/keepalived.conf <<'CONF'\n${CONFIG.replace('PRIORITY', String(100 - index))}CONF\nsystemctl start keepalived`,
      );
    await settles('one server holds it', async () => assert.deepEqual(await holders(rig, servers), ['pi-1']));
    const { code, output } = await on.larder(`bootstrap --yes ${key}`);
    assert.equal(code, 0, output);
    await names(VIP);
    await kubectl('create configmap kept');
  });

  await t.test('its holder loses its power: another has it, and what was written is there', async () => {
    await rig.cut('pi-1');
    await settles('another server holds it', async () =>
      assert.deepEqual(await holders(rig, ['pi-2', 'pi-3']), ['pi-2']),
    );
    await settles('the API answers there', async () =>
      assert.equal(await kubectl('get configmap kept -o name'), 'configmap/kept\n'),
    );
    await kubectl('create configmap meanwhile');
  });

  await t.test('the machine comes back, and nothing is left to do', async () => {
    await rig.power('pi-1');
    await settles('all are ready', async () =>
      assert.equal(
        await rig.on('pi-1', 'k3s kubectl get nodes --no-headers | sed "s/  */ /g" | cut -d" " -f1,2'),
        servers.map((name) => `${name} Ready\n`).join(''),
      ),
    );
    assert.equal(await kubectl('get configmap meanwhile -o name'), 'configmap/meanwhile\n');
    const again = await on.larder(`bootstrap --yes ${key}`);
    assert.deepEqual([again.code, /nothing to do/.test(again.output)], [0, true], again.output);
  });
});
