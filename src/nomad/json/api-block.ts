import type { Source } from '../hcl/source.ts';
import { convert } from '../jobspec/convert.ts';
import type { FieldSpec, Schema, Spec } from '../jobspec/schema/spec.ts';
import type { Attribute, Block, Body, Label, Node } from '../source/node.ts';
import { defaultsOf, FILLED, SERVER_SIDE, ZERO_COUNTS } from './defaults.ts';
import type { ObjectNode } from './form.ts';
import { type Around, inheritedBy, MERGED } from './inherited.ts';
import { memberOf, textOf } from './member.ts';
import { nodeFrom } from './node.ts';
import type { JsonNode, Member, Span } from './parse.ts';

export interface Place extends Around {
  readonly source: Source;
  /** By a server, which fills in every default; what a person wrote stays, default or not. */
  readonly printed: boolean;
  /** `service`, `batch`, …: defaults depend on it. */
  readonly jobType: string;
  /** The name of the block in a jobspec. */
  readonly block: string;
  /** Whether what is inherited is said once more. */
  readonly explicit?: true;
  /** The member that became its label. */
  readonly label?: string;
}

/** Members with more than one name, by the block they stand in. */
const ALIASES: ReadonlyMap<string, string> = new Map([
  ['expose.Path', 'Paths'],
  ['proxy.ExposeConfig', 'Expose'],
  ['task.Identity', 'Identities'],
]);
/** Static ports have a list of their own in the API. */
const BLOCK_NAMES: ReadonlyMap<string, string> = new Map([['reserved_ports', 'port']]);
/** Which member is the label; where it is not the name. */
const LABELS: Readonly<Record<string, string>> = { port: 'Label', target: 'Value', scaling: 'Type' };
const LABEL_TEXTS: ReadonlyMap<string, string> = new Map([
  ['vertical_cpu', 'cpu'],
  ['vertical_mem', 'mem'],
]);
/** What the server adds to run a mesh: the block `connect` says the same. */
const INJECTED_TASK = /^connect-(?:proxy|ingress|terminating|mesh):/;
const INJECTED_PORT = /^connect-(?:proxy|ingress|terminating|mesh)-/;
/** Written by Nomad itself, whatever the job says. */
const NOMADS_OWN: ReadonlyMap<string, RegExp> = new Map([
  ['identity.name', /^consul-service_/],
  ['scaling.type', /^horizontal$/],
  ['task.kind', /^connect-native:/],
]);

/** An object of the API as the content of its block. */
export function apiContent(schema: Schema, object: ObjectNode, place: Place): Body {
  const names = new Map(Object.entries(schema).map(([name, { api }]) => [api.toLowerCase(), name]));
  const ignored = new Set([...(SERVER_SIDE[place.block] ?? []), place.label ?? ''].map((name) => name.toLowerCase()));
  const attributes: Attribute[] = [];
  const blocks: Block[] = [];
  for (const member of object.members) {
    const key = (ALIASES.get(`${place.block}.${member.key}`) ?? member.key).toLowerCase();
    const name = names.get(key);
    const spec = name === undefined ? undefined : schema[name];
    if (isNothing(member.value, spec, place) || ignored.has(key)) continue;
    if (name === undefined || !spec) attributes.push(attributeOf(member.key, member, place.source));
    else if (spec.is === 'field') attributes.push(...fieldOf({ name, spec, member, object }, place));
    else blocksOf({ name: BLOCK_NAMES.get(name) ?? name, spec, member }, place, { attributes, blocks });
  }
  return { attributes, blocks };
}

/** Null, and what is empty; but an empty object may be a block that needs no content. */
function isNothing(value: JsonNode, spec: Spec | undefined, { printed }: Place): boolean {
  if (value.kind === 'array') return value.items.length === 0;
  if (value.kind === 'object')
    return value.members.length === 0 && spec?.is !== 'block' && (printed || spec?.is !== 'free');
  return value.kind === 'scalar' && value.value === null;
}

function attributeOf(name: string, member: Member, source: Source): Attribute {
  return { name, value: nodeFrom(member.value, source), at: source.at(member) };
}

interface FieldMember {
  readonly name: string;
  readonly spec: FieldSpec;
  readonly member: Member;
  readonly object: ObjectNode;
}

function fieldOf(field: FieldMember, place: Place): readonly Attribute[] {
  const attribute = attributeOf(field.name, field.member, place.source);
  return saysNothing(field, attribute.value, place) ? [] : [attribute];
}

function saysNothing(field: FieldMember, value: Node, place: Place): boolean {
  const { name, member, object } = field;
  const lists = ALL_OF.get(`${place.block}.${name}`);
  if (value.kind === 'list') return place.printed && lists === JSON.stringify(value.items.map(scalarIn));
  if (value.kind !== 'scalar') return false;
  if (value.value === '' || isGoZero(field, value)) return true;
  if (NOMADS_OWN.get(`${place.block}.${name}`)?.test(String(value.value))) return true;
  if (!place.printed) return false;
  const inherited = inheritedBy(place.block, object, place);
  const isDefault = equalsDefault(value, field, place);
  if (!Object.hasOwn(inherited, member.key)) return isDefault;
  // A block that is not as a whole what it inherits says each of its members.
  return value.value === inherited[member.key] && (isDefault || !place.explicit);
}

