import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { settings } from './settings.ts';

function fileWith(t: TestContext, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-settings-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'larder.yaml');
  writeFileSync(path, text);
  return path;
}

const sourceOf = (resolved: ReturnType<typeof settings>, key: string): string | undefined =>
  resolved.origins.find((origin) => origin.key === key)?.source;

test('a flag beats the environment, which beats the file, which beats the defaults of larder up', (t) => {
  const config = fileWith(t, 'watchInterval: 40s\n');
  const defaults = { watchInterval: '5s' };
  const env = { LARDER_WATCH_INTERVAL: '30s' };
  const at = (input: Parameters<typeof settings>[0]): readonly [number, string | undefined] => {
    const resolved = settings(input);
    return [resolved.values.watchInterval, sourceOf(resolved, 'watchInterval')];
  };
  const common = { defaults, defaultsSource: 'larder up' };
  assert.deepEqual(at({ ...common, options: { config, watchInterval: '20s' }, env }), [
    20_000,
    'flag --watch-interval',
  ]);
  assert.deepEqual(at({ ...common, options: { config }, env }), [30_000, 'environment LARDER_WATCH_INTERVAL']);
  assert.deepEqual(at({ ...common, options: { config }, env: {} }), [40_000, 'file']);
  assert.deepEqual(at({ ...common, options: {}, env: {} }), [5_000, 'larder up']);
  assert.deepEqual(at({ options: {}, env: {} }), [60_000, 'built-in']);
});

test('the spelling of the requirement is accepted in a file', (t) => {
  const resolved = settings({ options: { config: fileWith(t, 'WatchInterval: 40s\nDryRun: true\n') }, env: {} });
  assert.equal(resolved.values.watchInterval, 40_000);
  assert.equal(resolved.values.dryRun, true);
});

test('every problem is said at once: unknown keys with the nearest known one, values with what is accepted', (t) => {
  const config = fileWith(t, 'watchIntervall: 40s\ndefaultThreshold: 200\n');
  assert.throws(
    () => settings({ options: { config }, env: {} }),
    (failure: Error) =>
      /unknown key "watchIntervall" \(file\): did you mean "watchInterval"\?/.test(failure.message) &&
      /defaultThreshold \(file\) is 200 and must/.test(failure.message),
  );
});

test('a file that is missing, no YAML or no mapping is refused by name', (t) => {
  assert.throws(
    () => settings({ options: { config: '/nonexistent' }, env: {} }),
    /--config \/nonexistent cannot be read/,
  );
  assert.throws(() => settings({ options: { config: fileWith(t, 'a: [') }, env: {} }), /cannot be read/);
  assert.throws(() => settings({ options: { config: fileWith(t, '- a\n') }, env: {} }), /must hold keys with values/);
});
