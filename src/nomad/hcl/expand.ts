import type { Attribute, Block, Body, Label } from '../source/node.ts';
import { elementsOf, textOf } from './elements.ts';
import { fail, type Scope, withNames } from './scope.ts';
import type { AttributeSyntax, BlockSyntax, BodySyntax, Expression } from './syntax.ts';
import { isMapping, isSequence, nodeOf, objectValue, type Value } from './value.ts';
import { kindText } from './value-type.ts';

/** Every attribute evaluated, every `dynamic` block written out. What has no value is reported and left out. */
export function expand({ attributes, blocks }: BodySyntax, scope: Scope): Body {
  return {
    attributes: attributes.flatMap((attribute) => expandAttribute(attribute, scope) ?? []),
    blocks: blocks.flatMap((block) =>
      block.type === 'dynamic' ? expandDynamic(block, scope) : [expandBlock(block, scope)],
    ),
  };
}

function expandAttribute(attribute: AttributeSyntax, scope: Scope): Attribute | undefined {
  const { world } = scope;
  const value = world.evaluate(attribute.value, scope);
  if (!value) {
    // A failure inside of what may fail, such as the side of a condition that is not taken, tells nothing by itself.
    const silent = world.progress.told === 0;
    return silent ? fail(scope, attribute.nameSpan, `the value of ${attribute.name} cannot be worked out`) : undefined;
  }
  world.progress.steps -= sizeOf(value, world.progress.steps);
  if (world.progress.steps <= 0) return fail(scope, attribute.nameSpan, `the value of ${attribute.name} is too large`);
  const at = world.source.at(attribute);
  return { name: attribute.name, value: nodeOf(value, at), at };
}

/** Nodes; a list that holds the same list twice, ten times over, has thousands. Stops counting at `most`. */
function sizeOf(value: Value, most: number): number {
  const parts = isSequence(value) ? value.items : isMapping(value) ? [...value.entries.values()] : [];
  let size = 1;
  for (const part of parts) {
    if (size > most) break;
    size += sizeOf(part, most - size);
  }
  return size;
}

function expandBlock({ type, labels, body, ...span }: BlockSyntax, scope: Scope): Block {
  const { source } = scope.world;
  const named = labels.map(({ text, ...label }): Label => ({ text, at: source.at(label) }));
  return { type, labels: named, at: source.at(span), ...expand(body, scope) };
}

interface Dynamic {
  readonly type: string;
  readonly forEach: Expression;
  readonly iterator: string;
  readonly labels: readonly Expression[];
  readonly content: BlockSyntax;
}

function expandDynamic(block: BlockSyntax, scope: Scope): readonly Block[] {
  const dynamic = readDynamic(block, scope);
  const collection = dynamic && scope.world.evaluate(dynamic.forEach, scope);
  if (!dynamic || !collection) return [];
  const elements = elementsOf(collection);
  if (!elements) {
    fail(scope, dynamic.forEach, `for_each takes a list, a set or a map, not ${kindText(collection)}`);
    return [];
  }
  return elements.flatMap(([key, value]) => {
    const entries = objectValue([
      ['key', key],
      ['value', value],
    ]);
    return expandOne(dynamic, block, withNames(scope, [[dynamic.iterator, entries]])) ?? [];
  });
}

function expandOne({ type, labels, content }: Dynamic, block: BlockSyntax, scope: Scope): Block | undefined {
  const { source } = scope.world;
  const named: Label[] = [];
  for (const label of labels) {
    const text = textOf(label, scope);
    if (text === undefined) return undefined;
    named.push({ text, at: source.at(label) });
  }
  return { type, labels: named, at: source.at(block), ...expand(content.body, scope) };
}

const ARGUMENTS = ['for_each', 'labels', 'iterator'];

function readDynamic({ labels: names, body, header }: BlockSyntax, scope: Scope): Dynamic | undefined {
  const [name, surplus] = names;
  if (!name || surplus)
    return fail(scope, header, 'a dynamic block has one label, the type of the blocks that it makes');
  const stray = body.attributes.find((attribute) => !ARGUMENTS.includes(attribute.name));
  if (stray) {
    return fail(
      scope,
      stray.nameSpan,
      `a dynamic block has ${ARGUMENTS.join(', ')} and a content block, and no ${stray.name}`,
    );
  }
  const find = (argument: string): Expression | undefined =>
    body.attributes.find((attribute) => attribute.name === argument)?.value;
  const forEach = find('for_each');
  if (!forEach) return fail(scope, header, 'a dynamic block needs for_each');
  const [content, second] = body.blocks;
  const wrong = content?.type === 'content' && content.labels.length === 0 ? second : content;
  if (wrong || !content)
    return fail(scope, wrong?.header ?? header, 'a dynamic block needs one content block, and no other');
  const labels = find('labels');
  if (labels && labels.kind !== 'tuple') return fail(scope, labels, 'labels is a list that is written out: [ … ]');
  const iterator = iteratorOf(find('iterator'), name.text, scope);
  return iterator === undefined
    ? undefined
    : { type: name.text, forEach, iterator, labels: labels?.items ?? [], content };
}

function iteratorOf(iterator: Expression | undefined, type: string, scope: Scope): string | undefined {
  if (!iterator) return type;
  if (iterator.kind === 'reference' && iterator.steps.length === 0) return iterator.name;
  return fail(scope, iterator, 'iterator is a name without quotes');
}
