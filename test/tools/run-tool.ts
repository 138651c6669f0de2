/** Runs a pinned real tool to its end, with a HOME of its own: what the user has there is neither read nor written. */
import { type ChildResult, runChild } from './child.ts';
import { install, installAll, type ToolName } from './install.ts';

const LIMIT_MS = 2 * 60_000;

export interface RunToolOptions {
  /** Its HOME and working folder. */
  readonly home: string;
  readonly env?: NodeJS.ProcessEnv;
}

/** Why a test that uses these tools cannot run here; false when it can. What can be built is built. */
export async function lacking(...names: readonly ToolName[]): Promise<string | false> {
  for (const provided of (await installAll(names, { env: process.env, say })).values()) {
    if (provided.kind === 'unavailable') return provided.reason;
  }
  return false;
}

export async function pathOf(name: ToolName): Promise<string> {
  const provided = await install(name, { env: process.env, say });
  if (provided.kind === 'unavailable') throw new Error(provided.reason);
  return provided.path;
}

export async function runTool(
  name: ToolName,
  args: readonly string[],
  { home, env = {} }: RunToolOptions,
): Promise<ChildResult> {
  return runChild({
    command: await pathOf(name),
    args,
    cwd: home,
    env: { HOME: home, PATH: process.env['PATH'], LANG: 'C.UTF-8', ...env },
    limitMs: LIMIT_MS,
  });
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
