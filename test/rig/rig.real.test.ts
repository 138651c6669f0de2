import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rig as rigOf } from './rig.ts';

const names = ['pi-1', 'pi-2'];

test('a rig of machines', async (t) => {
  const rig = await rigOf(t, names);
  if (typeof rig === 'string') return t.skip(rig);

  await t.test('each is a machine of its own with systemd, reached by its host key', async () => {
    for (const { name, address } of rig.machines) {
      assert.equal(
        await rig.on(name, 'hostname; cat /proc/1/comm; ip -4 -o addr show host0 | tr -s " " | cut -d" " -f4'),
        `${name}\nsystemd\n${address}/24\n`,
      );
    }
    const script = `ssh-keyscan -t ed25519 ${rig.machines[1]?.address} 2>/dev/null | sed s/${rig.machines[1]?.address}/${rig.machines[0]?.address}/ >/mnt/wrong
      ssh -i ${rig.key} -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/mnt/wrong -o BatchMode=yes larder@${rig.machines[0]?.address} true`;
    await assert.rejects(rig.room.run(script), /HOST IDENTIFICATION HAS CHANGED/);
  });

  await t.test('the operator comes in as a user who may use sudo, and as nobody else', async () => {
    const { address } = rig.machines[0] ?? assert.fail();
    const ssh = `ssh -i ${rig.key} -o UserKnownHostsFile=/mnt/known_hosts -o BatchMode=yes`;
    assert.equal(await rig.room.run(`${ssh} larder@${address} sudo -n id -u`), '0\n');
    await assert.rejects(rig.room.run(`${ssh} daemon@${address} true`), /Permission denied/);
  });

  await t.test('a machine without power comes back with what it had', async () => {
    await rig.on('pi-1', 'echo kept >/var/kept; sync');
    await rig.cut('pi-1');
    await assert.rejects(rig.on('pi-1', 'true'), /Connection (timed out|refused)|No route to host/);
    assert.equal(await rig.on('pi-2', 'hostname'), 'pi-2\n');
    await rig.power('pi-1');
    assert.equal(await rig.on('pi-1', 'cat /var/kept'), 'kept\n');
  });

  await t.test('a machine that reboots is another boot with the same disk', async () => {
    const boot = await rig.on('pi-2', 'echo kept >/var/kept; cat /proc/sys/kernel/random/boot_id');
    await rig.reboot('pi-2');
    assert.notEqual(await rig.on('pi-2', 'cat /proc/sys/kernel/random/boot_id'), boot);
    assert.equal(await rig.on('pi-2', 'cat /var/kept'), 'kept\n');
  });
});
