/** Every command line of Larder in the documentation and in its own help is one that it takes. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Command } from 'commander';
import { larder } from '../../src/cli/larder.ts';
import { loadGroups } from '../../src/cli/lazy-groups.ts';
import type { Terminal } from '../../src/cli/output.ts';
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
    .map((words) =>
      words
        .replace(/\s+#.*$/, '')
        .replace(/\s+[|<>].*$/, '')
        .trim(),
    )
    .filter((words) => /^[a-z]/.test(words) && !words.includes('…') && !words.includes('['));
}

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
