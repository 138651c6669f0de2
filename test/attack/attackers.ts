/** Starts hostile processes in an export, and ends them by their own ids. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const ATTACKER = fileURLToPath(new URL('attacker.ts', import.meta.url));
const MOUNTING = 'while sleep 0.01; do for at in "$@"; do mount --bind "$0" "$at" && umount -l "$at"; done; done';

export class Attackers {
  readonly #processes: ChildProcess[] = [];
  /** By process. */
  readonly #swaps = new Map<ChildProcess, number>();

  /** Resolves when it has begun. */
  async start(mode: 'swap' | 'stay', arena: string, targets: readonly string[]): Promise<void> {
    const args = ['--disable-warning=ExperimentalWarning', ATTACKER, mode, arena, ...targets];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#processes.push(child);
    await new Promise<void>((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (line === 'attacking') resolve();
        else this.#swaps.set(child, Number(line));
      });
      child.once('exit', (code) => reject(new Error(`the attacker ended with ${code}`)));
    });
  }

  /** Mounts `source` over the places and takes it away again, all the time. */
  startMounting(source: string, places: readonly string[]): void {
    const child = spawn('sh', ['-c', MOUNTING, source, ...places], { stdio: 'ignore', detached: true });
    this.#processes.push(child);
  }

  /** True when none has ended by itself. */
  areAtWork(): boolean {
    return this.#processes.every(({ exitCode, signalCode }) => exitCode === null && signalCode === null);
  }

  /** How often something was put in the place of something else, by all of them, as far as they have told. */
  swaps(): number {
    return [...this.#swaps.values()].reduce((sum, each) => sum + each, 0);
  }

  async end(): Promise<void> {
    for (const child of this.#processes.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = new Promise((resolve) => child.once('exit', resolve));
      if (child.pid !== undefined && child.spawnargs[0] === 'sh') process.kill(-child.pid, 'SIGKILL'); // its mount(8) too
      child.kill('SIGKILL');
      await gone;
    }
  }
}

/** Takes away every mount below a folder, the last one first. */
export function unmountBelow(folder: string): void {
  for (;;) {
    const points = fs
      .readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' ')[1] ?? '');
    const last = points.findLast((point) => point.startsWith(`${folder}/`));
    if (last === undefined) return;
    execFileSync('umount', ['-l', last], { stdio: 'ignore' });
  }
}

/** Undefined when mount(8) works here, else why not. */
export function whyNoMounts(source: string, place: string): string | undefined {
  try {
    execFileSync('mount', ['--bind', source, place], { stdio: 'ignore' });
    execFileSync('umount', ['-l', place], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'mount(8) is not permitted here';
  }
}
