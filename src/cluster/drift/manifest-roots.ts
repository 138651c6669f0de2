/** Where manifests lie below the folders of the repository: kustomizations, charts and files by themselves. */
import { posix } from 'node:path';
import { parse } from 'yaml';
import { listAt } from '../change/manifest.ts';
import type { Tree } from '../change/tree.ts';
import { blind, type Looked, nothing, together } from './finding.ts';

/** Of the operators' repository. Other places count when a change that was applied names them. */
const FOLDERS = ['cluster/base', 'cluster/apps', 'cluster/policies'] as const;

export interface Roots {
  /** Folders that kustomize renders; those that others are made of are left out. */
  readonly kustomizations: readonly string[];
  /** Folders of charts: what they become is known only with their values. */
  readonly charts: readonly string[];
  readonly files: readonly string[];
  readonly looked: Looked;
}

interface Found {
  readonly kustomizations: string[];
  readonly charts: string[];
  readonly files: string[];
  readonly looked: Looked[];
}

export async function manifestRoots(tree: Tree): Promise<Roots> {
  const found: Found = { kustomizations: [], charts: [], files: [], looked: [] };
  const present: string[] = [];
  for (const folder of FOLDERS) {
    if ((await tree.kindOf(folder)) === 'folder') present.push(folder);
  }
  for (const folder of present) await walk(folder, tree, found);
  if (present.length === 0)
    found.looked.push({ ...nothing, notes: [`there is no ${FOLDERS.join(', ')} ${tree.name}`] });
  const parts = await usedParts(found.kustomizations, tree);
  return {
    kustomizations: found.kustomizations.filter((folder) => !parts.has(folder)),
    charts: found.charts,
    files: found.files,
    looked: together(found.looked),
  };
}

const KUSTOMIZATION = /^(?:kustomization\.ya?ml|Kustomization)$/;

async function walk(folder: string, tree: Tree, into: Found): Promise<void> {
  const entries = await tree.entries(folder);
  if (entries.some(({ name }) => name === 'Chart.yaml')) {
    into.charts.push(folder);
    return;
  }
  const isKustomization = entries.some(({ name }) => KUSTOMIZATION.test(name));
  if (isKustomization) into.kustomizations.push(folder);
  for (const { name, kind } of entries) {
    const path = `${folder}/${name}`;
    // What lies below a kustomization is part of it, or another one.
    if (kind === 'folder') await (isKustomization ? findNested(path, tree, into) : walk(path, tree, into));
    else if (isKustomization || !/\.(?:ya?ml|json)$/.test(name)) continue;
    else if (kind === 'file') into.files.push(path);
    else into.looked.push(blind('manifest', path, 'is a symbolic link or no file; name what it points to in a change'));
  }
}

async function findNested(folder: string, tree: Tree, into: Found): Promise<void> {
  const entries = await tree.entries(folder);
  if (entries.some(({ name }) => KUSTOMIZATION.test(name))) into.kustomizations.push(folder);
  for (const { name, kind } of entries) if (kind === 'folder') await findNested(`${folder}/${name}`, tree, into);
}

/** Folders that kustomizations are made of. */
async function usedParts(folders: readonly string[], tree: Tree): Promise<ReadonlySet<string>> {
  const parts = await Promise.all(folders.map((folder) => partsOf(folder, tree)));
  return new Set(parts.flat());
}

async function partsOf(folder: string, tree: Tree): Promise<readonly string[]> {
  const file = (await tree.entries(folder)).find(({ name }) => KUSTOMIZATION.test(name))?.name ?? '';
  const content = parsed(await tree.text(`${folder}/${file}`));
  return ['resources', 'bases', 'components'].flatMap((field) =>
    listAt(content, field).flatMap((part) =>
      typeof part === 'string' ? [posix.join(folder, part).replace(/\/$/, '')] : [],
    ),
  );
}

function parsed(text: string): unknown {
  try {
    return parse(text);
  } catch {
    return undefined; // kustomize itself says what is wrong with it
  }
}
