/** Where hostile processes swap what they can reach: a part of an export, beside directories that are none of theirs. */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Attackers, unmountBelow } from './attackers.ts';

export interface Scene {
  readonly root: string;
  /** In the export; whoever attacks may do there what it likes. */
  readonly arena: string;
  /** Beside the export. */
  readonly outside: string;
  /** Directories of other claims, in the export. */
  readonly innocent: string;
  readonly attackers: Attackers;
}

/** In memory where that can be had: the more rounds in a second, the more of them are hit at a bad moment. */
function fastFolder(): string {
  const memory = '/dev/shm';
  try {
    fs.accessSync(memory, fs.constants.W_OK);
    return memory;
  } catch {
    return tmpdir();
  }
}

/** Ends with the test. */
export function sceneOf(t: TestContext): Scene {
  const folder = fs.mkdtempSync(join(fastFolder(), 'larder-attack-'));
  const scene = { root: join(folder, 'export'), outside: join(folder, 'outside'), attackers: new Attackers() };
  const arena = join(scene.root, 'arena');
  const innocent = join(scene.root, 'innocent');
  t.after(async () => {
    await scene.attackers.end();
    unmountBelow(folder);
    execFileSync('rm', ['-rf', folder]);
  });
  for (const made of [scene.root, arena, join(arena, 'middle'), innocent]) fs.mkdirSync(made);
  // Names that the work below would create, move, empty or remove, if it got here.
  for (const inner of ['inner', 'deep', 'victim-0', 'victim-1', 'empty', 'deep/er']) {
    fs.mkdirSync(join(scene.outside, inner), { recursive: true, mode: 0o700 });
    fs.writeFileSync(join(scene.outside, inner, 'precious'), inner, { mode: 0o600 });
  }
  fs.mkdirSync(join(scene.outside, 'victim-2'), { mode: 0o700 });
  return { ...scene, arena, innocent };
}
