import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { unrecorded } from './changes.ts';
import { larder } from './larder.ts';
import { lazyGroups } from './lazy-groups.ts';
import { lazyVerb } from './lazy-verbs.ts';
import type { Terminal } from './output.ts';
import { rootCommand } from './program.ts';

const terminal: Terminal = { out: () => undefined, err: () => undefined, interactive: false, columns: 80, env: {} };

/** The help of a verb and of all below it, and what each takes. */
function told(command: Command): readonly string[] {
  const flags = command.options.map((option) => `${option.flags} ${JSON.stringify(option.defaultValue)}`);
  return [command.helpInformation(), ...flags, ...command.commands.flatMap(told)];
}

test('each verb of the root that is no group can be loaded alone, and is what it is in the whole tree', async () => {
  const groups = new Set(lazyGroups.map(({ name }) => name));
  const verbs = larder(terminal, new Map()).commands.filter((each) => !groups.has(each.name()));
  assert.ok(verbs.length >= 19, `only ${verbs.length} verbs were found`);
  for (const verb of verbs) {
    const program = rootCommand(terminal);
    const add = await lazyVerb(verb.name());
    add?.(program, { terminal, changes: unrecorded });
    const alone = program.commands.find((each) => each.name() === verb.name());
    assert.deepEqual(alone && told(alone), told(verb), verb.name());
  }
});

test('no other word is a verb, nor the beginning of one', async () => {
  for (const word of ['', 'nomad', 'help', 'complete', 'versio', 'volumes list', '--version', 'toString'])
    assert.equal(await lazyVerb(word), undefined, word);
});
