import { job } from '../jobspec/schema/job.ts';
import type { Schema, Spec } from '../jobspec/schema/spec.ts';
import type { ObjectNode } from './form.ts';
import { MovedText } from './moved-text.ts';
import type { JsonNode, Member, Span } from './parse.ts';
import { charactersOf, quotedName, writeRaw, writeTemplate } from './template-text.ts';

export interface HclText {
  readonly moved: MovedText;
  /** What HCL has no words for. */
  readonly refusals: readonly { readonly span: Span; readonly message: string }[];
}

/** What a body may hold: a jobspec's blocks, or names of anybody's. */
type Content =
  | { readonly kind: 'schema'; readonly schema: Schema }
  | { readonly kind: 'free' }
  | { readonly kind: 'variable' };

const FREE: Content = { kind: 'free' };
const NAME = /^[\p{ID_Start}_][\p{ID_Continue}-]*$/u;
const COMMENT = '//';

/**
 * A jobspec in JSON as the same jobspec in HCL. Which members are blocks, and with how many labels, nobody can see from
 * JSON alone; as in HCL's own reader the schema says it. Every string is a template.
 */
export function hclText(root: ObjectNode, source: string): HclText {
  const writer = new Writer(source);
  for (const member of root.members) writer.topLevel(member);
  return { moved: writer.moved, refusals: writer.refusals };
}

class Writer {
  readonly moved = new MovedText();
  readonly refusals: { readonly span: Span; readonly message: string }[] = [];
  readonly #source: string;

  constructor(source: string) {
    this.#source = source;
  }

  topLevel(member: Member): void {
    if (member.key === 'job') this.#blocks(member, { content: { kind: 'schema', schema: job }, labels: 1 });
    else if (member.key === 'variable') this.#blocks(member, { content: { kind: 'variable' }, labels: 1 });
    else if (member.key === 'locals' || member.key === 'variables') this.#blocks(member, { content: FREE, labels: 0 });
    else this.#member(member, { kind: 'schema', schema: {} });
  }

  /** One block, or several in a list; each label is a level of names. */
  #blocks(member: Member, shape: Shape): void {
    for (const object of this.#objects(member.value, member)) this.#block({ type: member, object, labels: [] }, shape);
  }

  #block(block: BlockText, shape: Shape): void {
    if (block.labels.length < shape.labels) {
      for (const member of block.object.members) {
        if (member.key === COMMENT) continue;
        for (const object of this.#objects(member.value, member)) {
          this.#block({ ...block, object, labels: [...block.labels, member] }, shape);
        }
      }
      return;
    }
    const { type, object, labels } = block;
    this.moved.add(type.key, (labels.at(-1) ?? type).start);
    for (const label of labels) {
      this.moved.add(' ', label.start);
      this.moved.add(quotedName(label.key), label.start);
    }
    this.moved.add(' {\n', object.start);
    for (const member of object.members) this.#member(member, shape.content);
    this.moved.add('}', object.end - 1);
    this.moved.add('\n', object.end);
  }

  #objects(value: JsonNode, member: Member): readonly ObjectNode[] {
    if (value.kind === 'object') return [value];
    if (value.kind === 'array') return value.items.flatMap((item) => this.#objects(item, member));
    if (value.kind === 'scalar' && value.value === null) return [];
    this.refusals.push({
      span: member,
      message: `${member.key} is a block: an object is expected, or a list of objects`,
    });
    return [];
  }

  #member(member: Member, content: Content): void {
    const { key } = member;
    if (key === COMMENT) return;
    const spec = content.kind === 'schema' && Object.hasOwn(content.schema, key) ? content.schema[key] : undefined;
    if (content.kind === 'schema' && key === 'dynamic') this.#dynamic(member, content.schema);
    else if (content.kind === 'variable' && key === 'validation') this.#blocks(member, { content: FREE, labels: 0 });
    else if (spec && spec.is !== 'field' && isBlock(member.value, spec)) this.#blocks(member, shapeOf(spec));
    else this.#attribute(member, content.kind === 'variable' && key === 'type');
  }

  #attribute(member: Member, isType: boolean): void {
    if (!NAME.test(member.key)) {
      const message = `${JSON.stringify(member.key)} is no name of an argument: letters, digits, _ and - are`;
      this.refusals.push({ span: { start: member.start, end: member.keyEnd }, message });
      return;
    }
    this.moved.add(member.key, member.start);
    this.moved.add(' = ', member.keyEnd);
    if (isType && isString(member.value)) writeRaw(charactersOf(this.#source, member.value), this.moved);
    else this.#expression(member.value);
    this.moved.add('\n', member.end);
  }

  /** `"dynamic": {"env": {"for_each": …, "content": {…}}}` */
  #dynamic(member: Member, schema: Schema): void {
    for (const outer of this.#objects(member.value, member)) {
      for (const type of outer.members) {
        const spec = Object.hasOwn(schema, type.key) ? schema[type.key] : undefined;
        const content: Schema = { content: { is: 'block', api: '', many: 'many', schema: () => inner(spec) } };
        const free: Content = { kind: 'schema', schema: content };
        for (const object of this.#objects(type.value, type)) {
          this.#block({ type: { ...member, key: 'dynamic' }, object, labels: [type] }, { content: free, labels: 1 });
        }
      }
    }
  }

  #expression(value: JsonNode): void {
    switch (value.kind) {
      case 'number':
        this.moved.copy(value.text, value.start);
        return;
      case 'scalar':
        if (typeof value.value === 'string') this.#template(value);
        else this.moved.copy(String(value.value), value.start);
        return;
      case 'array':
        this.moved.add('[', value.start);
        for (const item of value.items) {
          this.#expression(item);
          this.moved.add(', ', item.end);
        }
        this.moved.add(']', value.end - 1);
        return;
      case 'object':
        this.#object(value);
        return;
      default:
        value satisfies never;
    }
  }

  #object(value: ObjectNode): void {
    this.moved.add('{', value.start);
    for (const member of value.members) {
      this.#template({ start: member.start, end: member.keyEnd });
      this.moved.add(' = ', member.keyEnd);
      this.#expression(member.value);
      this.moved.add(', ', member.end);
    }
    this.moved.add('}', value.end - 1);
  }

  #template(span: Span): void {
    this.moved.add('"', span.start);
    writeTemplate(charactersOf(this.#source, span), this.moved);
    this.moved.add('"', span.end - 1);
  }
}

interface Shape {
  readonly content: Content;
  readonly labels: number;
}
interface BlockText {
  readonly type: Member;
  readonly object: ObjectNode;
  readonly labels: readonly Member[];
}

function shapeOf(spec: Exclude<Spec, { is: 'field' }>): Shape {
  if (spec.is !== 'block') return { content: FREE, labels: 0 };
  return { content: { kind: 'schema', schema: spec.schema() }, labels: spec.many === 'labelled' ? 1 : 0 };
}

function inner(spec: Spec | undefined): Schema {
  return spec?.is === 'block' ? spec.schema() : {};
}

/** A map whose names HCL cannot write as arguments is a value; so is one that an expression makes. */
function isBlock(value: JsonNode, spec: Exclude<Spec, { is: 'field' }>): boolean {
  if (value.kind === 'array') return value.items.every((item) => isBlock(item, spec));
  if (value.kind !== 'object') return value.kind === 'scalar' && value.value === null;
  return spec.is === 'block' || value.members.every(({ key }) => NAME.test(key) || key === COMMENT);
}

function isString(value: JsonNode): boolean {
  return value.kind === 'scalar' && typeof value.value === 'string';
}
