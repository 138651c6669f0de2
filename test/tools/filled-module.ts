/**
 * A module as its release builds it: what a release makes and the module proxy does not have, such as the pages of a web
 * interface, is put into a copy of the module that the build then takes.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { lastLines, runChild } from './child.ts';

const LIMIT_MS = 10 * 60_000;

export interface Filling {
  readonly go: string;
  readonly module: string;
  /** Text by path in the module. */
  readonly files: Readonly<Record<string, string>>;
  /** With the go.mod that requires it. */
  readonly source: string;
  /** Where the copy is put. */
  readonly partial: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The flags with which the copy is built. */
export async function filledModule(
  filling: Filling,
): Promise<
  | { readonly kind: 'filled'; readonly flags: readonly string[] }
  | { readonly kind: 'unavailable'; readonly reason: string }
> {
  const { go, module, files, source, partial, env } = filling;
  const args = ['mod', 'download', '-json', module];
  const { code, output } = await runChild({ command: go, args, cwd: source, env, limitMs: LIMIT_MS });
  const folder = /"Dir": "([^"]+)"/.exec(output)?.[1];
  if (code !== 0 || folder === undefined)
    return { kind: 'unavailable', reason: `go mod download ${module} ended with ${code}: ${lastLines(output)}` };
  const copy = join(partial, 'module');
  cpSync(folder, copy, { recursive: true, filter: (path) => !/\/(node_modules|testdata)$/.test(path) });
  const { output: unlocked, code: opened } = await runChild({
    command: 'chmod',
    args: ['-R', 'u+w', copy], // the cache of modules is read-only
    cwd: partial,
    env,
    limitMs: LIMIT_MS,
  });
  if (opened !== 0) return { kind: 'unavailable', reason: `chmod ended with ${opened}: ${lastLines(unlocked)}` };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), text);
  }
  const mod = join(partial, 'go.mod');
  writeFileSync(mod, `${readFileSync(join(source, 'go.mod'), 'utf8')}\nreplace ${module} => ${copy}\n`);
  cpSync(join(source, 'go.sum'), join(partial, 'go.sum'));
  return { kind: 'filled', flags: [`-modfile=${mod}`] };
}
