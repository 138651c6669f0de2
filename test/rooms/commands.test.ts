/** Every command line of Larder in the documentation and in its own help is one that it takes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { larder } from '../../src/cli/larder.ts';
import { loadGroups } from '../../src/cli/lazy-groups.ts';
import type { Terminal } from '../../src/cli/output.ts';
import { examplesOf } from '../../src/cli/program.ts';
import { root } from './source.ts';

const terminal: Terminal = {
  out: () => undefined,
  err: () => undefined,
  interactive: false,
  columns: 80,
  env: {},
};

const loaded = await loadGroups(['help']);

/** The whole tree, with verbs that do nothing. */
function idle(): Command {
  const program = larder(terminal, loaded);
  const still = (command: Command): void => {
    if (command.commands.length === 0) command.action(() => undefined);
    for (const each of command.commands) still(each);
  };
  still(program);
  return program;
}

const pagesIn = (folder: string): readonly string[] =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const files = [...pagesIn('docs'), ...pagesIn('deploy/operator-repository'), 'README.md'];

/** Lines of code blocks that begin with the program, without redirections, pipes and comments. */
function commandsIn(text: string): readonly string[] {
  const blocks = [...text.matchAll(/^```[^\n]*\n([\s\S]*?)^```/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.replaceAll(/\\\n\s*/g, '').split('\n'))
    .map((line) => /^\s*(?:\$ )?(?:\.\/bin\/)?larder (?!:)(.*)$/.exec(line)?.[1] ?? '')
    .map(withoutShell)
    .filter((words) => /^[a-z]/.test(words) && !words.includes('…') && !words.includes('['));
}

/** Comments, pipes and redirections are the shell's. */
const withoutShell = (line: string): string =>
  line
    .replace(/\s+#.*$/, '')
    .replace(/\s+[|<>].*$/, '')
    .trim();

const words = (line: string): readonly string[] =>
  [...line.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(([whole, single, double]) => single ?? double ?? whole);

test('every command of Larder in the documentation and in its help is one that it takes', async (t) => {
  const found = files.flatMap((path) =>
    commandsIn(readFileSync(join(root, path), 'utf8')).map((line) => ({ path, line })),
  );
  t.diagnostic(`${found.length} commands in ${files.length} pages`);
  assert.ok(found.length >= 60, `only ${found.length} commands were found`);
  const wrong: string[] = [];
  for (const { path, line } of found) {
    try {
      await idle().parseAsync([...words(line)], { from: 'user' });
    } catch (failure) {
      wrong.push(`${path}: larder ${line}: ${failure instanceof Error ? failure.message : failure}`);
    }
  }
  assert.deepEqual(wrong, []);
});

function* verbsOf(command: Command): Generator<Command> {
  yield command;
  for (const each of command.commands) yield* verbsOf(each);
}

const nameOf = (command: Command): string =>
  command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;

test('every verb has an example in its help, which it takes', async (t) => {
  const verbs = [...verbsOf(larder(terminal, loaded))].filter(({ commands }) => commands.length === 0);
  t.diagnostic(`${verbs.length} verbs`);
  assert.ok(verbs.length > 90, `only ${verbs.length} verbs were found`);
  for (const verb of verbs) {
    const lines = examplesOf(verb);
    assert.ok(lines.length > 0, `${nameOf(verb)} has no example`);
    for (const line of lines) {
      assert.ok(line.startsWith(`${nameOf(verb)}`), `an example of ${nameOf(verb)} is about something else: ${line}`);
      await idle().parseAsync(words(withoutShell(line)).slice(1), { from: 'user' });
    }
  }
});

test('the help of every verb fits into 80 columns, words that are longer aside', () => {
  for (const verb of verbsOf(larder(terminal, loaded))) {
    let text = '';
    verb.configureOutput({
      writeOut: (part) => {
        text += part;
      },
      getOutHelpWidth: () => 80,
      getOutHasColors: () => false,
    });
    verb.outputHelp();
    const long = text.split('\n').filter((line) => line.length > 80 && /\S\s+\S/.test(line.replace(/ \\$/, '')));
    const longWords = /^\s*(?:larder [a-z ]+)?\S{38,}(?: \\)?$/;
    assert.deepEqual(
      long.filter((line) => !longWords.test(line)),
      [],
      nameOf(verb),
    );
  }
});
