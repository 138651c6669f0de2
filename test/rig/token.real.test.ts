/** `larder cluster secrets rotate-token` on machines with the stand-in of k3s. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { deskOf, succeeded } from './desk.ts';
import { putK3s, unitScript } from './k3s-unit.ts';
import { k3sRig } from './rig.ts';

const TOKEN_FILE = 'token-file: /etc/rancher/k3s/token';

test('the token of a cluster is rotated on every node and in the encrypted file', async (t: TestContext) => {
  const made = await k3sRig(t, ['pi-1', 'pi-2']);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const desk = await deskOf(rig);
  if (typeof desk === 'string') return t.skip(desk);
  await succeeded(desk, 'secrets init --yes');
  const token = async (): Promise<string> =>
    (await succeeded(desk, 'secrets show secrets/k3s.sops.yaml --reveal token --yes')).trim();
  const old = await token();
  await putK3s(rig, k3s, 'v1.35.1+k3s1');
  const given = `mkdir -p /etc/rancher/k3s; (umask 077; echo ${old} >/etc/rancher/k3s/token)`;
  const [server = assert.fail()] = rig.machines;
  await rig.on('pi-1', `${given}\n${unitScript({ name: 'k3s', config: `cluster-init: true\n${TOKEN_FILE}` })}`);
  const config = `server: https://${server.address}:6443\n${TOKEN_FILE}`;
  await rig.on('pi-2', `${given}\n${unitScript({ name: 'k3s-agent', config })}`);

  await t.test('every node and the file have the new one, and nobody saw it', async () => {
    const output = await succeeded(desk, `secrets rotate-token --yes --private-key ${rig.key}`);
    const fresh = await token();
    assert.notEqual(fresh, old);
    assert.ok(!output.includes(fresh) && !output.includes(old));
    assert.match(await rig.on('pi-1', 'cat /var/lib/rancher/k3s/server/token'), new RegExp(`:${fresh}\n$`));
    for (const name of ['pi-1', 'pi-2']) {
      assert.equal(
        await rig.on(name, 'cat /etc/rancher/k3s/token; stat -c %a /etc/rancher/k3s/token'),
        `${fresh}\n600\n`,
      );
      await assert.rejects(rig.on(name, `journalctl --no-pager | grep -F ${fresh.slice(0, 40)} | grep -v grep`));
    }
    assert.doesNotMatch(await succeeded(desk, 'secrets show secrets/k3s.sops.yaml'), /token_next/);
  });

  await t.test('a rotation that was cut off goes on with the same token', async () => {
    // As if the power went after the servers had it: the worker is reached again later.
    await rig.cut('pi-2');
    const cut = await desk.larder(`secrets rotate-token --yes --private-key ${rig.key}`);
    assert.equal(cut.code, 1, cut.output);
    assert.match(cut.output, /run larder cluster secrets rotate-token again/);
    await rig.power('pi-2');
    const output = await succeeded(desk, `secrets rotate-token --yes --private-key ${rig.key}`);
    assert.match(output, /going on with the token that an earlier rotation left/);
    const fresh = await token();
    assert.equal(await rig.on('pi-2', 'cat /etc/rancher/k3s/token'), `${fresh}\n`);
    assert.match(await rig.on('pi-1', 'k3s kubectl get nodes --no-headers'), /^pi-1 +Ready/m);
  });
});
