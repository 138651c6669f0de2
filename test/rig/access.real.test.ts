/** Who gets in to machines: certificates of some hours, and after that nothing else. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { deskOf, HOME, REPOSITORY, ROOT, succeeded } from './desk.ts';
import { rig as rigOf } from './rig.ts';

const changes = (output: string): number =>
  output.split('\n').filter((line) => /: (would change|changed): /.test(line)).length;

test('machines that are opened by certificates only', async (t: TestContext) => {
  const rig = await rigOf(t, ['pi-1', 'pi-2']);
  if (typeof rig === 'string') return t.skip(rig);
  const desk = await deskOf(rig);
  if (typeof desk === 'string') return t.skip(desk);
  const bootstrapKey = `--private-key ${rig.key}`;
  await succeeded(desk, 'secrets init --yes');
  await succeeded(desk, 'access init');

  await t.test('check mode says what would change, and nothing did', async () => {
    const output = await succeeded(desk, `access deploy --check ${bootstrapKey}`);
    assert.ok(changes(output) >= 8, output);
    assert.equal(
      await rig.on('pi-1', 'ls /etc/ssh/sshd_config.d /etc/ssh/larder 2>/dev/null || true'),
      '/etc/ssh/sshd_config.d:\n',
    );
  });

  await t.test('after deploy a certificate opens each, and the key of before as well', async () => {
    const output = await succeeded(desk, `access deploy --yes ${bootstrapKey}`);
    assert.match(output, /pi-1\.rig: a certificate opens it\npi-2\.rig: a certificate opens it/);
    await assert.rejects(desk.ssh('larder', 'pi-1', 'true'), /Permission denied/);
    const issued = await succeeded(desk, 'access issue --for 1h --no-kube-access');
    assert.match(issued, /id_ed25519-cert\.pub: ana, serial \d+, until .*, as larder-admin, larder-operator/);
    assert.equal(await desk.ssh('larder', 'pi-1', 'sudo -n id -u'), '0\n');
    assert.equal(
      await desk.ssh('larder-operator', 'pi-2', 'id -un; id -Gn'),
      'larder-operator\nlarder-operator systemd-journal\n',
    );
    await assert.rejects(desk.ssh('larder-operator', 'pi-2', 'sudo -n true'), /password is required|not allowed/);
    await assert.rejects(desk.ssh('root', 'pi-1', 'true'), /Permission denied/);
    assert.equal(await rig.on('pi-1', 'echo in'), 'in\n');
  });

  await t.test('check mode on machines that have it all would change nothing', async () => {
    assert.equal(changes(await succeeded(desk, `access deploy --check ${bootstrapKey}`)), 0);
  });

  await t.test(
    'a second run changes nothing but the keys, which are turned off behind a login that worked',
    async () => {
      const output = await succeeded(desk, `access deploy --keys off --yes ${bootstrapKey}`);
      assert.deepEqual(
        [...output.matchAll(/^pi-1\.rig: changed: (?:access : )?(.*)$/gm)].map(([, task]) => task),
        ['Take keys back by itself', 'Write the settings', 'Reload sshd'],
      );
      assert.match(output, /pi-1\.rig: only certificates count\npi-2\.rig: only certificates count/);
      await assert.rejects(rig.on('pi-1', 'true'), /Permission denied/);
      assert.equal(
        await desk.ssh('larder', 'pi-2', 'sudo -n systemctl is-active larder-access-undo.timer || true'),
        'inactive\n',
      );
    },
  );

  await t.test('a revoked certificate is refused, another one of the same person is not', async () => {
    const serial = /serial (\d+)/.exec(
      await succeeded(desk, 'access issue --for 1h --no-kube-access --out /mnt/lost-cert.pub'),
    )?.[1];
    const lost = (command: string): Promise<string> =>
      rig.room.run(
        `ssh -F none -o UserKnownHostsFile=/mnt/known_hosts -o BatchMode=yes -o IdentitiesOnly=yes -o IdentityFile=/mnt/lost -o CertificateFile=/mnt/lost-cert.pub larder@${rig.machines[0]?.address} '${command}'`,
      );
    await rig.room.run(`cp ${HOME}/.ssh/id_ed25519 /mnt/lost`);
    assert.equal(await lost('echo in'), 'in\n');
    await succeeded(desk, `access revoke --serial ${serial} --reason 'laptop lost' --yes`);
    assert.match(await succeeded(desk, 'access status'), new RegExp(`ana +${serial} +\\S+ +revoked`));
    // Ansible comes in with the certificate now, and a plain deploy brings no keys back.
    await succeeded(desk, 'access deploy --yes --node pi-1.rig');
    await assert.rejects(lost('true'), /Permission denied/);
    await assert.rejects(rig.on('pi-1', 'true'), /Permission denied/);
    assert.equal(await desk.ssh('larder', 'pi-1', 'echo in'), 'in\n');
  });

  await t.test('a certificate that ended is refused', async () => {
    await rig.room.run(`cp ${HOME}/.ssh/id_ed25519-cert.pub /mnt/good-cert.pub`);
    const past = `import { readSshPrivateKey } from '${ROOT}/src/ledger/ssh-private-key.ts';
      import { reveal } from '${ROOT}/src/cluster/secrets/reveal.ts';
      import { issueCertificate } from '${ROOT}/src/cluster/access/issue.ts';
      import { readFileSync } from 'node:fs';
      const ca = await reveal('sops:secrets/ssh-ca.sops.yaml#private_key', { repository: '${REPOSITORY}', env: process.env });
      const { key } = readSshPrivateKey(ca.value);
      const publicKey = readFileSync('${HOME}/.ssh/id_ed25519.pub', 'utf8').split(' ', 2).join(' ');
      const operator = { id: 'ana', role: 'admin', sshKey: publicKey };
      const now = Date.now() - 7_200_000;
      process.stdout.write(issueCertificate({ cluster: 'rig', operator, publicKey, authority: key, now, lifeMs: 3_600_000 }).line);`;
    writeFileSync(rig.room.at('/mnt/past.ts'), past);
    await rig.room.run(
      `HOME=${HOME} '${process.execPath}' --disable-warning=ExperimentalWarning /mnt/past.ts >${HOME}/.ssh/id_ed25519-cert.pub`,
    );
    await assert.rejects(desk.ssh('larder', 'pi-1', 'true'), /Permission denied/);
    await rig.room.run(`cp /mnt/good-cert.pub ${HOME}/.ssh/id_ed25519-cert.pub`);
    assert.equal(await desk.ssh('larder', 'pi-1', 'echo in'), 'in\n');
  });

  await t.test('the key of a person who left opens nothing, whatever certificate it has', async () => {
    await succeeded(desk, `access revoke --operator ana --reason 'left the team' --yes`);
    const refused = await desk.larder('access issue --no-kube-access');
    assert.deepEqual([refused.code, /the key of ana is revoked/.test(refused.output)], [3, true], refused.output);
    const deployed = await succeeded(desk, 'access deploy --yes --node pi-1.rig');
    assert.match(deployed, /pi-1\.rig: a certificate opens it/);
    await assert.rejects(desk.ssh('larder', 'pi-1', 'true'), /Permission denied/);
  });
});
