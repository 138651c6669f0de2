import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import test from 'node:test';
import { parse } from '@cdktn/hcl2json';
import type { JobFiles } from '../hcl/functions/hcl-function.ts';
import { type HclInput, readHcl } from '../hcl/read-hcl.ts';
import { openGrammar } from '../hcl/tree.ts';
import { load } from '../jobspec/load.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Body } from '../source/node.ts';
import { settled, valuesOf } from './job-values.fixture.ts';
import { readJson } from './read-json.ts';

/**
 * Each job in HCL, as Nomad's own parser writes it for the API (`.run.json`), and with everything that a server adds
 * (`.inspect.json`); and in JSON by HCL's own parser.
 */
const folder = new URL('../../../test/fixtures/nomad/pairs/', import.meta.url);
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.nomad.hcl'))
  .map((name) => name.replace(/\.nomad\.hcl$/, ''));
const noFiles: JobFiles = { read: () => ({ kind: 'missing' }), below: () => ({ kind: 'files', paths: [] }) };
const grammar = await openGrammar();

const inputOf = (file: string): HclInput => ({
  grammar,
  file,
  text: readFileSync(new URL(file, folder), 'utf8'),
  files: noFiles,
});

interface Outcome {
  readonly job: unknown;
  readonly told: readonly string[];
}

const jobOf = (file: string, body: Body, diagnostics: readonly Diagnostic[]): Outcome => {
  assert.deepEqual(diagnostics, [], file);
  const loaded = load(file, body);
  return { job: loaded.job && valuesOf(settled(loaded.job)), told: loaded.diagnostics.map(({ message }) => message) };
};

test('there are pairs of every kind of job', () => {
  assert.ok(names.length >= 20, `${names.length}`);
});

for (const name of names) {
  test(`${name} is the same job in HCL, in JSON, for the API and as a server prints it`, async () => {
    const input = inputOf(`${name}.nomad.hcl`);
    const { body, diagnostics } = readHcl(input);
    const written = jobOf(name, body, diagnostics);
    // A plugin is the one job here that nothing is made of.
    assert.equal(written.told.length, name === 'plugin' ? 1 : 0);
    for (const kind of ['run', 'inspect']) {
      const file = `${name}.${kind}.json`;
      const json = readJson(inputOf(file));
      assert.equal(json.form, 'api');
      assert.deepEqual(jobOf(file, json.body, json.diagnostics), written, file);
    }
    const text = JSON.stringify(await parse(name, input.text));
    const json = readJson({ ...input, text });
    assert.equal(json.form, 'hcl');
    assert.deepEqual(jobOf(name, json.body, json.diagnostics), written);
  });
}
