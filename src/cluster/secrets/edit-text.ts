/** A text in the editor of a person. */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { messageOf } from '../../kube/error.ts';
import type { PrivateFolder } from './private-folder.ts';

export type Edited =
  | { readonly kind: 'edited'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string };

export interface Editing {
  /** Only its name is used: editors choose colours by it. */
  readonly file: string;
  readonly text: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** SOPS_EDITOR, VISUAL, EDITOR, else vi. It gets the terminal, and leaves no core behind. */
export function editText(folder: PrivateFolder, { file, text, env }: Editing): Promise<Edited> {
  const path = join(folder.path, basename(file));
  writeFileSync(path, text, { mode: 0o600 });
  const editor = env['SOPS_EDITOR'] || env['VISUAL'] || env['EDITOR'] || 'vi';
  return new Promise((resolve) => {
    const script = `ulimit -c 0; exec ${editor} "$1"`;
    const child = spawn('/bin/sh', ['-c', script, 'edit', path], { env: { ...env }, stdio: 'inherit' });
    child.on('error', (cause) => resolve({ kind: 'failed', why: `${editor} cannot be started: ${cause.message}` }));
    child.on('close', (code) =>
      resolve(code === 0 ? readBack(path) : { kind: 'failed', why: `${editor} ended with ${code}` }),
    );
  });
}

function readBack(path: string): Edited {
  try {
    return { kind: 'edited', text: readFileSync(path, 'utf8') };
  } catch (cause) {
    return { kind: 'failed', why: `what was edited cannot be read: ${messageOf(cause)}` };
  }
}
