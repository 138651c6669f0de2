import type { Source } from '../hcl/source.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Block, Body, Node } from '../source/node.ts';
import type { Position } from '../source/position.ts';
import type { MovedText } from './moved-text.ts';

/** What was read from a moved text, at the places of the original. */
export function moveBack(moved: MovedText, source: Source): Mover {
  const at = ({ offset, end }: Position): Position => source.at(moved.originalOf({ start: offset, end: end.offset }));
  const node = (value: Node): Node => {
    switch (value.kind) {
      case 'scalar':
        return { ...value, at: at(value.at) };
      case 'list':
        return { kind: 'list', items: value.items.map(node), at: at(value.at) };
      case 'map': {
        const entries = value.entries.map((entry) => ({ ...entry, value: node(entry.value), at: at(entry.at) }));
        return { kind: 'map', entries, at: at(value.at) };
      }
      default:
        return value satisfies never;
    }
  };
  const body = ({ attributes, blocks }: Body): Body => ({
    attributes: attributes.map((attribute) => ({ ...attribute, value: node(attribute.value), at: at(attribute.at) })),
    blocks: blocks.map(block),
  });
  const block = (each: Block): Block => ({
    ...each,
    ...body(each),
    labels: each.labels.map((label) => ({ ...label, at: at(label.at) })),
    at: at(each.at),
  });
  const diagnostic = (each: Diagnostic): Diagnostic => {
    if (!each.at || each.at.file !== source.file) return each;
    const span = moved.originalOf({ start: each.at.offset, end: each.at.end.offset });
    return { ...source.diagnostic(each.code, span, each.message), severity: each.severity };
  };
  return { body, diagnostic };
}

interface Mover {
  readonly body: (body: Body) => Body;
  readonly diagnostic: (diagnostic: Diagnostic) => Diagnostic;
}
