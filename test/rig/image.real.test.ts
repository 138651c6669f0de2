/** Blank machines that get the files of `larder cluster image` and nothing else: they are reached by certificate, under a key that is known. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parse, stringify } from 'yaml';
import { fetchCloudInit } from './cloud-init.ts';
import { type Rig, rig as rigOf } from './rig.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const REPOSITORY = '/mnt/repository';
const HOME = '/mnt/home';
const options = { env: process.env, say: (line: string): void => void process.stderr.write(`${line}\n`) };

/** Users, keys and addresses of the rig itself; what an image has instead is a boot partition. */
const BLANK = `userdel --remove larder 2>/dev/null; rm -rf ~root/.ssh /etc/sudoers.d/larder /etc/ssh/ssh_host_*
  mkdir -p /boot/firmware; printf 'console=tty1 root=PARTUUID=1-02 rootwait\\n' >/boot/firmware/cmdline.txt`;

async function larder(rig: Rig, words: string): Promise<string> {
  return rig.room.run(
    `cd ${REPOSITORY}; HOME=${HOME} '${join(ROOT, 'bin', 'larder')}' cluster ${words} </dev/null 2>&1`,
  );
}

/** ssh with the certificate of Ana, as soon as the machine answers under its pinned key. */
function reached(rig: Rig, address: string, command: string): Promise<string> {
  const ssh = `ssh -F none -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/mnt/pinned -o ConnectTimeout=2 -o IdentitiesOnly=yes -i ${HOME}/.ssh/id_ed25519`;
  return rig.room.run(
    `for i in $(seq 400); do if ${ssh} larder@${address} true 2>/mnt/why; then exec ${ssh} larder@${address} '${command}'; fi; sleep 0.2; done; cat /mnt/why; exit 1`,
    3 * 60_000,
  );
}

async function repositoryOn(rig: Rig): Promise<void> {
  const folder = rig.room.at(REPOSITORY);
  mkdirSync(folder, { recursive: true });
  mkdirSync(rig.room.at(`${HOME}/.ssh`), { recursive: true });
  await rig.room.run(`ssh-keygen -q -t ed25519 -N '' -C ana -f ${HOME}/.ssh/id_ed25519`);
  const sshKey = (await rig.room.run(`cat ${HOME}/.ssh/id_ed25519.pub`)).trim();
  const macs = await Promise.all(rig.machines.map(({ name }) => rig.on(name, 'cat /sys/class/net/host0/address')));
  const nodes = rig.machines.map(({ name, address }, index) => ({
    ...{ name: `${name}.rig`, address, role: index === 0 ? 'server-agent' : 'worker' },
    ...{ mac: macs[index]?.trim(), ssh: { user: 'larder' } },
  }));
  const spec = {
    name: 'rig',
    nodes,
    operators: [{ id: 'ana', sshKey, role: 'admin' }],
    os: { timeZone: 'Europe/Berlin' },
  };
  writeFileSync(join(folder, 'cluster.yaml'), stringify(spec));
  for (const words of ['secrets init --yes', 'access init', 'access issue --for 1h --no-kube-access'])
    await larder(rig, words);
}

