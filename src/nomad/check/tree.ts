import { isMap, isNode, isScalar, isSeq, LineCounter, parseAllDocuments } from 'yaml';
import { dig, fields, word } from './dig.ts';

/** A written tree, also one that somebody edited: modules with their manifests and Terraform. */
export interface WrittenTree {
  readonly modules: readonly WrittenModule[];
  /** Files that are no YAML, with the parser's words. */
  readonly broken: readonly { readonly file: string; readonly line: number; readonly message: string }[];
  /** All texts, by their path in the tree. */
  readonly files: ReadonlyMap<string, string>;
}

export interface WrittenModule {
  /** Name of its folder. */
  readonly name: string;
  /** `modules-k8s/web` */
  readonly folder: string;
  readonly manifests: readonly WrittenManifest[];
}

export interface WrittenManifest {
  readonly file: string;
  readonly kind: string;
  readonly apiVersion: string;
  readonly name: string;
  /** `default` where the manifest names none. */
  readonly namespace: string;
  readonly object: unknown;
  /** Line of a part of it, or of the nearest part above that is there. */
  readonly lineOf: (...path: readonly (string | number)[]) => number;
}

const MANIFEST = /^(?:(.*)\/)?manifests\/[^/]+\.ya?ml$/;

/** Reads a tree from its texts. Paths are relative to its root, with `/`. */
export function readTree(files: ReadonlyMap<string, string>): WrittenTree {
  const broken: { file: string; line: number; message: string }[] = [];
  const byFolder = new Map<string, WrittenManifest[]>();
  for (const [file, text] of [...files].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const folder = MANIFEST.exec(file)?.[1];
    if (folder === undefined) continue;
    const read = manifestsOf(file, text);
    broken.push(...read.broken);
    byFolder.set(folder, [...(byFolder.get(folder) ?? []), ...read.manifests]);
  }
  const modules = [...byFolder].map(([folder, manifests]) => ({
    name: folder.slice(folder.lastIndexOf('/') + 1),
    folder,
    manifests,
  }));
  return { modules, broken, files };
}

function manifestsOf(file: string, text: string): Pick<WrittenTree, 'broken'> & Pick<WrittenModule, 'manifests'> {
  const counter = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: counter });
  if (!Array.isArray(documents)) return { broken: [], manifests: [] };
  const manifests: WrittenManifest[] = [];
  for (const document of documents) {
    const [error] = document.errors;
    if (error) {
      const message = error.message.split('\n')[0] ?? error.message;
      return { broken: [{ file, line: counter.linePos(error.pos[0]).line, message }], manifests: [] };
    }
    const object: unknown = document.toJS();
    if (object === null || object === undefined) continue;
    const [spot, start] = [spotOf(document.contents), document.range?.[0] ?? 0];
    const lineOf = (...path: readonly (string | number)[]): number =>
      counter.linePos(offsetOf(spot, path) ?? start).line;
    manifests.push({ ...identity(object), file, object, lineOf });
  }
  return { broken: [], manifests };
}

function identity(object: unknown): Pick<WrittenManifest, 'kind' | 'apiVersion' | 'name' | 'namespace'> {
  const { kind, apiVersion, metadata } = fields(object);
  return {
    kind: word(kind),
    apiVersion: word(apiVersion),
    name: word(dig(metadata, 'name')),
    namespace: word(dig(metadata, 'namespace')) || 'default',
  };
}

/** Where a node stands, and what is in it: all that is kept of what was parsed, which would weigh many times as much. */
interface Spot {
  readonly start: number | undefined;
  readonly entries?: ReadonlyMap<unknown, { readonly key: number | undefined; readonly value: Spot | undefined }>;
  readonly items?: readonly (Spot | undefined)[];
}

function spotOf(node: unknown): Spot | undefined {
  if (!isNode(node)) return undefined;
  const start = node.range?.[0];
  if (isSeq(node)) return { start, items: node.items.map(spotOf) };
  if (!isMap(node)) return { start };
  const pairs = node.items.flatMap(({ key, value }) =>
    isScalar(key) ? [[key.value, { key: key.range?.[0], value: spotOf(value) }] as const] : [],
  );
  return { start, entries: new Map(pairs.toReversed()) }; // of a key that is there twice, the first
}

/** Of the key where there is one: that is what a person looks for. Undefined where the path leads nowhere. */
function offsetOf(spot: Spot | undefined, path: readonly (string | number)[]): number | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return spot?.start;
  if (spot?.entries) {
    const entry = spot.entries.get(key);
    return rest.length > 0 ? (offsetOf(entry?.value, rest) ?? entry?.key) : entry?.key;
  }
  const child = typeof key === 'number' ? spot?.items?.[key] : undefined;
  return offsetOf(child, rest) ?? (rest.length > 0 ? child?.start : undefined);
}
