import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Command } from 'commander';
import { larder } from '../larder.ts';
import { loadGroups } from '../lazy-groups.ts';
import type { Live } from './live.ts';
import { nameOf } from './position.ts';
import { suggest } from './suggest.ts';

const nothing = (): void => undefined;
const program = larder(
  { out: nothing, err: nothing, interactive: false, columns: 80, env: {} },
  await loadGroups(['help']),
);

/** Knows `NAME-1` and `NAME-2` for whatever is asked, and which flags stood before. */
const live: Live = {
  sourceFor({ of, values }) {
    if (!['claim', 'namespace'].includes(nameOf(of))) return undefined;
    const before = [...values].map(([name, value]) => `${name}=${value}`).join(' ');
    return async () => [1, 2].map((number) => ({ value: `${nameOf(of)}-${number}`, note: before }));
  },
};
const noLive: Live = { sourceFor: () => undefined };

const valuesFor = async (line: string): Promise<string> =>
  (await suggest(program, line.split(' '), live)).values.map(({ value }) => value).join(' ');

function* verbs(command: Command, words: readonly string[] = []): Generator<[Command, readonly string[]]> {
  yield [command, words];
  for (const each of command.commands) yield* verbs(each, [...words, each.name()]);
}

test('every verb and every flag of the tree is offered where it can stand', async (t) => {
  const all = [...verbs(program)];
  t.diagnostic(`${all.length} commands`);
  assert.ok(all.length > 100, `only ${all.length} commands were seen`);
  for (const [command, words] of all) {
    const { values: flags } = await suggest(program, [...words, '-'], noLive);
    for (const option of command.createHelp().visibleOptions(command)) {
      assert.ok(
        flags.some(({ value }) => value === option.long),
        `${words.join(' ')} ${option.long}`,
      );
    }
    if (command.commands.length === 0) continue;
    const { values } = await suggest(program, [...words, ''], noLive);
    for (const verb of command.commands) {
      const offered = values.find(({ value }) => value === verb.name());
      assert.equal(offered?.note, verb.description(), `${words.join(' ')} ${verb.name()}`);
    }
  }
});

test('every value that the help lists is offered', async () => {
  for (const [command, words] of verbs(program)) {
    for (const option of command.options.filter(({ argChoices }) => argChoices !== undefined)) {
      for (const line of [[option.long ?? '', ''], [`${option.long}=`]]) {
        const { values } = await suggest(program, [...words, ...line], noLive);
        assert.deepEqual(
          values.map(({ value }) => value),
          option.argChoices,
          [...words, ...line].join(' '),
        );
      }
    }
  }
});

test('what is typed narrows it, and a flag that stands there is not offered again', async () => {
  assert.equal(await valuesFor('vol'), 'volumes');
  assert.equal(await valuesFor('volumes l'), 'list');
  assert.equal(await valuesFor('help vol'), 'volumes');
  assert.equal(await valuesFor('volumes list --ou'), '--output');
  assert.equal(await valuesFor('volumes list -o json --ou'), '');
  assert.equal(await valuesFor('volumes list --out=json --o'), '--output --operator');
  assert.equal(await valuesFor('nonsense '), '');
});

test('values come from the cluster that the line names', async () => {
  assert.equal(await valuesFor('explain '), 'claim-1 claim-2');
  assert.equal(await valuesFor('explain claim-2'), 'claim-2');
  assert.equal(await valuesFor('volumes list -n '), 'namespace-1 namespace-2');
  assert.equal(await valuesFor('-n namespace-1 volumes sh'), 'show');
  assert.equal(await valuesFor('-n '), 'namespace-1 namespace-2');
  const joined = await suggest(program, ['volumes', 'list', '--namespace=namespace-'], live);
  assert.deepEqual([joined.before, joined.values.length], ['--namespace=', 2]);
  const short = await suggest(program, ['volumes', 'list', '-nn'], live);
  assert.deepEqual([short.before, short.values.length], ['-n', 2]);
  const known = await suggest(program, ['--context', 'home', 'explain', '-n', 'media', ''], live);
  assert.equal(known.values[0]?.note, 'context=home namespace=media');
});

test('where a path belongs the shell looks for it, after the last argument there are flags, after -- none', async () => {
  const pathsFor = async (...words: string[]) => (await suggest(program, words, noLive)).paths;
  assert.equal(await pathsFor('simulate', ''), 'files');
  assert.equal(await pathsFor('volumes', 'list', '--kubeconfig', ''), 'files');
  assert.equal(await pathsFor('up', '--data='), 'folders');
  assert.equal(await pathsFor('nomad', 'assess', 'a', ''), 'files');
  assert.equal(await pathsFor('volumes', ''), 'none');
  assert.match(await valuesFor('explain a/b '), /--namespace/);
  assert.equal(await valuesFor('explain a/b x'), '');
  assert.equal(await valuesFor('explain -- --na'), '');
});
