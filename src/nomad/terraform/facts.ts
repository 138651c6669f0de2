import type { ConfigEntry } from '../consul/config-entry.ts';
import { readTerraformEntry } from '../consul/terraform-entry.ts';
import { evaluate } from '../hcl/evaluate.ts';
import { expand } from '../hcl/expand.ts';
import { call } from '../hcl/functions/call.ts';
import type { JobFiles } from '../hcl/functions/hcl-function.ts';
import type { Parse } from '../hcl/given.ts';
import { partOf, readSyntax } from '../hcl/read-hcl.ts';
import { newProgress, type Root, type Scope, type World } from '../hcl/scope.ts';
import { sourceOf } from '../hcl/source.ts';
import type { AttributeSyntax, BlockSyntax, Expression } from '../hcl/syntax.ts';
import { isMapping, objectValue, plainOf, stringValue, type Value } from '../hcl/value.ts';
import type { Attribute, Block } from '../source/node.ts';
import { plain } from '../source/node.ts';
import type { TerraformVolume } from '../translate/scope.ts';

/** What the Terraform of one folder says about jobs. Files of Terraform hold more; nothing is made of the rest. */
export interface TerraformFacts {
  readonly volumes: readonly TerraformVolume[];
  readonly jobs: readonly TerraformJob[];
  /** Config entries of Consul. */
  readonly consul: readonly ConfigEntry[];
}

/** `nomad_job` */
export interface TerraformJob {
  /** Of the jobspec, relative to the folder. */
  readonly path: string;
  /** Present where the jobspec is a template of Terraform: the values of its names. */
  readonly template?: ReadonlyMap<string, Value>;
  /** Values for the variables of the jobspec (`hcl2 { vars = {} }`). */
  readonly variables: readonly { readonly name: string; readonly value: string }[];
}

export interface FactsInput {
  readonly parse: Parse;
  readonly files: readonly { readonly file: string; readonly text: string }[];
  readonly filesOf: JobFiles;
}

/**
 * Reads without evaluating the whole: variables have their defaults, `path.module` is the folder, and what is only known
 * when Terraform runs stays as it is written.
 */
export function terraformFacts({ parse, files, filesOf }: FactsInput): TerraformFacts {
  const blocks = files.flatMap(({ file, text }) => {
    const source = sourceOf(file, text);
    const syntax = readSyntax(source, parse, []);
    return (syntax?.blocks ?? []).map((block) => ({ block, source }));
  });
  const names = namesOf(blocks.map(({ block }) => block));
  const resources = blocks.filter(({ block }) => block.type === 'resource' || block.type === 'data');
  const seen = resources.map(({ block, source }) => ({ block, scope: scopeOf({ source, names, filesOf }) }));
  return {
    volumes: seen.flatMap(({ block, scope }) => volumeOf(block, scope)),
    jobs: seen.flatMap(({ block, scope }) => jobOf(block, scope) ?? []),
    consul: seen.flatMap(({ block, scope }) => consulOf(block, scope) ?? []),
  };
}

interface Names {
  readonly variables: ReadonlyMap<string, Expression>;
  readonly locals: ReadonlyMap<string, Expression>;
}

function namesOf(blocks: readonly BlockSyntax[]): Names {
  const variables = blocks.flatMap(({ type, labels, body }): (readonly [string, Expression])[] => {
    const given = body.attributes.find(({ name }) => name === 'default');
    return type === 'variable' && labels[0] && given ? [[labels[0].text, given.value]] : [];
  });
  const locals = blocks
    .filter(({ type }) => type === 'locals')
    .flatMap(({ body }) => body.attributes.map(({ name, value }) => [name, value] as const));
  return { variables: new Map(variables), locals: new Map(locals) };
}

interface Place {
  readonly source: World['source'];
  readonly names: Names;
  readonly filesOf: JobFiles;
}

/** Locals that need each other in a circle end here. */
const DEEPEST = 20;

