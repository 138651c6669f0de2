/** Machines with a card that is slow now and then, and with a clock that is wrong: nothing begins on them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { larderOnRig } from './larder-on-rig.ts';
import { k3sRig, type Rig } from './rig.ts';

const RELEASE = 'v1.35.1+k3s1';
const names = ['pi-1', 'pi-2', 'pi-3', 'pi-4'];
const TRACES =
  'ls -d /etc/rancher /var/lib/rancher /usr/local/bin/k3s /etc/systemd/system/k3s*.service 2>/dev/null || true';

/** As the machine's own Python sees it: its disk is memory, and all machines of a rig have the clock of one kernel. */
async function python(rig: Rig, machine: string, script: string): Promise<void> {
  await rig.on(
    machine,
    `place=$(python3 -c 'import sysconfig; print(sysconfig.get_path("stdlib"))'); rm -f $place/sitecustomize.py
cat >$place/sitecustomize.py <<'PYTHON'
${script}
PYTHON`,
  );
}

/** A card that writes its table of blocks at each fiftieth write. */
const card = (seconds: number): string => `import itertools, os, time
writes, fdatasync = itertools.count(1), os.fdatasync

def slow(file):
    if next(writes) % 50 == 0:
        time.sleep(${seconds})
    fdatasync(file)

os.fdatasync = slow`;

const clock = (seconds: number): string => `import time
right = time.time
time.time = lambda: right() + ${seconds}`;

test('what the machines measure of themselves', async (t) => {
  const made = await k3sRig(t, names);
  if (typeof made === 'string') return t.skip(made);
  const { rig, k3s } = made;
  const on = await larderOnRig(rig, k3s);
  if (typeof on === 'string') return t.skip(on);
  const key = `--private-key ${rig.key}`;
  on.release(RELEASE);
  on.describe({ k3s: { version: RELEASE } });
  const of = (text: string, code: string): readonly string[] =>
    text
      .split('\n')
      .filter((line) => /^(error|warning) /.test(line) && line.includes(`(LARDER_PREFLIGHT_${code})`))
      .map((line) => line.replace(/ \(LARDER.*/, ''));

  await t.test('a slow card below etcd and a wrong clock stop a run before it begins', async () => {
    for (const name of ['pi-2', 'pi-4']) await python(rig, name, card(0.12));
    await python(rig, 'pi-1', clock(3600));
    await python(rig, 'pi-3', clock(-90));
    const { code, output } = await on.larder(`preflight ${key}`);
    assert.equal(code, 1, output);
    const slow = of(output, 'DISK_SLOW');
    const told = /^error pi-2\.rig: 99 of 100 writes are on the disk after (\d+) ms; etcd wants less than 10$/;
    const ms = slow.flatMap((line) => told.exec(line)?.[1] ?? []).map(Number);
    assert.ok(ms.length === 1 && ms.every((each) => each >= 120), output);
    assert.ok(!slow.some((line) => line.includes('pi-4')), 'a worker has no etcd');
    const [first = '', third = '', ...others] = of(output, 'CLOCK');
    assert.match(first, /^error pi-1\.rig: its clock is 3[56]\d\d s ahead of the one here$/);
    assert.match(third, /^error pi-3\.rig: its clock is \d\d s behind the one here$/);
    assert.deepEqual(others, []);

    const run = await on.larder(`bootstrap --yes ${key}`);
    assert.equal(run.code, 1, run.output);
    assert.match(run.output, /\d findings are against it: nothing was changed \(LARDER_RUN_PREFLIGHT\)/);
    assert.deepEqual(on.journal(), []);
    for (const name of names) assert.equal(await rig.on(name, TRACES), '', name);
  });

  await t.test('a card that is not hopeless is warned of, and a clock that was set is right', async () => {
    await python(rig, 'pi-2', card(0.025));
    for (const name of ['pi-1', 'pi-3']) await python(rig, name, '');
    const { output } = await on.larder(`preflight ${key}`);
    const slow = of(output, 'DISK_SLOW').filter((line) => line.includes('pi-2'));
    assert.match(slow.join('\n'), /^(warning|error) pi-2\.rig: 99 of 100 writes are on the disk after \d+ ms/);
    assert.deepEqual(of(output, 'CLOCK'), []);
  });
});
