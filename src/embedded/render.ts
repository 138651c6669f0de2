/** Objects and lists of them as JSON text, in the view that was asked for. */
import type { Json, JsonObject } from './json.ts';
import { groupVersion, type Kind } from './kind.ts';
import { metadataOf } from './metadata.ts';
import { presented } from './present.ts';
import type { Stored } from './stored.ts';
import type { View } from './view.ts';

export interface ListMeta {
  readonly resourceVersion: string;
  readonly continue?: string;
  readonly remainingItemCount?: number;
}

export interface Rendering {
  readonly kind: Kind;
  readonly view: View;
  /** For ages. */
  readonly nowMs: number;
}

export function renderObject(rendering: Rendering, found: Stored): string {
  const { kind, view } = rendering;
  const stored = presented(kind, found);
  switch (view.kind) {
    case 'object':
      return stored.text;
    case 'table': {
      const meta = { resourceVersion: String(stored.revision) };
      return renderTable(rendering, [stored], meta, { header: true });
    }
    case 'metadata':
      return JSON.stringify(partial(view.version, stored));
    default:
      return JSON.stringify([kind.kind, view satisfies never]);
  }
}

export function renderList(rendering: Rendering, found: readonly Stored[], meta: ListMeta): string {
  const { kind, view } = rendering;
  const shown = kind.custom ? found.map((stored) => presented(kind, stored)) : found;
  switch (view.kind) {
    case 'object': {
      if (kind.custom) return customList(kind, kind.custom.listKind, { items: shown, meta });
      const head = `{"kind":"${kind.kind}List","apiVersion":"${groupVersion(kind)}","metadata":${JSON.stringify(meta)}`;
      const skip = itemPrefix(kind).length;
      // items of a list carry no kind and apiVersion
      return `${head},"items":[${shown.map(({ text }) => `{${text.slice(skip)}`).join(',')}]}`;
    }
    case 'table':
      return renderTable(rendering, shown, meta, { header: true });
    case 'metadata': {
      const apiVersion = `meta.k8s.io/${view.version}`;
      const list = shown.map((stored) => partial(view.version, stored));
      const items = list.length === 0 ? null : list; // as Go writes a list that nobody made
      return JSON.stringify({ kind: 'PartialObjectMetadataList', apiVersion, metadata: { ...meta }, items });
    }
    default:
      return view satisfies never;
  }
}

/** Items of kinds that are defined keep their kind and version. */
function customList(
  kind: Kind,
  listKind: string,
  { items, meta }: { readonly items: readonly Stored[]; readonly meta: ListMeta },
): string {
  const head = `{"apiVersion":"${groupVersion(kind)}","items":[${items.map(({ text }) => text).join(',')}]`;
  return `${head},"kind":"${listKind}","metadata":${JSON.stringify({ continue: '', ...meta })}}`;
}

/** What the text of every object of the kind begins with. */
function itemPrefix(kind: Kind): string {
  return `{"kind":"${kind.kind}","apiVersion":"${groupVersion(kind)}",`;
}

/** `header`: whether the columns are described; in a watch only the first table does. */
export function renderTable(
  { kind, view, nowMs }: Rendering,
  items: readonly Stored[],
  meta: ListMeta,
  { header }: { readonly header: boolean },
): string {
  const version = view.kind === 'table' ? view.version : 'v1';
  const columnDefinitions = kind.columns.map(({ name, type = 'string', format = '', priority = 0, description }) => ({
    name,
    type,
    format,
    description,
    priority,
  }));
  return JSON.stringify({
    kind: 'Table',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: { ...meta },
    columnDefinitions: header ? columnDefinitions : null,
    rows: items.map((stored) => ({
      cells: kind.columns.map(({ cell }) => cell(stored.object, nowMs)),
      ...included(view, stored),
    })),
  });
}

function included(view: View, stored: Stored): { readonly object: Json } {
  if (view.kind !== 'table' || view.include === 'None') return { object: null };
  return { object: view.include === 'Object' ? stored.object : partial(view.version, stored) };
}

function partial(version: string, stored: Stored): JsonObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: `meta.k8s.io/${version}`,
    metadata: metadataOf(stored.object),
  };
}
