/** Where the playbooks are, and the program that plays them. */
import { accessSync, constants, existsSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { shippedFolder } from '../shipped-folder.ts';

/** Of an operators' repository. */
const OWN_FOLDER = 'automation/ansible';

export type AnsibleFolder =
  | { readonly kind: 'folder'; readonly path: string; readonly own: boolean }
  | { readonly kind: 'missing'; readonly reason: string };

/** The repository's own playbooks, else those that came with Larder. */
export function ansibleFolder(repository: string): AnsibleFolder {
  const own = join(repository, OWN_FOLDER);
  if (existsSync(join(own, 'playbooks'))) return { kind: 'folder', path: own, own: true };
  const path = shippedFolder('ansible');
  if (path !== undefined) return { kind: 'folder', path, own: false };
  const reason = `there are no playbooks: neither ${own} nor those that come with Larder are there; install Larder again`;
  return { kind: 'missing', reason };
}

export type AnsibleProgram =
  | { readonly kind: 'program'; readonly path: string }
  | { readonly kind: 'missing'; readonly reason: string };

/** Of the repository's own environment (`uv sync`), else on PATH. */
export function ansibleProgram(repository: string, env: NodeJS.ProcessEnv): AnsibleProgram {
  const folders = [join(repository, '.venv', 'bin'), ...(env['PATH'] ?? '').split(delimiter)];
  const path = folders
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, 'ansible-playbook'))
    .find(isProgram);
  if (path !== undefined) return { kind: 'program', path };
  const how = existsSync(join(repository, 'pyproject.toml'))
    ? `run \`uv sync\` in ${repository}`
    : "install it: `pip install 'ansible-core>=2.16'`, or `uv tool install ansible-core`";
  return { kind: 'missing', reason: `ansible-playbook is neither in ${repository}/.venv/bin nor on PATH: ${how}` };
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not for this user: the next folder is looked at
  }
}
