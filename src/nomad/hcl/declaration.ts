import { fail, type Scope } from './scope.ts';
import type { Span } from './source.ts';
import type { AttributeSyntax, BlockSyntax, BodySyntax, Expression } from './syntax.ts';
import { readConstraint } from './type-constraint.ts';
import type { Type } from './value-type.ts';

/** A variable as a job declares it. */
export interface Declaration {
  readonly name: string;
  readonly span: Span;
  readonly type?: Type;
  readonly otherwise?: Expression;
  readonly validations: readonly Validation[];
  readonly sensitive: boolean;
  /** False where null is refused. */
  readonly nullable: boolean;
}

export interface Validation extends Span {
  readonly condition: Expression;
  readonly message: string;
}

const CODE = 'LARDER_NOMAD_VARIABLE';
/** `sensitive` and `nullable` are not Nomad's, but files that are shared with Terraform have them. */
const ARGUMENTS = ['type', 'default', 'description', 'sensitive', 'nullable'];

/** All that `variable "name" {}` and the older `variables {}` declare. `scope` is one where nothing is defined. */
export function readDeclarations({ blocks }: BodySyntax, scope: Scope): ReadonlyMap<string, Declaration> {
  const declarations = new Map<string, Declaration>();
  const keep = (declaration: Declaration): void => {
    const { name, span } = declaration;
    const before = declarations.get(name);
    if (!before) declarations.set(name, declaration);
    else fail(scope, span, `variable ${name} is declared twice, first in line ${lineOf(before.span, scope)}`, CODE);
  };
  for (const block of blocks) {
    if (block.type === 'variables') for (const each of readLegacy(block, scope)) keep(each);
    else if (block.type === 'variable') {
      const declaration = readVariable(block, scope);
      if (declaration) keep(declaration);
    }
  }
  return declarations;
}

function lineOf(span: Span, { world }: Scope): number {
  return world.source.at(span).line;
}

/** `variables { name = default }` */
function readLegacy(block: BlockSyntax, scope: Scope): readonly Declaration[] {
  const [inner] = block.body.blocks;
  if (inner) fail(scope, inner.header, 'a variables block holds name = default and no blocks', CODE);
  return block.body.attributes.map(({ name, nameSpan, value }) => ({
    name,
    span: nameSpan,
    otherwise: value,
    validations: [],
    sensitive: false,
    nullable: true,
  }));
}

function readVariable(block: BlockSyntax, scope: Scope): Declaration | undefined {
  const [label, surplus] = block.labels;
  if (!label || surplus) return fail(scope, block.header, 'a variable has one name: variable "name" {', CODE);
  if (!/^[\p{ID_Start}_][\p{ID_Continue}-]*$/u.test(label.text)) {
    return fail(
      scope,
      label,
      `${JSON.stringify(label.text)} is no name for a variable: letters, digits, _ and - are`,
      CODE,
    );
  }
  const attributes = new Map(block.body.attributes.map((attribute) => [attribute.name, attribute]));
  const stray = block.body.attributes.find(({ name }) => !ARGUMENTS.includes(name));
  if (stray)
    fail(scope, stray.nameSpan, `a variable has no argument ${stray.name}; it has ${ARGUMENTS.join(', ')}`, CODE);
  const type = readType(attributes.get('type'), scope);
  const otherwise = attributes.get('default')?.value;
  return {
    name: label.text,
    span: block.header,
    ...(type && { type }),
    ...(otherwise && { otherwise }),
    validations: block.body.blocks.flatMap((each) => readValidation(each, scope) ?? []),
    sensitive: flag(attributes.get('sensitive'), scope, false),
    nullable: flag(attributes.get('nullable'), scope, true),
  };
}

function readType(attribute: AttributeSyntax | undefined, scope: Scope): Type | undefined {
  if (!attribute) return undefined;
  const constraint = readConstraint(attribute.value, (each) => scope.world.evaluate(each, scope));
  return constraint.kind === 'type' ? constraint.type : fail(scope, constraint.at, constraint.message, CODE);
}

function flag(attribute: AttributeSyntax | undefined, scope: Scope, absent: boolean): boolean {
  if (!attribute) return absent;
  const value = scope.world.evaluate(attribute.value, scope);
  if (value?.kind === 'bool') return value.value;
  fail(scope, attribute.value, `${attribute.name} is true or false`, CODE);
  return absent;
}

function readValidation(block: BlockSyntax, scope: Scope): Validation | undefined {
  if (block.type !== 'validation') {
    return fail(scope, block.header, `a variable has validation blocks and no ${block.type}`, CODE);
  }
  const find = (name: string): Expression | undefined =>
    block.body.attributes.find((attribute) => attribute.name === name)?.value;
  const [condition, message] = [find('condition'), find('error_message')];
  if (!condition || !message) return fail(scope, block.header, 'a validation has condition and error_message', CODE);
  const text = scope.world.evaluate(message, scope);
  if (text?.kind !== 'string') return fail(scope, message, 'error_message is a string without references', CODE);
  return { condition, message: text.value, start: block.start, end: block.end };
}
