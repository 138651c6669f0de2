import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { withOperator } from '../operator/kubeconfig.ts';
import { contextNames, contextOf } from './kubeconfig.ts';
import { operatorAddress } from './reach.ts';

function folderOf(t: TestContext, files: Readonly<Record<string, string>>): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-kubeconfig-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return (name) => join(folder, name);
}

const of = (name: string, namespace: string, current = ''): string =>
  `clusters: [{name: ${name}, cluster: {server: "https://127.0.0.1:1"}}]
contexts: [{name: ${name}, context: {cluster: ${name}, namespace: ${namespace}}}]
current-context: "${current}"
`;

test('several files are one, as for kubectl: the first with a name or a current context counts, missing ones are passed over', (t) => {
  const at = folderOf(t, { a: of('home', 'one'), b: of('office', 'two', 'office'), c: of('home', 'three', 'home') });
  const env = { KUBECONFIG: ['missing', 'a', 'b', 'c'].map(at).join(':') };
  assert.deepEqual(contextNames({ env }), ['home', 'office']);
  assert.equal(contextOf({ env })?.name, 'office');
  assert.equal(contextOf({ env, context: 'home' })?.namespace, 'one');
  assert.equal(contextOf({ env: { KUBECONFIG: at('a') } }), undefined, 'no current context');
  assert.deepEqual(contextNames({ env: { KUBECONFIG: at('missing') } }), []);
});

test('a file that is named must be there and be one, and a context that is named must be in it', (t) => {
  const at = folderOf(t, { a: of('home', 'one', 'home'), empty: '', broken: 'a: [b', list: '- a\n' });
  const env = { KUBECONFIG: at('a') };
  const refused = (kubeconfig: string, message: RegExp): void =>
    assert.throws(() => contextOf({ env, kubeconfig: at(kubeconfig) }), { exitCode: 2, message });
  refused('missing', /missing cannot be read: ENOENT/);
  refused('broken', /broken is not a kubeconfig/);
  refused('list', /list is not a kubeconfig/);
  assert.equal(contextOf({ env, kubeconfig: at('empty') }), undefined);
  assert.throws(() => contextOf({ env, context: 'x' }), { exitCode: 2, message: /no context "x"; there are: home$/ });
});

test('an operator in the environment never answers for a context that was named', (t) => {
  const known = withOperator(of('home', 'one', 'home'), { url: 'http://127.0.0.1:7', token: 'k' });
  const at = folderOf(t, { known, other: of('office', 'two') });
  const env = {
    KUBECONFIG: `${at('known')}:${at('other')}`,
    LARDER_OPERATOR: 'http://elsewhere',
    LARDER_OPERATOR_TOKEN: 'e',
  };
  assert.equal(operatorAddress({ env }).url, 'http://elsewhere');
  assert.equal(operatorAddress({ env, context: 'home' }).url, 'http://127.0.0.1:7');
  assert.throws(() => operatorAddress({ env, context: 'office' }), { exitCode: 2, message: /context "office"/ });
  assert.equal(operatorAddress({ env, context: 'office', operator: 'http://named' }).url, 'http://named');
});
