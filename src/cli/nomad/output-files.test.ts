import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { MARKER } from '../../nomad/source/input-name.ts';
import { planOutput } from './output-files.ts';

const nothing = { files: [], folders: ['modules-k8s/web'] };

test('a marker is believed as it was written, and not when it says something else', (t) => {
  const out = mkdtempSync(join(tmpdir(), 'larder-marker-'));
  t.after(() => rmSync(out, { recursive: true }));
  const plan = (marker: string) => {
    writeFileSync(join(out, MARKER), marker);
    return planOutput(out, nothing, () => undefined);
  };
  const { marker } = plan(JSON.stringify({ version: 1, files: { 'modules-k8s/api/main.tf': 'abc' }, more: 1 }));
  assert.deepEqual(JSON.parse(marker), { version: 1, files: { 'modules-k8s/api/main.tf': 'abc' } });
  const wrong = [
    '',
    '[]',
    'null',
    '{"version":1}',
    '{"version":2,"files":{}}',
    '{"version":1,"files":[]}',
    '{"version":1,"files":{"a":1}}',
    '{"version":1,"files":{"../a":"x"}}',
    '{"version":1,"files":{"/etc/passwd":"x"}}',
    '{"version":1,"files":{"a//b":"x"}}',
  ];
  for (const text of wrong) assert.throws(() => plan(text), /does not say what was written here/, text);
});