/** Go writes zero where nothing was written, except where zero is worth something else than nothing. */
function isGoZero({ name, spec }: FieldMember, value: Node): boolean {
  const converted = convert(value, spec.kind);
  if (converted.kind === 'refused' || (converted.value !== 0 && converted.value !== false)) return false;
  return spec.fallback === undefined ? !ZERO_COUNTS.has(name) : spec.fallback === converted.value;
}

function equalsDefault(value: Node, { spec, member }: FieldMember, { block, jobType }: Place): boolean {
  const defaults = defaultsOf(block, jobType);
  if (Object.hasOwn(defaults, member.key)) return scalarIn(value) === defaults[member.key];
  const converted = convert(value, spec.kind);
  return converted.kind === 'value' && spec.fallback !== undefined && converted.value === spec.fallback;
}

/** Lists that the server fills in. */
const ALL_OF: ReadonlyMap<string, string> = new Map([
  ['job.datacenters', '["*"]'],
  ['identity.aud', '["nomadproject.io"]'],
]);

function scalarIn(node: Node): unknown {
  return node.kind === 'scalar' ? node.value : undefined;
}

interface BlockMember {
  readonly name: string;
  readonly spec: Exclude<Spec, FieldSpec>;
  readonly member: Member;
}
interface Growing {
  readonly attributes: Attribute[];
  readonly blocks: Block[];
}

function blocksOf({ name, spec, member }: BlockMember, place: Place, into: Growing): void {
  const found = objectsOf(member, spec);
  if (!found) {
    // No shape that the API has: under its own name it is told as unknown.
    into.attributes.push(attributeOf(member.key, member, place.source));
    return;
  }
  for (const { object, span, key } of found) {
    const block = blockOf({ name, spec, object, span, key }, place);
    if (block) into.blocks.push(block);
  }
}

interface Found {
  readonly object: ObjectNode;
  readonly span: Span;
  /** Of a map of objects. */
  readonly key?: Member | undefined;
}

function objectsOf(member: Member, spec: BlockMember['spec']): readonly Found[] | undefined {
  const { value } = member;
  if (value.kind === 'object' && spec.is === 'block' && spec.many === 'labelled') {
    const found = value.members.flatMap((each): readonly Found[] => {
      return each.value.kind === 'object' ? [{ object: each.value, span: each, key: each }] : [];
    });
    return found.length === value.members.length ? found : undefined;
  }
  if (value.kind === 'object') return [{ object: value, span: member }];
  if (value.kind !== 'array') return undefined;
  const found = value.items.flatMap((item): readonly Found[] =>
    item.kind === 'object' ? [{ object: item, span: item }] : [],
  );
  return found.length === value.items.length ? found : undefined;
}

function blockOf(
  { name, spec, object, span, key }: Found & Omit<BlockMember, 'member'>,
  place: Place,
): Block | undefined {
  const { source } = place;
  const at = source.at(span);
  if (spec.is !== 'block') {
    const attributes = object.members.map((member) => attributeOf(member.key, member, source));
    return { type: name, labels: [], at, attributes, blocks: [] };
  }
  if (isInjected(name, object)) return undefined;
  const labelled = spec.many === 'labelled';
  const labelMember = LABELS[name] ?? 'Name';
  const label = labelled ? labelOf(object, labelMember, { key, source }) : undefined;
  const inner: Place = { ...placeIn(name, object, place), ...(labelled && !key && { label: labelMember }) };
  const body = apiContent(spec.schema(), object, inner);
  const empty = body.attributes.length === 0 && body.blocks.length === 0;
  if (empty && place.printed && FILLED.has(name)) return undefined;
  const merged = MERGED.has(name) && place.group !== undefined;
  const said = merged ? apiContent(spec.schema(), object, { ...inner, explicit: true }) : body;
  return { type: name, labels: label ? [label] : [], at, ...said };
}

function placeIn(name: string, object: ObjectNode, { source, printed, jobType, job, ...around }: Place): Place {
  const { group, task, service } = around;
  return {
    source,
    printed,
    jobType,
    job,
    block: name,
    ...(group && { group }),
    ...(task && { task }),
    ...(service && { service }),
    ...(name === 'group' && { group: object }),
    ...(name === 'task' && { task: object }),
    ...(name === 'service' && { service: object }),
  };
}

function isInjected(name: string, object: ObjectNode): boolean {
  if (name === 'task') return INJECTED_TASK.test(textOf(memberOf(object, 'Kind')?.value) ?? '');
  return name === 'port' && INJECTED_PORT.test(textOf(memberOf(object, 'Label')?.value) ?? '');
}

function labelOf(
  object: ObjectNode,
  name: string,
  { key, source }: { readonly key: Member | undefined; readonly source: Source },
): Label | undefined {
  if (key) return labelAt(key.key, { start: key.start, end: key.keyEnd }, source);
  return labelFrom(memberOf(object, name), source);
}

export function labelFrom(member: Member | undefined, source: Source): Label | undefined {
  const text = textOf(member?.value);
  return member && text !== undefined ? labelAt(LABEL_TEXTS.get(text) ?? text, member.value, source) : undefined;
}

function labelAt(text: string, span: Span, source: Source): Label {
  return { text, at: source.at(span) };
}
