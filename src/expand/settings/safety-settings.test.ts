import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configured, GIB } from '../decide.fixture.ts';
import { resolveConfiguration } from './configuration.ts';
import { safetySettings } from './safety-settings.ts';

test('the defaults hold nothing back that a person did not ask for, but for budgets and drivers that fail', () => {
  const { values } = configured();
  const own = Object.fromEntries(Object.entries(values).filter(([key]) => Object.hasOwn(safetySettings, key)));
  assert.deepEqual(own, {
    defaultWindow: undefined,
    approvalAbove: undefined,
    snapshotAbove: undefined,
    snapshotAge: 86_400_000,
    backupPatience: 14_400_000,
    bytesPerNamespaceDay: 1_024n * GIB,
    bytesPerClusterDay: 10_240n * GIB,
    breakerFailures: 5,
    breakerProbe: 60_000,
  });
});

test('what cannot be read is refused, with the accepted form', () => {
  for (const [key, text, message] of [
    ['defaultWindow', 'at night', /for example "Mon-Fri 22:00-06:00 Europe\/Berlin".*or empty$/],
    ['approvalAbove', 'much', /must be a quantity above zero, for example "10Gi", or "never", or empty$/],
    ['snapshotAbove', '20', /must be a share of the size, for example "20%", or "never", or empty$/],
    ['snapshotAge', '1', /must be a duration of at least a second/],
    ['bytesPerNamespaceDay', '0', /must be a quantity above zero, for example "10Gi", or "unlimited"$/],
    ['breakerFailures', '0', /must be a whole number from 1 to 100$/],
    ['breakerProbe', '10ms', /must be a duration of at least a second/],
  ] as const) {
    const resolved = resolveConfiguration({ flags: { [key]: text }, env: {}, file: undefined });
    assert.ok(resolved.kind === 'invalid', key);
    assert.match(resolved.problems[0]?.message ?? '', message);
  }
  assert.equal(configured({ flags: { bytesPerClusterDay: 'unlimited' } }).values.bytesPerClusterDay, 'unlimited');
});
