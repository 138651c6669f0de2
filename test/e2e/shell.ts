/** A real shell on a terminal of its own, which gets keys as a person presses them. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { TestContext } from 'node:test';
import { scripts } from '../../src/cli/completion/scripts.ts';
import { installDebian, libraryName } from '../tools/debian.ts';

const bin = resolve(import.meta.dirname, '../../bin');
const LIMIT_MS = 180_000;
const HOME_KEY = '\u0001';
/** `script` of util-linux gives a program a terminal. */
const missing = spawnSync('script', ['--version']).status === 0 ? false : 'util-linux has no `script` here';

export interface Shell {
  /** What the shell takes each line for after its keys: its words. `\t` is the Tab key. */
  wordsAfter(lines: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** Everything on the screen after these keys. */
  screenAfter(keys: string): Promise<string>;
}

interface Started {
  readonly command: string;
  readonly setup: string;
  readonly env?: Readonly<Record<string, string>>;
}

const ARGS = `args() { printf '<%s>' "$@"; echo; }`;

const started: Readonly<Record<'bash' | 'zsh', (script: string, debian: string) => Started>> = {
  bash: (script) => ({
    command: 'bash --norc --noprofile -i',
    setup: `bind 'set bell-style none'; bind 'set enable-bracketed-paste off'; bind 'set page-completions off'; ${ARGS}; source '${script}'`,
  }),
  /** An unpacked zsh looks for its modules where it would be installed. */
  zsh: (script, debian) => ({
    command: `'${debian}/usr/bin/zsh' -f -i`,
    setup: [
      `module_path=('${debian}'/usr/lib/${libraryName}/zsh/*)`,
      `fpath=('${debian}'/usr/share/zsh/functions/**/*(/N))`,
      `zmodload zsh/zle; setopt zle; unsetopt beep; bindkey -e; ${ARGS}; source '${script}'`,
    ].join('; '),
  }),
};

/** Skips the test where the shell cannot be had. */
export async function shellOf(
  t: TestContext,
  name: 'bash' | 'zsh',
  env: Readonly<Record<string, string>>,
): Promise<Shell | undefined> {
  const debian = name === 'bash' ? '' : await unpacked(t);
  if (missing !== false) t.skip(missing);
  if (missing !== false || debian === undefined) return undefined;
  const home = mkdtempSync(join(tmpdir(), 'larder-shell-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  const script = join(home, 'completion');
  writeFileSync(script, scripts[name]);
  const { command, setup } = started[name](script, debian);
  const whole = { HOME: home, PATH: `${bin}:${process.env['PATH']}`, TERM: 'dumb', LANG: 'C.UTF-8', PS1: '', ...env };
  const press = (keys: string): Promise<string> => run(command, [setup, keys], whole);
  return {
    screenAfter: async (keys) => press(`${keys}${HOME_KEY}: \necho 'the'' end'\n`),
    async wordsAfter(lines) {
      const shown = await press(`${lines.map((keys) => `${keys}${HOME_KEY}args \n`).join('')}echo 'the'' end'\n`);
      return shown
        .split(/\r?\n/)
        .filter((each) => each.startsWith('<larder>'))
        .map((each) => each.slice(1, -1).split('><'));
    },
  };
}

/** Where Debian's zsh and fish are. */
export async function unpacked(t: TestContext): Promise<string | undefined> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const provided = await installDebian({ env: process.env, say }, 'shells');
  if (provided.kind === 'ready') return provided.path;
  t.skip(provided.reason);
  return undefined;
}

/** Types each line when the shell has shown that it is ready for it; resolves at `the end`. */
function run(command: string, [setup = '', keys = '']: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qfec', command, '/dev/null'], {
      env,
      stdio: ['pipe', 'pipe', 'pipe'],
      timeout: LIMIT_MS,
    });
    let shown = '';
    let typed = false;
    child.stdin.on('error', () => undefined); // it may be gone already
    child.stdin.write(`${setup}; echo 'set'' up'\n`);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text;
      if (!typed && /^set up\r?$/m.test(shown)) {
        typed = true;
        shown = '';
        child.stdin.write(keys);
      } else if (typed && /^the end\r?$/m.test(shown)) child.stdin.end('exit\n');
    });
    child.on('error', reject);
    child.on('close', () => {
      if (/^the end\r?$/m.test(shown)) resolve(shown);
      else reject(new Error(`the shell ended before the keys did their work:\n${shown}`));
    });
  });
}
