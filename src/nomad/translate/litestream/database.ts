import type { ContainerDraft } from '../draft.ts';
import type { GroupScope } from '../scope.ts';
import { bare } from '../sourced.ts';

export interface Database {
  readonly path: string;
  /** Address of the replica, where no configuration names it. */
  readonly replica?: string;
}

export function isLitestreamImage({ image }: ContainerDraft): boolean {
  return /(?:^|\/)litestream(?:[:@]|$)/.test(bare(image));
}

function isLitestream(container: ContainerDraft): boolean {
  return isLitestreamImage(container) || /\blitestream\s/.test(runOf(container));
}

export function isReplicating(container: ContainerDraft): boolean {
  return isLitestream(container) && /(?:^|[\s;&|])replicate(?=\s|$)/.test(runOf(container));
}

/** A task that replicates too restores by itself (`replicate -restore-if-db-not-exists`) and is left to. */
export function isRestoring(container: ContainerDraft): boolean {
  return isLitestream(container) && !isReplicating(container) && /(?:^|[\s;&|])restore(?=\s|$)/.test(runOf(container));
}

function runOf({ command = [], args = [] }: ContainerDraft): string {
  return [...command, ...args].map(bare).join(' ');
}

/** `-config PATH`, as it was given. */
export function optionsOf(container: ContainerDraft): readonly string[] {
  const path = configPath(container);
  return path === undefined ? [] : ['-config', path];
}

function configPath(container: ContainerDraft): string | undefined {
  return /-config[ =]["']?([^\s"']+)/.exec(runOf(container))?.[1];
}

/** From the configuration that a template renders, else from the arguments of `replicate DATABASE REPLICA`. */
export function databasesOf(container: ContainerDraft, { module }: GroupScope): readonly Database[] {
  const path = configPath(container) ?? '/etc/litestream.yml';
  const files = container.files ?? [];
  const file =
    files.find((each) => each.path === path) ??
    files.find((each) =>
      container.mounts.some(
        ({ mountPath, subPath }) =>
          isMount(mountPath, path) && subPath !== undefined && bare(subPath) === bare(each.key),
      ),
    );
  const data = file?.from === 'config' ? module.config?.data : module.secrets?.templates;
  const text = file && data?.[bare(file.key)];
  if (text !== undefined) return inConfiguration(bare(text));
  const [, database, replica] =
    /(?:replicate|restore)\s+(?:-\S+\s+)*(\/\S+)\s+([a-z0-9]+:\/\/\S+)/.exec(runOf(container)) ?? [];
  return database !== undefined && replica !== undefined ? [{ path: database, replica }] : [];
}

function isMount(mountPath: Parameters<typeof bare<string>>[0], path: string): boolean {
  return bare(mountPath) === path;
}

/** A path is shorter. */
const LONGEST_LINE = 5000;

/** `path` of each entry of `dbs`; replicas have paths too, deeper. */
function inConfiguration(text: string): readonly Database[] {
  const [, after = ''] = /^dbs:[ \t]*\n([\s\S]*)/m.exec(text) ?? [];
  const databases: Database[] = [];
  let depth: number | undefined;
  for (const written of after.split('\n')) {
    const line = written.slice(0, LONGEST_LINE);
    const [, indent = '', dash, key = '', value = ''] =
      /^(\s*)(- +)?([\w-]+):[ \t]*["']?([^"'#\n]*?)["']?[ \t]*(?:#.*)?$/.exec(line) ?? [];
    if (key === '') continue;
    if (depth === undefined && dash !== undefined) depth = indent.length;
    if (dash === undefined && indent.length === 0) break;
    const at = indent.length + (dash?.length ?? 0);
    const isEntry =
      depth !== undefined && (dash === undefined ? at > depth && at <= depth + 4 : indent.length === depth);
    if (isEntry && key === 'path' && value.startsWith('/')) databases.push({ path: value });
  }
  return databases;
}