function scopeOf({ source, names, filesOf }: Place, depth = 0): Scope {
  const inner = (): Scope => scopeOf({ source, names, filesOf }, depth + 1);
  const rootOf = (expression: Expression | undefined): Root => {
    const value = expression && depth < DEEPEST ? evaluate(expression, inner()) : undefined;
    return value ? { kind: 'value', value, taken: 1 } : { kind: 'unknown' };
  };
  const world: World = {
    source,
    evaluate,
    report: () => undefined, // what Terraform alone can know is no mistake
    root: (name, first) => {
      const part = first && partOf(first);
      if (part === undefined) return { kind: 'unknown' };
      if (name === 'path') return { kind: 'value', value: stringValue('.'), taken: 1 };
      if (name === 'var') return rootOf(names.variables.get(part));
      return name === 'local' ? rootOf(names.locals.get(part)) : { kind: 'unknown' };
    },
    call: (name, values) => call(name, values, { files: filesOf }),
    unknownNames: 'kept',
    progress: newProgress(),
  };
  return { world, names: new Map() };
}

const VOLUMES = new Set(['nomad_csi_volume', 'nomad_csi_volume_registration', 'nomad_external_volume', 'nomad_volume']);

function volumeOf(block: BlockSyntax, scope: Scope): readonly TerraformVolume[] {
  const kind = block.labels[0]?.text ?? '';
  if (block.type !== 'resource' || !VOLUMES.has(kind)) return [];
  const { attributes, blocks } = expand(block.body, scope);
  const id = textOf(attributes, 'volume_id');
  if (id === undefined) return [];
  const { file, line } = scope.world.source.at(block);
  const size = textOf(attributes, 'capacity_min') ?? textOf(attributes, 'capacity_max');
  const externalId = textOf(attributes, 'external_id');
  const fsType = mountOption('fs_type', attributes, blocks).flatMap((node) => wordsOf(node))[0];
  const context = contextOf(attributes);
  const hasSecrets = [...attributes.map(({ name }) => name), ...blocks.map(({ type }) => type)].includes('secrets');
  return [
    {
      id,
      pluginId: textOf(attributes, 'plugin_id') ?? '',
      ...(size === undefined ? {} : { size }),
      ...(externalId === undefined ? {} : { externalId }),
      mountFlags: mountFlags(attributes, blocks),
      ...(fsType === undefined ? {} : { fsType }),
      ...(Object.keys(context).length === 0 ? {} : { context }),
      ...(hasSecrets ? { hasSecrets } : {}),
      file,
      line,
    },
  ];
}

function consulOf(block: BlockSyntax, scope: Scope): ConfigEntry | undefined {
  const type = block.labels[0]?.text ?? '';
  if (block.type !== 'resource' || !type.startsWith('consul_')) return undefined;
  return readTerraformEntry({ type, body: expand(block.body, scope), at: scope.world.source.at(block) });
}

/** Undefined also for a text in which something is left that only Terraform knows. */
function textOf(attributes: readonly Attribute[], name: string): string | undefined {
  const value = attributes.find((attribute) => attribute.name === name)?.value;
  if (value?.kind !== 'scalar' || value.value === null) return undefined;
  const text = String(value.value);
  return text.includes('${') ? undefined : text;
}

function mountFlags(attributes: readonly Attribute[], blocks: readonly Block[]): readonly string[] {
  return mountOption('mount_flags', attributes, blocks).flatMap((node) => {
    const value = plain(node);
    return typeof value === 'string' ? value.split(',') : wordsOf(node);
  });
}

/** In a block, or in a map as older versions of the provider had it. */
function mountOption(
  option: string,
  attributes: readonly Attribute[],
  blocks: readonly Block[],
): readonly Attribute['value'][] {
  const inside = blocks.filter(({ type }) => type === 'mount_options').flatMap((block) => block.attributes);
  const beside = attributes
    .filter(({ name }) => name === 'mount_options')
    .flatMap(({ value }) => (value.kind === 'map' ? value.entries : []));
  return [
    ...inside.filter(({ name }) => name === option).map(({ value }) => value),
    ...beside.filter(({ key }) => key === option).map(({ value }) => value),
  ];
}

