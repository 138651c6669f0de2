import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

test('no check of the suite asks which server it speaks to', () => {
  const files = readdirSync(import.meta.dirname).filter(
    (name) => name.endsWith('.test.ts') && name !== 'unconditional.test.ts',
  );
  assert.ok(files.length >= 6, `only ${files.length} files of checks`);
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    assert.doesNotMatch(text, /process\.env|gitVersion.*larder|embedded|\.skip|LARDER_/i, file);
  }
});
