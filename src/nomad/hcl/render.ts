import { convert } from './convert.ts';
import { eachScope, isTrue } from './elements.ts';
import { fail, LONGEST, type Scope } from './scope.ts';
import type { Span } from './source.ts';
import type { Part } from './syntax.ts';
import { stringValue, type Value } from './value.ts';
import { kindText } from './value-type.ts';

/** A template's text. */
export function render(parts: readonly Part[], scope: Scope): Value | undefined {
  const text = renderParts(parts, scope);
  return text === undefined ? undefined : stringValue(text);
}

function renderParts(parts: readonly Part[], scope: Scope): string | undefined {
  let text = '';
  for (const part of parts) {
    const rendered = renderPart(part, scope);
    if (rendered === undefined) return undefined;
    text += rendered;
    if (text.length > LONGEST) return fail(scope, part, 'the text becomes longer than 8 MiB');
  }
  return text;
}

function renderPart(part: Part, scope: Scope): string | undefined {
  switch (part.kind) {
    case 'text':
      return part.text;
    case 'interpolation': {
      const value = scope.world.evaluate(part.expression, scope);
      return value && textOf(value, part.expression, scope);
    }
    case 'if': {
      const condition = isTrue(part.condition, scope);
      return condition === undefined ? undefined : renderParts(condition ? part.consequent : part.alternative, scope);
    }
    case 'for': {
      const rendered = eachScope(part, scope)?.map((inner) => renderParts(part.body, inner));
      const known = rendered?.filter((each) => each !== undefined);
      return known?.length === rendered?.length ? known?.join('') : undefined;
    }
    default:
      return part satisfies never;
  }
}

function textOf(value: Value, span: Span, scope: Scope): string | undefined {
  if (value.kind === 'null') return fail(scope, span, 'null has no text: nothing can be put into the string here');
  const converted = convert(value, { kind: 'string' });
  if (converted.kind === 'value' && converted.value.kind === 'string') return converted.value.value;
  return fail(scope, span, `${kindText(value)} has no text: join() or jsonencode() make one of it`);
}
