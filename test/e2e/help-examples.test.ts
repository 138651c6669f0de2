/** What the help of each reading verb gives as an example is typed as it stands, on a running Larder. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Command } from 'commander';
import { larder as commands } from '../../src/cli/larder.ts';
import { loadGroups } from '../../src/cli/lazy-groups.ts';
import { run } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/output.ts';
import { examplesOf } from '../../src/cli/program.ts';
import { applyClaim, bound, clientOf } from './claims.ts';
import { type Larder, startLarder, temporaryFolder } from './larder.ts';

const removals: (() => void)[] = [];
let larder: Larder | undefined;

before(async () => {
  larder = await startLarder(temporaryFolder((remove) => removals.push(remove)));
  process.chdir(temporaryFolder((remove) => removals.push(remove))); // some examples write files
});
after(async () => {
  process.chdir(import.meta.dirname);
  larder?.kill('SIGTERM');
  await larder?.exited;
  for (const remove of removals) remove();
});

function terminalOf(env: Readonly<Record<string, string>>) {
  const said = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      said.out += text;
    },
    err: (text) => {
      said.err += text;
    },
    interactive: false,
    columns: 80,
    env,
  };
  return { terminal, said };
}

/** Verbs that ask the operator and cannot record a change, because they make none. */
function* readers(command: Command): Generator<Command> {
  const flags = command.options.map(({ long }) => long);
  const asks = flags.includes('--operator') && flags.includes('--kubeconfig');
  if (asks && !flags.includes('--ledger')) yield command;
  for (const each of command.commands) yield* readers(each);
}

/** Examples that need more than a claim, with the reason. */
const apart: Readonly<Record<string, string>> = {
  '--contexts': 'names clusters that the reader has',
  '--prices': 'a file that the reader has',
  '>': 'writes a file',
};

test('each example of a verb that reads runs as it stands', async (t) => {
  assert.ok(larder);
  const client = await clientOf(larder);
  for (const name of ['myapp-data', 'uploads']) await applyClaim(client, { name, size: '20Mi' });
  for (const name of ['myapp-data', 'uploads']) await bound(client, 'default', name);
  const { terminal: idle } = terminalOf({});
  const verbs = [...readers(commands(idle, await loadGroups(['help'])))];
  const lines = verbs.flatMap((verb) => [...examplesOf(verb)]);
  const typed = lines.filter((line) => !Object.keys(apart).some((word) => line.includes(word)));
  t.diagnostic(`${typed.length} of ${lines.length} examples of ${verbs.length} verbs`);
  assert.ok(typed.length >= 10, `only ${typed.length} examples`);
  for (const line of typed) {
    const { terminal, said } = terminalOf({ KUBECONFIG: larder.kubeconfig });
    const code = await run(line.split(' ').slice(1), terminal);
    assert.ok(code === 0 || code === 1, `${line}: ${said.err}`);
    assert.doesNotMatch(said.err, /internal failure|cannot tell/, line);
    assert.notEqual(said.out + said.err, '', `${line} says nothing`);
  }
});
