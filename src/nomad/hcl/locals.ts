import { fail, type Root, type Scope } from './scope.ts';
import type { Span } from './source.ts';
import type { AttributeSyntax, BodySyntax } from './syntax.ts';
import { objectValue, type Value } from './value.ts';

/** The locals of a file, in whatever order they are written. */
export interface Locals {
  readonly value: (name: string, span: Span, scope: Scope) => Value | undefined;
  readonly all: (span: Span, scope: Scope) => Root;
}

export function localsOf({ blocks }: BodySyntax, scope: Scope): Locals {
  const definitions = readDefinitions(blocks, scope);
  const known = new Map<string, Value | undefined>();
  const open: string[] = [];
  const value = (name: string, span: Span, inner: Scope): Value | undefined => {
    if (known.has(name)) return known.get(name);
    const definition = definitions.get(name);
    if (!definition) {
      const names = [...definitions.keys()].slice(0, 12).join(', ') || 'none';
      return fail(inner, span, `there is no local ${name}; defined are: ${names}`);
    }
    if (open.includes(name)) {
      const circle = [...open.slice(open.indexOf(name)), name].map((each) => `local.${each}`).join(' → ');
      return fail(inner, span, `locals need each other in a circle: ${circle}`);
    }
    open.push(name);
    const found = inner.world.evaluate(definition.value, inner);
    open.pop();
    known.set(name, found);
    return found;
  };
  return {
    value,
    all: (span, inner) => {
      const values = [...definitions.keys()].map((name) => [name, value(name, span, inner)] as const);
      const present = values.flatMap(([name, each]) => (each ? [[name, each] as const] : []));
      if (present.length < values.length) return { kind: 'failed' };
      return { kind: 'value', value: objectValue(present), taken: 0 };
    },
  };
}

function readDefinitions(blocks: BodySyntax['blocks'], scope: Scope): ReadonlyMap<string, AttributeSyntax> {
  const definitions = new Map<string, AttributeSyntax>();
  for (const block of blocks.filter(({ type }) => type === 'locals')) {
    const [inner] = block.body.blocks;
    if (inner) fail(scope, inner.header, 'a locals block holds name = value and no blocks');
    for (const attribute of block.body.attributes) {
      const { name, nameSpan } = attribute;
      if (definitions.has(name)) fail(scope, nameSpan, `local ${name} is defined twice`);
      else definitions.set(name, attribute);
    }
  }
  return definitions;
}
