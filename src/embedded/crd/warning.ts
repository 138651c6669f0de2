/** What is told of definitions and of their objects without refusing them. */
import { isObject, type Json, type JsonObject, textAt, textsAt } from '../json.ts';
import { isQualifiedName } from '../names.ts';
import { isFormat } from './format.ts';
import { schemaOf, versionsOf } from './version.ts';

/** Formats that nobody checks. */
export function formatWarnings(definition: JsonObject): readonly string[] {
  return versionsOf(definition).flatMap(({ value }) => [...unknownFormats(schemaOf(value))]);
}

function* unknownFormats(schema: Json): Generator<string> {
  if (Array.isArray(schema)) {
    for (const inner of schema) yield* unknownFormats(inner);
    return;
  }
  if (!isObject(schema)) return;
  const format = textAt(schema, 'format') ?? '';
  if (format !== '' && !isChecked(format, textAt(schema, 'type') ?? '')) {
    yield `unrecognized format ${JSON.stringify(format)}`;
  }
  for (const name of SCHEMAS) if (name in schema) yield* unknownFormats(schema[name] ?? null);
  for (const inner of Object.values(isObject(schema['properties']) ? schema['properties'] : {})) {
    yield* unknownFormats(inner);
  }
}

const SCHEMAS = ['items', 'additionalProperties', 'allOf', 'anyOf', 'oneOf', 'not'];

const NUMERIC: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

function isChecked(format: string, type: string): boolean {
  return type === '' || type === 'string' ? isFormat(format) : (NUMERIC[type]?.includes(format) ?? false);
}

const STANDARD = new Set(['orphan', 'foregroundDeletion', 'kubernetes']);

/** Names of finalizers that others could choose as well. */
export function finalizerWarnings(object: JsonObject, current: JsonObject | undefined): readonly string[] {
  const before = new Set(textsAt(current, 'metadata', 'finalizers'));
  const added = textsAt(object, 'metadata', 'finalizers').filter((name) => !before.has(name));
  return [...new Set(added)].sort().flatMap((name) => {
    const place = `metadata.finalizers: ${JSON.stringify(name)}:`;
    const wrong = isQualifiedName(name).map((text) => `${place} ${text}`);
    if (name.includes('/') || STANDARD.has(name)) return wrong;
    const path = name.includes('.') ? ' including a path (/)' : '';
    return [
      ...wrong,
      `${place} prefer a domain-qualified finalizer name${path} to avoid accidental conflicts with other finalizer writers`,
    ];
  });
}

/** What is said of a version that shall not be used any more; empty when it may be. */
export function deprecationWarning(definition: JsonObject, version: string, newer: (name: string) => boolean): string {
  const versions = versionsOf(definition);
  const own = versions.find(({ name }) => name === version)?.value;
  if (own?.['deprecated'] !== true) return '';
  const said = textAt(own, 'deprecationWarning');
  if (said !== undefined) return said;
  const [group, kind] = [textAt(definition, 'spec', 'group') ?? '', textAt(definition, 'spec', 'names', 'kind') ?? ''];
  const better = versions.find(({ name, served, value }) => served && value['deprecated'] !== true && newer(name));
  const instead = better ? `; use ${group}/${better.name} ${kind}` : '';
  return `${group}/${version} ${kind} is deprecated${instead}`;
}
