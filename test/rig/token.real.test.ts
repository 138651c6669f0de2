/** `larder cluster secrets rotate-token` on machines with the stand-in of k3s. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { eventually } from '../e2e/larder.ts';
import { deskOf, succeeded } from './desk.ts';
import { putK3s, unitScript } from './k3s-unit.ts';
import { k3sRig } from './rig.ts';

const TOKEN_FILE = 'token-file: /etc/rancher/k3s/token';
const GIVEN = 'cat /etc/rancher/k3s/token';
const servers = ['pi-1', 'pi-2', 'pi-3'];
const names = [...servers, 'pi-4'];

test('the token of a cluster is rotated on every node and in the encrypted file', async (t: TestContext) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const desk = await deskOf(rig);
  if (typeof desk === 'string') return t.skip(desk);
  await succeeded(desk, 'secrets init --yes');
  const token = async (): Promise<string> =>
    (await succeeded(desk, 'secrets show secrets/k3s.sops.yaml --reveal token --yes')).trim();
  const rotate = `secrets rotate-token --yes --private-key ${rig.key}`;
  const old = await token();
  await putK3s(rig, k3s, 'v1.35.1+k3s1');
  const given = `mkdir -p /etc/rancher/k3s; (umask 077; echo ${old} >/etc/rancher/k3s/token)`;
  const [first = assert.fail()] = rig.machines;
  const config = `server: https://${first.address}:6443\n${TOKEN_FILE}`;
  for (const name of names) {
    const unit = name === 'pi-4' ? 'k3s-agent' : 'k3s';
    const told = name === 'pi-1' ? `cluster-init: true\n${TOKEN_FILE}` : config;
    await rig.on(name, `${given}\n${unitScript({ name: unit, config: told })}`);
  }
  /** Every server serves with it, every node was given it, and all of them are nodes of one cluster. */
  const allHave = async (fresh: string): Promise<void> => {
    for (const name of servers)
      assert.match(await rig.on(name, 'cat /var/lib/rancher/k3s/server/token'), new RegExp(`:${fresh}\n$`), name);
    for (const name of names) assert.equal(await rig.on(name, GIVEN), `${fresh}\n`, name);
    for (const name of servers)
      assert.match(
        await rig.on(name, 'k3s kubectl get nodes --no-headers | sed "s/  */ /g" | cut -d" " -f1,2'),
        /^pi-1 Ready\npi-2 Ready\npi-3 Ready\npi-4 Ready\n$/,
      );
    assert.doesNotMatch(await succeeded(desk, 'secrets show secrets/k3s.sops.yaml'), /token_next/);
  };

  await t.test('every node and the file have the new one, and nobody saw it', async () => {
    const output = await succeeded(desk, rotate);
    const fresh = await token();
    assert.notEqual(fresh, old);
    assert.ok(!output.includes(fresh) && !output.includes(old));
    await allHave(fresh);
    for (const name of names) {
      assert.equal(await rig.on(name, 'stat -c %a /etc/rancher/k3s/token'), '600\n');
      await assert.rejects(rig.on(name, `journalctl --no-pager | grep -F ${fresh.slice(0, 40)} | grep -v grep`));
    }
  });

  await t.test('nothing is rotated while a server is down: the rest would be no quorum', async () => {
    const before = await token();
    await rig.on('pi-3', 'systemctl stop k3s');
    const refused = await desk.larder(rotate);
    assert.equal(refused.code, 1, refused.output);
    assert.match(
      refused.output.replaceAll(/\s+/g, ' '),
      /The token was not rotated: of the other servers only 1 are healthy \(pi-3\.rig not\)/,
    );
    for (const name of names) assert.equal(await rig.on(name, GIVEN), `${before}\n`, name);
    await rig.on('pi-3', 'systemctl start k3s --no-block');
    assert.match(await succeeded(desk, rotate), /going on with the token that an earlier rotation left/);
    await allHave(await token());
  });

  await t.test('a rotation that was cut off goes on with the same token', async () => {
    // As if the power went after the servers had it: the worker is reached again later.
    await rig.cut('pi-4');
    const cut = await desk.larder(rotate);
    assert.equal(cut.code, 1, cut.output);
    assert.match(cut.output, /run larder cluster secrets rotate-token again/);
    await rig.power('pi-4');
    const output = await succeeded(desk, rotate);
    assert.match(output, /going on with the token that an earlier rotation left/);
    await allHave(await token());
  });

  await t.test('its operator is gone between two servers, one of them reboots, and it comes to its end', async () => {
    const before = await token();
    const pid = await desk.begin(rotate, '/mnt/rotate.log');
    await rig.on('pi-1', `timeout 300 bash -c 'while grep -qx ${before} /etc/rancher/k3s/token; do sleep 0.05; done'`);
    await rig.room.run(`kill -9 ${pid}`);
    const left = 'pgrep -f "ansible-playboo[k]" || true';
    await eventually('Ansible ends with its operator', async () => (await rig.room.run(left)) === '' || undefined);
    assert.equal(await rig.on('pi-3', GIVEN), `${before}\n`, 'it was no cut');
    await rig.reboot('pi-3');
    assert.match(await succeeded(desk, rotate), /going on with the token that an earlier rotation left/);
    assert.notEqual(await token(), before);
    await allHave(await token());
  });
});
