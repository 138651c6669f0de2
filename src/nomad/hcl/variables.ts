import type { Diagnostic } from '../source/diagnostic.ts';
import { convert } from './convert.ts';
import type { Declaration } from './declaration.ts';
import { isTrue } from './elements.ts';
import { type Assignment, discreet, type Parse, readPassed } from './given.ts';
import { fail, type Root, type Scope, silently, withNames } from './scope.ts';
import { secretly } from './secret.ts';
import type { Span } from './source.ts';
import { objectValue, stringValue, type Value } from './value.ts';
import { type Type, typeOf, typeText } from './value-type.ts';

/** The variables of a file. A value is found out when somebody asks for it: what is not used needs none. */
export interface Variables {
  /** `var.name`; `span` is where it is asked for. */
  readonly value: (name: string, span: Span) => Value | undefined;
  /** `var` as a whole. */
  readonly all: (span: Span) => Root;
}

interface Sources {
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly assignments: ReadonlyMap<string, Assignment>;
  readonly parse: Parse;
  /** Where nothing is defined and nothing may be called. */
  readonly bare: Scope;
  /** The same with functions, for conditions. */
  readonly checking: Scope;
}

const CODE = 'LARDER_NOMAD_VARIABLE';

export function variablesOf(sources: Sources): Variables {
  const known = new Map<string, Value | undefined>();
  const value = (name: string, span: Span): Value | undefined => {
    if (!known.has(name)) known.set(name, resolve(name, span, sources));
    return known.get(name);
  };
  return {
    value,
    all: (span) => {
      const values = [...sources.declarations.keys()].map((name) => [name, value(name, span)] as const);
      const present = values.flatMap(([name, each]) => (each ? [[name, each] as const] : []));
      if (present.length < values.length) return { kind: 'failed' };
      return { kind: 'value', value: objectValue(present), taken: 0 };
    },
  };
}

/** Values that nobody asked for by that name are told, not refused: one file may serve several jobs. */
export function unusedAssignments({
  declarations,
  assignments,
}: Pick<Sources, 'declarations' | 'assignments'>): readonly Diagnostic[] {
  return [...assignments.values()]
    .filter((assignment) => !declarations.has(assignment.name) && !isFromEnvironment(assignment))
    .map((assignment) => ({
      severity: 'warning',
      code: CODE,
      message: `variable ${assignment.name} is given a value, and no variable of that name is declared here`,
      ...(assignment.kind === 'expression' && { at: assignment.source.at(assignment.expression) }),
    }));
}

function isFromEnvironment(assignment: Assignment): boolean {
  return assignment.kind === 'text' && assignment.from.includes('NOMAD_VAR_');
}

function resolve(name: string, span: Span, sources: Sources): Value | undefined {
  const { bare } = sources;
  const declaration = sources.declarations.get(name);
  if (!declaration) {
    const names = [...sources.declarations.keys()].slice(0, 12).join(', ') || 'none';
    return fail(bare, span, `there is no variable ${name}; declared are: ${names}`, CODE);
  }
  const given = assigned(declaration, sources);
  if (given === 'unset') {
    const how = `pass it with --var ${name}=VALUE, --var-file FILE or NOMAD_VAR_${name}, or give it a default`;
    return fail(bare, span, `variable ${name} has no value: ${how}`, CODE);
  }
  const value = given && fitting(given, declaration, bare);
  if (!value || !isValid(value, declaration, sources)) return undefined;
  if (!declaration.sensitive) return value;
  bare.world.progress.anySecret = true;
  return secretly(value);
}

/** The value before its type is looked at. */
function assigned(declaration: Declaration, sources: Sources): Value | undefined | 'unset' {
  const { bare, parse } = sources;
  const assignment = sources.assignments.get(declaration.name);
  if (!assignment) {
    const { otherwise } = declaration;
    return otherwise ? bare.world.evaluate(otherwise, bare) : 'unset';
  }
  if (assignment.kind === 'value') return assignment.value;
  if (assignment.kind === 'expression') return evaluateIn(assignment, bare);
  if (isText(declaration, sources)) return stringValue(assignment.text);
  const passed = readPassed(assignment, parse, bare.world.report);
  return passed && evaluateIn(passed, bare);
}

function evaluateIn(
  { source, expression }: Pick<Extract<Assignment, { kind: 'expression' }>, 'source' | 'expression'>,
  scope: Scope,
): Value | undefined {
  const report = (diagnostic: Diagnostic): void => scope.world.report(discreet(diagnostic));
  return scope.world.evaluate(expression, { ...scope, world: { ...scope.world, source, report } });
}

/** What is passed for a string or a number is its text; the type of the default counts where none is declared. */
function isText(declaration: Declaration, sources: Sources): boolean {
  const type = declaration.type ?? defaultType(declaration, sources.bare);
  return type === undefined || type.kind === 'string' || type.kind === 'number';
}

function defaultType({ otherwise }: Declaration, scope: Scope): Type | undefined {
  const value = otherwise && scope.world.evaluate(otherwise, silently(scope));
  return value && typeOf(value);
}

function fitting(value: Value, declaration: Declaration, scope: Scope): Value | undefined {
  const { name, span } = declaration;
  if (value.kind === 'null' && !declaration.nullable)
    return fail(scope, span, `variable ${name} must not be null`, CODE);
  const inferred = declaration.type ?? defaultType(declaration, scope);
  const scalar = inferred && ['string', 'number', 'bool'].includes(inferred.kind);
  const type = declaration.type ?? (scalar ? inferred : undefined);
  if (!type) return value;
  const converted = convert(value, type);
  if (converted.kind === 'value') return converted.value;
  return fail(
    scope,
    span,
    `the value of variable ${name} is not of type ${typeText(type)}: ${converted.message}`,
    CODE,
  );
}

/** A condition sees the variable, and nothing else. */
function isValid(value: Value, { name, span, validations }: Declaration, { checking }: Sources): boolean {
  const scope = withNames(checking, [['var', objectValue([[name, value]])]]);
  return validations.every(({ condition, message }) => {
    const holds = isTrue(condition, scope);
    if (holds === false) fail(checking, span, `the value of variable ${name} is refused: ${message}`, CODE);
    return holds === true;
  });
}
