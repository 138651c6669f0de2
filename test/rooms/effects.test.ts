/** Each command says what it does to the world, and those that change it tell the ledger first. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { larder } from '../../src/cli/larder.ts';
import { loadGroups } from '../../src/cli/lazy-groups.ts';
import { readSources, root } from './source.ts';

type Effect =
  /** Asks, computes, prints. */
  | 'reads'
  /** Writes one answer into a file that somebody names and nothing is made from. */
  | 'answers'
  /** Runs until it is stopped; what is done through it is recorded where it is done. */
  | 'serves'
  /** Changes nothing but the ledger: records what it saw or was told, where one is set. */
  | 'records'
  /** Writes records itself. */
  | 'ledger'
  /** Changes the cluster, directories, or files that are applied: recorded where a ledger is set. */
  | 'changes';

/** One row per command; a new one has to say what it does. */
const effects: Readonly<Record<string, Effect>> = {
  up: 'serves',
  operator: 'serves',
  'volumes list': 'reads',
  'volumes usage': 'reads',
  'volumes show': 'reads',
  'volumes audit': 'reads',
  'volumes undelete': 'changes',
  'volumes clean': 'changes',
  'volumes restore': 'changes',
  'volumes adopt': 'changes',
  'volumes sync-mount-options': 'changes',
  takeover: 'changes',
  explain: 'reads',
  grow: 'changes',
  pause: 'changes',
  resume: 'changes',
  approve: 'changes',
  gitops: 'changes',
  import: 'reads',
  recommend: 'reads',
  record: 'answers',
  simulate: 'answers',
  'statefulset reconcile': 'changes',
  'nomad assess': 'reads',
  'nomad convert': 'changes',
  'nomad check': 'reads',
  'nomad explain': 'reads',
  'nomad core': 'changes',
  'nomad rightsize': 'changes',
  'cluster init': 'changes',
  'cluster import': 'reads',
  'cluster inventory': 'reads',
  'cluster render': 'changes',
  'cluster validate': 'reads',
  'cluster preflight': 'reads',
  'cluster plan': 'reads',
  'cluster bootstrap': 'changes',
  'cluster rebuild': 'changes',
  'cluster upgrade': 'changes',
  'cluster resume': 'changes',
  'cluster runs list': 'reads',
  'cluster runs show': 'reads',
  'cluster runs abandon': 'changes',
  'cluster schema': 'reads',
  'cluster secrets init': 'changes',
  'cluster secrets edit': 'changes',
  'cluster secrets set': 'changes',
  'cluster secrets show': 'reads',
  'cluster secrets rotate': 'changes',
  'cluster secrets rotate-token': 'changes',
  'cluster secrets status': 'reads',
  'cluster secrets check': 'reads',
  'cluster image': 'changes',
  'cluster access init': 'changes',
  'cluster access deploy': 'changes',
  'cluster access issue': 'changes',
  'cluster access revoke': 'changes',
  'cluster access status': 'reads',
  'cluster drift': 'records',
  'cluster drill status': 'reads',
  'cluster drill failover': 'changes',
  'cluster drill quorum': 'changes',
  'cluster drill restore': 'changes',
  'cluster drill rebuild': 'changes',
  'cluster drill alert': 'changes',
  'cluster alerts list': 'reads',
  'cluster alerts ack': 'records',
  'cluster alerts routes': 'records',
  'cluster alerts test': 'records',
  'cluster alerts receive': 'records',
  doctor: 'reads',
  'config show': 'reads',
  completion: 'reads',
  version: 'reads',
};

/** Rooms whose commands are about the ledger. */
const ledgerGroups = ['ledger', 'change'];

const nothing = (): void => undefined;
const terminal = { out: nothing, err: nothing, interactive: false, columns: 80, env: {} };

function leaves(
  command: Command,
  words: readonly string[] = [],
): readonly { readonly name: string; readonly command: Command }[] {
  if (command.commands.length === 0) return [{ name: words.join(' '), command }];
  return command.commands.flatMap((each) => leaves(each, [...words, each.name()]));
}

const effectOf = (name: string): Effect | undefined =>
  ledgerGroups.includes(name.split(' ')[0] ?? '') ? 'ledger' : effects[name];

test('every command has an effect, and every change can be recorded', async (t) => {
  const commands = leaves(larder(terminal, await loadGroups(['help'])));
  t.diagnostic(`${commands.length} commands`);
  assert.ok(commands.length >= Object.keys(effects).length, 'a row is about a command that is not there');
  const undeclared = commands.filter(({ name }) => effectOf(name) === undefined);
  assert.deepEqual(
    undeclared.map(({ name }) => name),
    [],
  );
  for (const { name, command } of commands) {
    const flags = command.options.map(({ long }) => long);
    const recorded = flags.includes('--ledger') && flags.includes('--ledger-key');
    assert.equal(recorded, ['changes', 'serves', 'records'].includes(effectOf(name) ?? ''), name);
  }
});

/** How a file of the command line changes something. */
const deeds: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'writes a file',
    pattern: /\b(?:writeFileSync|replaceManifest|writeOutput|renameSync|rmSync|mkdirSync|makeFolder)\(/,
  },
  {
    what: 'writes to the cluster',
    pattern: /\bclient\.(?:create|patch|update|delete|replace)\(|\bremoveAlone\(|\brecreate\(/,
  },
];

/** Files that do so and tell nobody, with the reason. */
const silent: Readonly<Record<string, string>> = {
  'cli/make-folder': 'a step of those that call it',
  'cli/manifest-files': 'a step of those that call it',
  'cli/nomad/write-output': 'a step of nomad convert, which tells',
  'cli/simulate': 'a page of answers',
  'cli/record': 'a recording of what was measured',
};

test('every file of the command line that changes something tells before it does', (t) => {
  const files = readSources('src/cli/**/*.ts').filter(
    ({ name, test: isTest }) => !isTest && !/^cli\/(ledger|change)\//.test(name),
  );
  const doing = files.filter(({ lines }) => deeds.some(({ pattern }) => lines.some((line) => pattern.test(line))));
  t.diagnostic(`${doing.length} of ${files.length} files change something`);
  assert.ok(doing.length >= 6, 'changes are not seen');
  const tells = (name: string): boolean => /changes\.begin\(/.test(readFileSync(join(root, `src/${name}.ts`), 'utf8'));
  assert.deepEqual(
    doing.map(({ name }) => name).filter((name) => !tells(name) && !(name in silent)),
    [],
  );
  assert.deepEqual(
    Object.keys(silent).filter((name) => !doing.some((each) => each.name === name) && name !== 'cli/record'),
    [],
  );
});
