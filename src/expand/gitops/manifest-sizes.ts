/**
 * Sizes of claims in manifests, and writing larger ones: the text of a manifest is changed at the very place of the value,
 * so that comments, order and style stay as somebody wrote them.
 */
import { type Document, isScalar, parseAllDocuments } from 'yaml';
import { bytesOf } from '../../kube/quantity.ts';

/** A size that a manifest asks for. */
export interface WrittenSize {
  /** As the live claims are called: the name of a claim, or of those of a StatefulSet's template. */
  readonly claims:
    | { readonly kind: 'name'; readonly name: string }
    | { readonly kind: 'template'; readonly prefix: string };
  /** Empty: the manifest names none. */
  readonly namespace: string;
  /** As it is written. */
  readonly text: string;
  readonly bytes: bigint;
  /** From 1. */
  readonly line: number;
  /** Where the value stands in the text, quotes included. */
  readonly range: readonly [start: number, end: number];
}

export interface ManifestText {
  readonly sizes: readonly WrittenSize[];
  /** Why parts of it were passed over. */
  readonly notes: readonly string[];
}

export interface LiveClaim {
  readonly namespace: string;
  readonly name: string;
  /** Quantity. */
  readonly request: string;
}

export interface Outgrown {
  readonly size: WrittenSize;
  /** The largest of the live claims that the manifest stands for. */
  readonly live: LiveClaim;
}

/** Templates of other tools are not YAML, and what they render into is theirs to say. */
const TEMPLATES = [
  ['{{', '}}'],
  ['<%', '%>'],
] as const;

/** Of the first opening the last closing is enough to know: a pattern would look for one from every opening. */
function isTemplate(text: string): boolean {
  return TEMPLATES.some(([open, close]) => {
    const at = text.indexOf(open);
    return at >= 0 && text.indexOf(close, at + open.length) >= 0;
  });
}

export function sizesIn(text: string): ManifestText {
  if (isTemplate(text)) {
    return {
      sizes: [],
      notes: ['is a template of another tool (Helm?): change the value that it takes the size from'],
    };
  }
  const sizes: WrittenSize[] = [];
  const notes: string[] = [];
  for (const document of parseAllDocuments(text)) {
    if (document.errors[0]) {
      notes.push(`cannot be read: ${document.errors[0].message.split('\n')[0]}`);
      continue;
    }
    sizes.push(...documentSizes(document, text));
  }
  return { sizes, notes };
}

type Path = readonly (string | number)[];

function documentSizes(document: Document, text: string): readonly WrittenSize[] {
  const count = (path: Path): number => {
    const items: unknown = document.getIn(path);
    return typeof items === 'object' && items !== null && 'items' in items && Array.isArray(items.items)
      ? items.items.length
      : 0;
  };
  const roots: readonly Path[] =
    document.get('kind') === 'List' ? Array.from({ length: count(['items']) }, (_, index) => ['items', index]) : [[]];
  return roots.flatMap((root): readonly WrittenSize[] => {
    const word = (...path: Path): string => String(document.getIn([...root, ...path]) ?? '');
    const namespace = word('metadata', 'namespace');
    const name = word('metadata', 'name');
    if (word('kind') === 'PersistentVolumeClaim') {
      return sizeAt(document, [...root, 'spec'], { text, namespace, claims: { kind: 'name', name } });
    }
    if (word('kind') !== 'StatefulSet') return [];
    return Array.from({ length: count([...root, 'spec', 'volumeClaimTemplates']) }, (_, index) => {
      const at: Path = [...root, 'spec', 'volumeClaimTemplates', index];
      const prefix = `${String(document.getIn([...at, 'metadata', 'name']) ?? '')}-${name}-`;
      return sizeAt(document, [...at, 'spec'], { text, namespace, claims: { kind: 'template', prefix } });
    }).flat();
  });
}

function sizeAt(
  document: Document,
  spec: Path,
  {
    text,
    namespace,
    claims,
  }: { readonly text: string; readonly namespace: string; readonly claims: WrittenSize['claims'] },
): readonly WrittenSize[] {
  const node: unknown = document.getIn([...spec, 'resources', 'requests', 'storage'], true);
  if (!isScalar(node) || !node.range) return [];
  const [start, end] = node.range;
  const written = text.slice(start, end);
  const bytes = bytesOf(String(node.value));
  // An alias or an anchor stands for other places as well.
  if (bytes === undefined || node.anchor !== undefined || !/^["']?[0-9][0-9A-Za-z.]*["']?$/.test(written)) return [];
  const line = text.slice(0, start).split('\n').length;
  return [{ claims, namespace, text: String(node.value), bytes, line, range: [start, end] }];
}

/** Sizes of a manifest that live claims have outgrown. `namespace`: where manifests without one are applied. */
export function outgrown(
  sizes: readonly WrittenSize[],
  live: readonly LiveClaim[],
  namespace: string,
): readonly Outgrown[] {
  return sizes.flatMap((size) => {
    const own = claimsOf(size, live, namespace);
    const largest = own.reduce<LiveClaim | undefined>(
      (most, claim) => ((bytesOf(claim.request) ?? 0n) > (bytesOf(most?.request) ?? 0n) ? claim : most),
      undefined,
    );
    return largest && (bytesOf(largest.request) ?? 0n) > size.bytes ? [{ size, live: largest }] : [];
  });
}

/** Sizes of a manifest that stand for no live claim: it is not applied yet, or it is for another cluster or namespace. */
export function unclaimed(
  sizes: readonly WrittenSize[],
  live: readonly LiveClaim[],
  namespace: string,
): readonly WrittenSize[] {
  return sizes.filter((size) => claimsOf(size, live, namespace).length === 0);
}

function claimsOf(size: WrittenSize, live: readonly LiveClaim[], namespace: string): readonly LiveClaim[] {
  return live.filter((claim) => claim.namespace === (size.namespace || namespace) && isMeant(size, claim));
}

function isMeant({ claims }: WrittenSize, { name }: LiveClaim): boolean {
  if (claims.kind === 'name') return claims.name === name;
  return name.startsWith(claims.prefix) && /^\d+$/.test(name.slice(claims.prefix.length));
}

/** The text with the sizes of the live claims, in the quotes that were there. Every other character stays. */
export function withSizes(text: string, found: readonly Outgrown[]): string {
  const ordered = found.toSorted((one, other) => other.size.range[0] - one.size.range[0]);
  return ordered.reduce((changed, { size, live }) => {
    const [start, end] = size.range;
    const quote = /^["']/.exec(changed.slice(start, end))?.[0] ?? '';
    return `${changed.slice(0, start)}${quote}${live.request}${quote}${changed.slice(end)}`;
  }, text);
}

/** For an Argo CD Application: sizes that Larder raised are no drift. */
export const ignoreDifferences = {
  ignoreDifferences: [
    { kind: 'PersistentVolumeClaim', jsonPointers: ['/spec/resources/requests/storage'] },
    {
      group: 'apps',
      kind: 'StatefulSet',
      jqPathExpressions: ['.spec.volumeClaimTemplates[].spec.resources.requests.storage'],
    },
  ],
  syncPolicy: { syncOptions: ['RespectIgnoreDifferences=true'] },
} as const;