test('blank machines with the files of an image', async (t: TestContext) => {
  const rig = await rigOf(t, ['pi-1', 'pi-2']);
  if (typeof rig === 'string') return t.skip(rig);
  const packages = await fetchCloudInit(options);
  if (packages.kind === 'unavailable') return t.skip(packages.reason);
  await repositoryOn(rig);
  const [first = assert.fail(), second = assert.fail()] = rig.machines;
  const partition = (name: string): string => rig.room.at(`/mnt/${name}/root/boot/firmware`);
  const pin = async (): Promise<void> => {
    await rig.room.run(
      `cd ${REPOSITORY}; HOME=${HOME} '${join(ROOT, 'bin', 'larder')}' cluster inventory --known-hosts >/mnt/pinned`,
    );
  };

  await t.test(
    'cloud-init itself takes them: by certificate only, with the address and the key that cluster.yaml has',
    async () => {
      cpSync(packages.path, rig.room.at('/mnt/pi-1/root/opt/packages'), { recursive: true });
      const seen = await rig.on(
        'pi-1',
        `dpkg -i --force-depends /opt/packages/*.deb >/dev/null 2>&1 || true; dpkg -s cloud-init | grep ^Status; ${BLANK}
      rm -f /etc/systemd/network/10-host0.network
      # Where images look for a boot partition differs; below, all read the same files. Debian's minimal root has no locales.
      mkdir -p /var/lib/cloud/seed; ln -s /boot/firmware /var/lib/cloud/seed/nocloud
      printf 'datasource_list: [NoCloud, None]\\nlocale: false\\nsystem_info: {network: {renderers: [networkd]}}\\n' >/etc/cloud/cloud.cfg.d/99_image.cfg`,
      );
      assert.match(seen, /install ok installed/);
      await larder(
        rig,
        `image pi-1.rig --method cloud-init --out /mnt/pi-1/root/boot/firmware --gateway 10.77.0.1/24 --no-keys --pin`,
      );
      await pin();
      await rig.cut('pi-1');
      const powered = rig.power('pi-1').catch(() => undefined); // nobody comes in as root any more
      const said = await reached(
        rig,
        first.address,
        'sudo -n cloud-init status --wait >/dev/null 2>&1; hostname; id -un; sudo -n id -u; readlink /etc/localtime; ip -4 -o addr show host0 | tr -s " " | cut -d" " -f4',
      );
      assert.equal(said, `pi-1\nlarder\n0\n/usr/share/zoneinfo/Europe/Berlin\n${first.address}/24\n`);
      await assert.rejects(
        powered.then(() => rig.on('pi-1', 'true')),
        /Permission denied|HOST IDENTIFICATION/,
      );
    },
  );

  await t.test('cloud-init finds nothing to complain about, and the card forgets the private key', async () => {
    const schema = await reached(
      rig,
      first.address,
      'sudo -n cat /var/lib/cloud/instance/user-data.txt >/tmp/user-data; cloud-init schema --config-file /tmp/user-data',
    );
    assert.match(schema, /Valid cloud-config/);
    assert.match(await reached(rig, first.address, 'sudo -n cloud-init status --long'), /status: done/);
    assert.equal(readFileSync(join(partition('pi-1'), 'user-data'), 'utf8'), '#cloud-config\n# done\n');
    assert.equal(
      readFileSync(join(partition('pi-1'), 'cmdline.txt'), 'utf8'),
      'console=tty1 root=PARTUUID=1-02 rootwait cgroup_enable=memory cgroup_memory=1\n',
    );
    assert.match(
      await reached(
        rig,
        first.address,
        'sudo -n passwd --status larder; sudo -n grep -c . ~larder/.ssh/authorized_keys || true',
      ),
      /^larder L /,
    );
  });

  await t.test('the script of Raspberry Pi OS 12 does the same, once', async () => {
    await rig.on('pi-2', BLANK);
    await larder(
      rig,
      `image pi-2.rig --method firstrun --out /mnt/pi-2/root/boot/firmware --gateway 10.77.0.1/24 --no-keys --pin`,
    );
    await pin();
    const during = readFileSync(join(partition('pi-2'), 'cmdline.txt'), 'utf8');
    assert.match(
      during,
      /^console=tty1 root=PARTUUID=1-02 rootwait cgroup_enable=memory cgroup_memory=1 systemd\.run=\/boot\/firmware\/firstrun\.sh \S+ \S+\n$/,
    );
    // What systemd.run does at the start; a container has no command line of a kernel. The disk stays, with no power.
    await rig.cut('pi-2');
    await rig.room.run('chroot /mnt/pi-2/root /bin/sh /boot/firmware/firstrun.sh');
    assert.deepEqual(readdirSync(partition('pi-2')), ['cmdline.txt']);
    const powered = rig.power('pi-2').catch(() => undefined);
    const said = await reached(rig, second.address, 'id -un; sudo -n id -u; sudo -n passwd --status larder');
    assert.match(said, /^larder\n0\nlarder L /);
    await powered;
    await assert.rejects(rig.on('pi-2', 'true'), /Permission denied|HOST IDENTIFICATION/);
    assert.equal(
      readFileSync(join(partition('pi-2'), 'cmdline.txt'), 'utf8'),
      'console=tty1 root=PARTUUID=1-02 rootwait cgroup_enable=memory cgroup_memory=1\n',
    );
    const connection = await reached(
      rig,
      second.address,
      'sudo -n cat /etc/NetworkManager/system-connections/larder.nmconnection',
    );
    assert.match(connection, new RegExp(`address1=${second.address}/24,10\\.77\\.0\\.1`));
  });

  await t.test('both are pinned in cluster.yaml', () => {
    const { nodes } = parse(readFileSync(rig.room.at(`${REPOSITORY}/cluster.yaml`), 'utf8'));
    for (const { ssh } of nodes) assert.match(ssh.hostKey, /^ssh-ed25519 /);
  });
});
