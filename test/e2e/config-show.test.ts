/** `larder config show` names where each value of a running operator came from. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { z } from 'zod';
import { apiFor } from './growth-only.ts';
import { runLarder, startOperator, temporaryFolder } from './larder.ts';

const rows = z.array(z.object({ key: z.string(), value: z.string(), source: z.string() }));

test('config show tells a flag, the environment, a file and what is built in from each other, the stronger first', async (t) => {
  const kubeconfig = await apiFor(t);
  const config = join(
    temporaryFolder((remove) => t.after(remove)),
    'larder.yaml',
  );
  writeFileSync(config, 'watchInterval: 40s\ndefaultThreshold: 70%\nDefaultIncrease: 15%\nmaxParallel: 2\n');
  const words = ['--config', config, '--watch-interval', '20s'];
  const env = {
    LARDER_WATCH_INTERVAL: '30s',
    LARDER_DEFAULT_THRESHOLD: '75%',
    PVC_CHONKER_DEFAULT_COOLDOWN: '25m',
  };
  const operator = await startOperator(
    ['--kubeconfig', kubeconfig, '--no-provisioner', '--leader-election', 'false', ...words],
    env,
  );
  t.after(() => operator.kill('SIGKILL'));
  const { origin, searchParams } = operator.console;
  const token = searchParams.get('token') ?? '';
  const show = (...more: readonly string[]) =>
    runLarder(['config', 'show', '--operator', origin, ...more], {
      KUBECONFIG: kubeconfig,
      LARDER_OPERATOR_TOKEN: token,
    });

  const shown = await show('-o', 'json');
  assert.equal(shown.code, 0, shown.stderr);
  const byKey = new Map(rows.parse(JSON.parse(shown.stdout)).map(({ key, ...rest }) => [key, rest]));
  assert.deepEqual(
    ['watchInterval', 'defaultThreshold', 'defaultCooldown', 'defaultIncrease', 'maxParallel', 'minScaleUp'].map(
      (key) => [key, byKey.get(key)?.value, byKey.get(key)?.source],
    ),
    [
      ['watchInterval', '20s', 'flag --watch-interval'], // said in all four
      ['defaultThreshold', '75%', 'environment LARDER_DEFAULT_THRESHOLD'], // and in the file
      ['defaultCooldown', '25m', 'environment PVC_CHONKER_DEFAULT_COOLDOWN'],
      ['defaultIncrease', '15%', 'file'],
      ['maxParallel', '2', 'file'],
      ['minScaleUp', '1Gi', 'built-in'],
    ],
  );
  const table = (await show()).stdout;
  assert.match(table, /^watchInterval +20s +flag --watch-interval$/m);
  assert.match(table, /^minScaleUp +1Gi +built-in$/m);
});
