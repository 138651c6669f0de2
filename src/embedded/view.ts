/** The forms in which an object can be sent: as it is, as a row of a table, or its metadata alone. */
import { badRequest, notAcceptable, notPresentable, unfitForm } from './refusal.ts';

export type View =
  | { readonly kind: 'object' }
  | { readonly kind: 'table'; readonly version: 'v1' | 'v1beta1'; readonly include: 'None' | 'Metadata' | 'Object' }
  | { readonly kind: 'metadata'; readonly version: 'v1' | 'v1beta1' };

const ACCEPTED = ['application/json', 'application/yaml'];

/**
 * The form that the Accept header likes best of those that are served; other media types, such as protobuf, are passed
 * over.
 * @throws Refusal 406 when there is none.
 */
export function readView(accept: string | undefined, query: URLSearchParams): View {
  if (accept === undefined || accept.trim() === '') return { kind: 'object' };
  const ranges = rangesOf(accept);
  for (const range of ranges) {
    const view = viewOf(range, query);
    if (view) return view;
  }
  throw ranges.some(({ type }) => SERVED.includes(type)) ? notPresentable(ACCEPTED) : notAcceptable(ACCEPTED);
}

/** Whether the client likes YAML better than JSON. */
export function wantsYaml(accept: string | undefined): boolean {
  const [best] = rangesOf(accept ?? '').filter(({ type }) => SERVED.includes(type));
  return best?.type === YAML;
}

/** @throws Refusal 406 when the form is one of lists and a single object was asked for, or the other way round. */
export function checkForm(accept: string | undefined, kind: { readonly kind: string }, isList: boolean): void {
  const [best] = rangesOf(accept ?? '').filter(({ type }) => SERVED.includes(type));
  const as = best?.values.get('as') ?? '';
  if (isList && as === 'PartialObjectMetadata') {
    throw unfitForm(`you requested ${as}, but the requested object is a list (*core.${kind.kind}List)`);
  }
  if (!isList && as === 'PartialObjectMetadataList') {
    throw unfitForm(`you requested ${as}, but the requested object is not a list (*core.${kind.kind})`);
  }
}

const YAML = 'application/yaml';
const SERVED = ['application/json', YAML, '*/*'];

interface Range {
  readonly type: string;
  readonly values: ReadonlyMap<string, string>;
}

/** The best first; of equals the first. */
function rangesOf(accept: string): readonly Range[] {
  const ranges = accept.split(',').map((text): Range => {
    const [type = '', ...parameters] = text.split(';').map((part) => part.trim());
    return { type, values: new Map(parameters.map((parameter) => splitParameter(parameter))) };
  });
  const weight = ({ values }: Range): number => Number(values.get('q') ?? 1);
  return ranges.sort((left, right) => weight(right) - weight(left));
}

function viewOf({ type, values }: Range, query: URLSearchParams): View | undefined {
  if (!SERVED.includes(type)) return undefined;
  const as = values.get('as');
  if (as === undefined) return { kind: 'object' };
  const version = values.get('v');
  if (values.get('g') !== 'meta.k8s.io' || (version !== 'v1' && version !== 'v1beta1')) return undefined;
  if (as === 'Table') return { kind: 'table', version, include: includeOf(query.get('includeObject')) };
  return as === 'PartialObjectMetadata' || as === 'PartialObjectMetadataList'
    ? { kind: 'metadata', version }
    : undefined;
}

function splitParameter(parameter: string): readonly [name: string, value: string] {
  const [name = '', value = ''] = parameter.split('=');
  return [name, value];
}

/** @throws Refusal 400 */
function includeOf(text: string | null): 'None' | 'Metadata' | 'Object' {
  if (text === null || text === '' || text === 'Metadata') return 'Metadata';
  if (text === 'None' || text === 'Object') return text;
  const why = `Invalid value: ${JSON.stringify(text)}: must be 'Metadata', 'Object', 'None', or empty`;
  throw badRequest(`Unable to convert to Table as requested: includeObject: ${why}`);
}
