import type { Diagnostic } from '../source/diagnostic.ts';
import type { Attribute, Block, Body, Entry, Label, Node } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import { convert } from './convert.ts';
import type { Field, Free, Item, Pair, Read, Written } from './field.ts';
import { nomadVersion } from './nomad-version.ts';
import type { BlockSpec, FieldSpec, MapSpec, Schema } from './schema/spec.ts';

/** What reading leaves besides the typed value. */
export interface Reading {
  readonly diagnostics: Diagnostic[];
  /** Everything that was written, in source order as far as the schema allows: what the report must account for. */
  readonly items: Item[];
  /** Of `items`: what no schema knows. The report says so, and nothing is made of it. */
  readonly unknown: Item[];
  /** Of `items`: `x = null`, which is as if it were not there. */
  readonly absent: Item[];
}

export function emptyReading(): Reading {
  return { diagnostics: [], items: [], unknown: [], absent: [] };
}

interface Source {
  readonly path: string;
  readonly at: Position;
  readonly body: Body;
  readonly labels: readonly Label[];
}

/**
 * Reads a body by a schema into a typed value. What a schema does not know is kept as an item and told as a warning:
 * inputs come from many versions of Nomad, and a line is never lost because it is old or new.
 */
export function read<S extends Schema>(schema: S, source: Source, reading: Reading): Read<S> {
  const counted = source.labels.length > 0 || (source.body.attributes.length === 0 && source.body.blocks.length === 0);
  const item = { path: source.path, at: source.at, counted, item: { path: source.path, at: source.at } };
  if (counted) reading.items.push(item);
  const value: Record<string, unknown> = { ...item };
  const [label] = source.labels;
  if (label) value['label'] = label;
  for (const [name, spec] of Object.entries(schema)) {
    value[name] = readOne({ name, spec, source }, reading);
  }
  reportUnknown(schema, source, reading);
  return trusted(schema, value);
}

interface Reader<S> {
  readonly name: string;
  readonly spec: S;
  readonly source: Source;
}

function readOne({ name, spec, source }: Reader<Schema[string]>, reading: Reading): unknown {
  switch (spec.is) {
    case 'field':
      return readField({ name, spec, source }, reading);
    case 'block':
      return readBlocks({ name, spec, source }, reading);
    case 'entries':
    case 'lists':
      return readMap({ name, spec, source }, reading);
    case 'free':
      return bodiesOf(name, source).map(({ path, at, body }): Free => ({ path, at, body }))[0];
    default:
      return spec satisfies never;
  }
}

function readField({ name, spec, source }: Reader<FieldSpec>, reading: Reading): Field<unknown> | undefined {
  const attribute = source.body.attributes.find((each) => each.name === name);
  const fallback = spec.fallback === undefined ? undefined : { written: false as const, value: spec.fallback };
  if (!attribute) return fallback;
  const item = { path: `${source.path}.${name}`, at: attribute.at };
  reading.items.push(item);
  if (attribute.value.kind === 'scalar' && attribute.value.value === null) {
    reading.absent.push(item);
    return fallback;
  }
  const converted = convert(attribute.value, spec.kind);
  if (converted.kind === 'refused') {
    refuse(reading, attribute.at, `${name} is ${converted.found}; it takes ${converted.accepted}`);
    reading.unknown.push(item);
    return fallback;
  }
  return { ...item, written: true, value: converted.value, node: attribute.value };
}

function readBlocks({ name, spec, source }: Reader<BlockSpec>, reading: Reading): unknown {
  const labelled = spec.many === 'labelled';
  const all = bodiesOf(name, source, labelled);
  const sources = all.filter(({ labels }) => !labelled || labels.length > 0);
  for (const { at } of all.filter((each) => !sources.includes(each))) {
    refuse(reading, at, `${name} needs a name: ${name} "NAME" {`);
  }
  const read = sources.map((each) => readBlock(spec, each, reading));
  if (spec.many !== 'one') return read;
  for (const { at } of sources.slice(1)) refuse(reading, at, `${name} stands twice here; it may stand once`);
  return read[0];
}

function readBlock(spec: BlockSpec, source: Source, reading: Reading): unknown {
  return read(spec.schema(), source, reading);
}