/** Texts of a value that nothing of Terraform is left in. */
function wordsOf(node: Attribute['value']): readonly string[] {
  const value = plain(node);
  const words = Array.isArray(value) ? value.map(String) : typeof value === 'string' ? [value] : [];
  return words.filter((each) => !each.includes('${'));
}

function contextOf(attributes: readonly Attribute[]): Readonly<Record<string, string>> {
  const given = attributes.find(({ name }) => name === 'context')?.value;
  const entries = given?.kind === 'map' ? given.entries : [];
  return Object.fromEntries(entries.flatMap(({ key, value }) => wordsOf(value).map((word) => [key, word] as const)));
}

function jobOf(block: BlockSyntax, scope: Scope): TerraformJob | undefined {
  if (block.type !== 'resource' || block.labels[0]?.text !== 'nomad_job') return undefined;
  const jobspec = block.body.attributes.find(({ name }) => name === 'jobspec')?.value;
  if (jobspec?.kind !== 'call') return undefined;
  const [first, second] = jobspec.arguments;
  const path = first && evaluate(first, scope);
  if (path?.kind !== 'string' || path.value.includes('${')) return undefined;
  const variables = variablesOf(block, scope);
  if (jobspec.name === 'file') return { path: path.value, variables };
  if (jobspec.name !== 'templatefile' || second?.kind !== 'object') return undefined;
  const values = second.items.flatMap(({ key, value }): (readonly [string, Value])[] => {
    const name = key.kind === 'reference' ? key.name : plainOf(evaluate(key, scope) ?? stringValue(''));
    const found = evaluate(value, scope);
    return found && !isOpen(found) ? [[String(name), found]] : [];
  });
  return { path: path.value, template: new Map(values), variables };
}

/** Something in it is known when Terraform runs, and not before. */
function isOpen(value: Value): boolean {
  return JSON.stringify(plainOf(value)).includes('${');
}

function variablesOf(block: BlockSyntax, scope: Scope): TerraformJob['variables'] {
  const given = block.body.blocks
    .filter(({ type }) => type === 'hcl2')
    .flatMap(({ body }) => body.attributes.filter(({ name }: AttributeSyntax) => name === 'vars'));
  return given.flatMap(({ value }) => {
    const found = evaluate(value, scope);
    if (!found || !isMapping(found)) return [];
    return [...found.entries].flatMap(([name, each]) => {
      const text = plainOf(each);
      return text === null || typeof text === 'object' || isOpen(each) ? [] : [{ name, value: String(text) }];
    });
  });
}

export type Rendered =
  | { readonly kind: 'text'; readonly text: string }
  /** The names that nobody gave a value. */
  | { readonly kind: 'open'; readonly names: readonly string[] };

export interface Template {
  readonly file: string;
  readonly text: string;
  readonly values: ReadonlyMap<string, Value>;
}

/** A jobspec that Terraform fills in before Nomad sees it. Its text is that of a heredoc. */
export function renderTemplate(
  { file, text, values }: Template,
  { parse, filesOf }: Pick<FactsInput, 'parse' | 'filesOf'>,
): Rendered {
  const source = sourceOf(file, `template = <<LARDER_END_OF_TEMPLATE\n${text}\nLARDER_END_OF_TEMPLATE\n`);
  const written = readSyntax(source, parse, [])?.attributes[0]?.value;
  const missing = new Set<string>();
  const { world } = scopeOf({ source, names: { variables: new Map(), locals: new Map() }, filesOf });
  const root: World['root'] = (name) => {
    missing.add(name);
    return { kind: 'unknown' };
  };
  const scope: Scope = { world: { ...world, root }, names: new Map(objectValue(values).entries) };
  const rendered = written && evaluate(written, scope);
  if (rendered?.kind !== 'string' || missing.size > 0) return { kind: 'open', names: [...missing] };
  return { kind: 'text', text: rendered.value.replace(/\n$/, '') };
}
