/** Runs in User-Mode Linux: loads what is a module there and runs the tests of quotas on that kernel. */
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { tell } from '../storage/uml.ts';

const KMOD = '/usr/bin/kmod';
const TESTS = fileURLToPath(new URL('quota.real.test.ts', import.meta.url));

for (const module of ['drivers/block/loop', 'fs/quota/quota_tree', 'fs/quota/quota_v2']) {
  for (const file of globSync(`/usr/lib/uml/modules/*/kernel/${module}.ko`)) {
    const { status, stderr } = spawnSync(KMOD, [file], { argv0: 'insmod', encoding: 'utf8' });
    if (status !== 0) tell(`${module} was not loaded: ${stderr}`);
  }
}
const { stdout } = spawnSync(
  process.execPath,
  ['--disable-warning=ExperimentalWarning', '--test', '--test-reporter=tap', TESTS],
  { env: { ...process.env, LARDER_INSIDE_UML: '1', TMPDIR: '/mnt' }, encoding: 'utf8' },
);
tell(stdout);