function readMap({ name, spec, source }: Reader<MapSpec>, reading: Reading): unknown {
  return bodiesOf(name, source).flatMap((each) =>
    each.body.attributes.flatMap((attribute): readonly (Pair | (Written<readonly string[]> & { key: string }))[] => {
      const item = { path: `${each.path}.${attribute.name}`, at: attribute.at };
      reading.items.push(item);
      if (attribute.value.kind === 'scalar' && attribute.value.value === null) {
        reading.absent.push(item);
        return [];
      }
      const kind = spec.is === 'lists' ? 'texts' : 'text';
      const converted = convert(attribute.value, kind);
      if (converted.kind === 'refused') {
        refuse(
          reading,
          attribute.at,
          `${attribute.name} in ${name} is ${converted.found}; it takes ${converted.accepted}`,
        );
        reading.unknown.push(item);
        return [];
      }
      const written = { ...item, written: true as const, node: attribute.value, key: attribute.name };
      if (Array.isArray(converted.value)) return [{ ...written, value: converted.value.map(String) }];
      return [{ ...written, value: String(converted.value) }];
    }),
  );
}

/** All blocks of a name: as blocks, as `name = {}` and as `name = [{}, {}]`, which Nomad has always taken for each other. */
export function bodiesOf(
  name: string,
  { path, body }: Pick<Source, 'path' | 'body'>,
  labelled = false,
): readonly Source[] {
  const blocks = body.blocks.filter(({ type }) => type === name);
  const written = body.attributes.filter((attribute) => attribute.name === name);
  const found = [...blocks.map(sourceOf), ...written.flatMap((attribute) => mapsOf(attribute, labelled))];
  const labels = new Map<string, number>();
  return found.map((each) => {
    const of = [name, ...each.labels.map(({ text }) => text)].join('.');
    const before = labels.get(of) ?? 0;
    labels.set(of, before + 1);
    return { ...each, path: `${path}.${of}${before === 0 ? '' : `[${before}]`}` };
  });
}

type Unplaced = Omit<Source, 'path'>;

function sourceOf({ labels, at, attributes, blocks }: Block): Unplaced {
  return { labels, at, body: { attributes, blocks } };
}

function mapsOf({ value, at }: Attribute, labelled: boolean): readonly Unplaced[] {
  if (value.kind === 'list')
    return value.items.flatMap((item) => mapsOf({ name: '', value: item, at: item.at }, labelled));
  if (value.kind !== 'map') return [];
  if (!labelled) return [{ labels: [], at, body: bodyOf(value.entries) }];
  return value.entries.flatMap(({ key, value: inner, at: keyAt }) =>
    mapsOf({ name: key, value: inner, at: keyAt }, false).map((each) => ({
      ...each,
      labels: [{ text: key, at: keyAt }],
    })),
  );
}

/** A map read as the content of a block. */
function bodyOf(entries: readonly Entry[]): Body {
  return { attributes: entries.map(({ key, value, at }) => ({ name: key, value, at })), blocks: [] };
}

function reportUnknown(schema: Schema, source: Source, reading: Reading): void {
  const accepted = Object.keys(schema).join(', ');
  const tell = (kind: 'attribute' | 'block', name: string, at: Position, node?: Node): void => {
    const item = { path: `${source.path}.${name}`, at };
    reading.items.push(item);
    reading.unknown.push(item);
    const shown = node?.kind === 'map' ? 'block' : kind;
    reading.diagnostics.push({
      severity: 'warning',
      code: 'LARDER_NOMAD_JOBSPEC',
      message: `Nomad ${nomadVersion} knows no ${shown} ${name} here; it is reported and nothing is made of it. Known: ${accepted}`,
      at,
    });
  };
  for (const { name, at, value } of source.body.attributes)
    if (!takes(schema, name, value)) tell('attribute', name, at, value);
  for (const { type, at } of source.body.blocks) if (!takes(schema, type)) tell('block', type, at);
}

/** A block where an attribute belongs, or a scalar where a block does, is as unknown as a wrong name. */
function takes(schema: Schema, name: string, value?: Node): boolean {
  const spec = Object.hasOwn(schema, name) ? schema[name] : undefined;
  if (!spec) return false;
  if (spec.is === 'field') return value !== undefined;
  return value === undefined || value.kind !== 'scalar' || value.value === null;
}

function refuse(reading: Reading, at: Position, message: string): void {
  reading.diagnostics.push({ severity: 'error', code: 'LARDER_NOMAD_JOBSPEC', message, at });
}

/** The one place where a schema and what was read by it are taken to fit: `read` makes each key as its spec says. */
function trusted<S extends Schema>(schema: S, value: object): Read<S> {
  if (!fits(schema, value)) throw new TypeError('a block was read without a position');
  return value;
}

function fits<S extends Schema>(_schema: S, value: object): value is Read<S> {
  return 'path' in value && 'at' in value;
}
