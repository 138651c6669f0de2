/** The forms in which an object can be sent: as it is, as a row of a table, or its metadata alone. */
import { notAcceptable } from './refusal.ts';

export type View =
  | { readonly kind: 'object' }
  | { readonly kind: 'table'; readonly version: 'v1' | 'v1beta1'; readonly include: 'None' | 'Metadata' | 'Object' }
  | { readonly kind: 'metadata'; readonly version: 'v1' | 'v1beta1' };

const ACCEPTED = ['application/json', 'application/json;stream=watch', 'application/yaml'];

/**
 * The first form in the Accept header that is served; other media types, such as protobuf, are passed over.
 * @throws Refusal 406 when there is none.
 */
export function readView(accept: string | undefined, query: URLSearchParams): View {
  if (accept === undefined || accept.trim() === '') return { kind: 'object' };
  for (const range of accept.split(',')) {
    const view = viewOf(range, query);
    if (view) return view;
  }
  throw notAcceptable(ACCEPTED);
}

function viewOf(range: string, query: URLSearchParams): View | undefined {
  const [type = '', ...parameters] = range.split(';').map((part) => part.trim());
  if (!['application/json', 'application/*', '*/*'].includes(type)) return undefined;
  const values = new Map(parameters.map((parameter) => splitParameter(parameter)));
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

function includeOf(text: string | null): 'None' | 'Metadata' | 'Object' {
  return text === 'None' || text === 'Object' ? text : 'Metadata';
}
