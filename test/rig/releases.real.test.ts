/** Machines with the releases of Debian and Ubuntu that the other tests do not have: a cluster from nothing, and nothing left to do. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { larderOnRig } from './larder-on-rig.ts';
import { k3sRig } from './rig.ts';

const names = ['pi-1', 'pi-2'];
const VERSION = 'v1.34.2+k3s1';

interface Release {
  readonly name: 'trixie' | 'noble';
  /** Makes swap as the images for machines have it, which the containers have not. */
  readonly swap: string;
  readonly isOff: string;
}

const releases: readonly Release[] = [
  {
    name: 'trixie',
    // Raspberry Pi OS 13 has no swap file any more, and a generator.
    swap: `mkdir -p /etc/rpi; printf '[Main]\\nMechanism=auto\\n' >/etc/rpi/swap.conf`,
    isOff: 'grep -qx Mechanism=none /etc/rpi/swap.conf.d/90-larder.conf',
  },
  {
    name: 'noble',
    swap: `printf '/swap.img\\tnone\\tswap\\tsw\\t0\\t0\\n' >>/etc/fstab`,
    isOff: `! grep -q '^/swap' /etc/fstab`,
  },
];

for (const { name: release, swap, isOff } of releases)
  test(`machines with ${release}`, async (t) => {
    const made = await k3sRig(t, names, { release });
    if (typeof made === 'string') return t.skip(made);
    const { rig, k3s } = made;
    const on = await larderOnRig(rig, k3s);
    if (typeof on === 'string') return t.skip(on);
    const key = `--private-key ${rig.key}`;
    on.release(VERSION);
    on.describe({ k3s: { version: VERSION }, os: { reboot: 'allowed', release } });
    for (const name of names) await rig.on(name, swap);
    const hasNothingToDo = async (): Promise<void> => {
      const { code, output } = await on.larder(`bootstrap --yes ${key}`);
      assert.deepEqual([code, /nothing to do/.test(output)], [0, true], output);
    };

    await t.test('preflight takes their release, and names it where another was said', async () => {
      const said = await on.larder(`preflight ${key} -o json`);
      assert.doesNotMatch(said.output, /RELEASE_/, said.output);
      on.describe({ os: { reboot: 'allowed', release: 'bookworm' } });
      const other = await on.larder(`preflight ${key} -o json`);
      on.describe({ os: { reboot: 'allowed', release } });
      assert.match(other.output, /RELEASE_DIFFERS/);
    });

    await t.test('a bootstrap ends in a cluster, with swap turned off', async () => {
      const { code, output } = await on.larder(`bootstrap --yes ${key}`);
      assert.equal(code, 0, output);
      const nodes = await rig.on('pi-1', 'k3s kubectl get nodes --no-headers | sed "s/  */ /g" | cut -d" " -f1,2,5');
      assert.equal(nodes, names.map((name) => `${name} Ready ${VERSION}\n`).join(''));
      for (const name of names) {
        await rig.on(name, isOff);
        assert.equal(await rig.on(name, 'cat /proc/sys/net/ipv4/ip_forward'), '1\n');
        assert.match(await rig.on(name, 'cat /etc/os-release'), new RegExp(`^VERSION_CODENAME=${release}$`, 'm'));
      }
    });

    await t.test('a second one has nothing to do', hasNothingToDo);

    await t.test('after a reboot of a machine there is nothing to do either', async () => {
      await rig.reboot('pi-2');
      await hasNothingToDo();
    });
  });
