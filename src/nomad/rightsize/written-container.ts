/** Requests and limits of containers in manifests, and where they stand in the text. */
import { type Document, isMap, isScalar, isSeq, parseAllDocuments } from 'yaml';

export interface WrittenContainer {
  readonly kind: string;
  readonly namespace: string;
  readonly workload: string;
  readonly name: string;
  /** From 1. */
  readonly line: number;
  readonly amounts: readonly WrittenAmount[];
}

export interface WrittenAmount {
  readonly of: 'requests' | 'limits';
  readonly resource: 'cpu' | 'memory';
  readonly text: string;
  readonly line: number;
  /** Where the value stands, quotes included. */
  readonly range: readonly [start: number, end: number];
}

const templates: Readonly<Record<string, readonly string[]>> = {
  Deployment: ['spec', 'template', 'spec'],
  StatefulSet: ['spec', 'template', 'spec'],
  DaemonSet: ['spec', 'template', 'spec'],
  Job: ['spec', 'template', 'spec'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/** Containers of all workloads of a text; a text that is no YAML has none. */
export function containersIn(text: string): readonly WrittenContainer[] {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return [];
  return documents.flatMap((document) => workloadContainers(document, text));
}

function workloadContainers(document: Document, text: string): readonly WrittenContainer[] {
  const word = (...path: readonly string[]): string => String(document.getIn(path) ?? '');
  const kind = word('kind');
  const path = Object.hasOwn(templates, kind) ? templates[kind] : undefined;
  if (!path) return [];
  return ['initContainers', 'containers'].flatMap((key) => {
    const list = document.getIn([...path, key], true);
    if (!isSeq(list)) return [];
    return list.items.flatMap((container): readonly WrittenContainer[] => {
      if (!isMap(container)) return [];
      const own = {
        kind,
        namespace: word('metadata', 'namespace') || 'default',
        workload: word('metadata', 'name'),
        name: String(container.get('name') ?? ''),
        line: lineAt(text, container.range?.[0] ?? 0),
      };
      const read = (of: WrittenAmount['of'], resource: WrittenAmount['resource']): readonly WrittenAmount[] =>
        amountAt(container.getIn(['resources', of, resource], true), { of, resource, text });
      const amounts = [
        ...[...read('requests', 'cpu'), ...read('requests', 'memory')],
        ...[...read('limits', 'cpu'), ...read('limits', 'memory')],
      ];
      return [{ ...own, amounts }];
    });
  });
}

function amountAt(
  node: unknown,
  { of, resource, text }: Pick<WrittenAmount, 'of' | 'resource' | 'text'>,
): readonly WrittenAmount[] {
  // an alias or an anchor stands for other places as well
  if (!isScalar(node) || !node.range || node.anchor !== undefined) return [];
  const [start, end] = node.range;
  if (!/^["']?[0-9][0-9A-Za-z.]*["']?$/.test(text.slice(start, end))) return [];
  return [{ of, resource, text: String(node.value), line: lineAt(text, start), range: [start, end] }];
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

export interface Splice {
  readonly range: readonly [start: number, end: number];
  readonly value: string;
}

/** The text with other values, in the quotes that were there. Every other character stays. */
export function spliced(text: string, splices: readonly Splice[]): string {
  const ordered = splices.toSorted((one, other) => other.range[0] - one.range[0]);
  return ordered.reduce((changed, { range: [start, end], value }) => {
    const quote = /^["']/.exec(changed.slice(start, end))?.[0] ?? '';
    return `${changed.slice(0, start)}${quote}${value}${quote}${changed.slice(end)}`;
  }, text);
}
