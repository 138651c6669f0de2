/**
 * A kernel that has project quotas: this one, or else User-Mode Linux, an ordinary program that boots in seconds on the
 * files of this machine and runs a test file once more inside. Nothing that it mounts is seen outside.
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runInUml } from '../storage/uml.ts';

export type FileSystem = 'xfs' | 'ext4';

/** XFS is not made smaller than 300 MiB. */
const MAKE: Readonly<Record<FileSystem, { readonly size: string; readonly command: readonly string[] }>> = {
  xfs: { size: '320M', command: ['mkfs.xfs', '-q', '-f'] },
  ext4: { size: '64M', command: ['mkfs.ext4', '-q', '-F', '-O', 'quota,project', '-E', 'quotatype=prjquota'] },
};

export interface Mounted {
  readonly kind: 'mounted';
  readonly root: string;
}

/** A new filesystem with project quotas, or another option; or why this kernel or user cannot. */
export function mountNew(
  t: TestContext,
  fileSystem: FileSystem,
  option = 'prjquota',
): Mounted | { readonly kind: 'skip'; readonly reason: string } {
  const folder = fs.mkdtempSync(join(tmpdir(), 'larder-quota-'));
  const [image, root] = [join(folder, 'image'), join(folder, 'root')];
  const run = (program: string, ...args: readonly string[]): string =>
    execFileSync(program, args, { stdio: 'pipe', encoding: 'utf8', env: { ...process.env, PATH: searchPath() } });
  fs.chmodSync(folder, 0o755); // others than root shall write there
  let mounted = false;
  t.after(() => {
    if (mounted) run('umount', '--lazy', root);
    fs.rmSync(folder, { recursive: true, force: true });
  });
  try {
    fs.mkdirSync(root);
    fs.closeSync(fs.openSync(image, 'w'));
    run('truncate', '-s', MAKE[fileSystem].size, image);
    const [program = '', ...args] = MAKE[fileSystem].command;
    run(program, ...args, image);
    run('mount', '-o', `loop,${option}`, image, root);
  } catch (cause) {
    return {
      kind: 'skip',
      reason: `this kernel or user cannot mount ${fileSystem} with ${option}: ${firstLine(cause)}`,
    };
  }
  mounted = true;
  fs.chmodSync(root, 0o755);
  return { kind: 'mounted', root };
}

const searchPath = (): string => `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;

const firstLine = (cause: unknown): string =>
  String(cause instanceof Error ? cause.message : cause)
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 2)
    .join(' ');

/** Set for the test file that runs inside. */
export const isInside = process.env['LARDER_INSIDE_UML'] === '1';

export type Inside =
  | { readonly kind: 'ran'; readonly passed: number; readonly failed: number; readonly output: string }
  | { readonly kind: 'skip'; readonly reason: string };

/** Runs the test file in User-Mode Linux (see quota-inside.ts). */
export async function runInside(t: TestContext): Promise<Inside> {
  const told = await runInUml(t, { program: fileURLToPath(new URL('quota-inside.ts', import.meta.url)), disks: 0 });
  if (typeof told === 'string') return { kind: 'skip', reason: told };
  const output = told.map(String).join('\n');
  const count = (word: string): number => Number(new RegExp(`^# ${word} (\\d+)$`, 'm').exec(output)?.[1] ?? '-1');
  return { kind: 'ran', passed: count('pass'), failed: count('fail'), output };
}
