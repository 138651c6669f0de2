/** What the guides to clouds tell a reader to write is accepted, and the words that they explain exist. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { driverReasons } from '../expand/provider.ts';
import { resolveConfiguration } from '../expand/settings/configuration.ts';
import { fieldsOfAnnotations } from '../expand/settings/settings.ts';
import { parseProviderOptions } from './options.ts';
import { errors } from './registry.ts';

const root = join(import.meta.dirname, '../..');
const guides = ['aws', 'gcp', 'azure'].map((name) => ({
  name,
  text: readFileSync(join(root, `docs/guides/${name}.md`), 'utf8'),
}));
const blocks = (text: string): readonly object[] =>
  [...text.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, block = '']) => parse(block));

test('every configuration in the guides is one that Larder takes, and every claim is annotated in its words', () => {
  let seen = 0;
  for (const { name, text } of guides) {
    for (const block of blocks(text)) {
      if ('providerConfig' in block) {
        const configuration = resolveConfiguration({ flags: {}, env: {}, file: block });
        const given = configuration.kind === 'resolved' ? configuration.values.providerConfig : assert.fail(name);
        assert.deepEqual(parseProviderOptions(given).kind, 'options', name);
        seen += 1;
      } else if ('kind' in block && 'metadata' in block) {
        const { annotations } = Object(block.metadata);
        const fields = Object.values(fieldsOfAnnotations(annotations)).filter((field) => field !== undefined);
        assert.equal(fields.length, Object.keys(annotations).length, name);
        assert.ok(
          fields.every(({ ok }) => ok),
          name,
        );
        seen += 1;
      }
    }
  }
  assert.ok(seen >= 7, `${seen} blocks`);
});

test('keys, reasons, codes and files that the guides name are there', () => {
  for (const { name, text } of guides) {
    for (const [, key = ''] of text.matchAll(/`((?:aws|gcp|azure|lookups)\.\w+)(?:: \w+)?`/g)) {
      const known = parseProviderOptions({ [key]: 'x' });
      const problems = known.kind === 'invalid' ? known.problems : [];
      assert.ok(!problems.some((problem) => problem.startsWith('unknown key')), `${name}: ${key}`);
    }
    for (const [, path = ''] of text.matchAll(/\]\(\.\.\/\.\.\/(deploy\/iam\/[\w.-]+)\)/g)) {
      assert.ok(existsSync(join(root, path)), path);
    }
    for (const [, code = ''] of text.matchAll(/(LARDER_LOOKUP_\w+)/g)) assert.ok(Object.hasOwn(errors, code), code);
    const rows = [...text.matchAll(/^\| `([a-z-]+)`(?: in an event)? \|/gm)].map(([, word = '']) => word);
    assert.ok(rows.length >= 3, `${name} explains ${rows.length} reasons`);
    for (const word of rows) assert.ok(Object.hasOwn(driverReasons, word), `${name}: ${word}`);
  }
});
