import type { Diagnostic } from '../source/diagnostic.ts';
import type { Body } from '../source/node.ts';
import { readBody } from './body.ts';
import { type Declaration, readDeclarations } from './declaration.ts';
import { evaluate } from './evaluate.ts';
import { expand } from './expand.ts';
import { call } from './functions/call.ts';
import type { JobFiles } from './functions/hcl-function.ts';
import { assignmentsOf, type GivenVariables, type Parse } from './given.ts';
import { localsOf } from './locals.ts';
import { mistake } from './mistake.ts';
import { readingOf } from './reading.ts';
import { newProgress, type Root, type Scope, type World } from './scope.ts';
import { type Source, type Span, sourceOf } from './source.ts';
import type { BodySyntax, Step } from './syntax.ts';
import { unusedAssignments, variablesOf } from './variables.ts';

export interface HclInput {
  readonly grammar: { readonly parse: Parse };
  /** Relative to the directory that is read. */
  readonly file: string;
  readonly text: string;
  readonly variables?: GivenVariables;
  /** What `file()` and its kin see. */
  readonly files: JobFiles;
}

export interface HclOutput {
  /** Complete when no diagnostic is an error. */
  readonly body: Body;
  readonly diagnostics: readonly Diagnostic[];
}

const EMPTY: Body = { attributes: [], blocks: [] };
/** Blocks that define, and are not part of what is defined. */
const DEFINING: ReadonlySet<string> = new Set(['variable', 'variables', 'locals']);
/** More do not help; a `dynamic` block repeats one mistake as often as it repeats. */
const MOST = 50;

/** Reads a jobspec in HCL2 as Nomad does, up to blocks and values. */
export function readHcl(input: HclInput): HclOutput {
  const source = sourceOf(input.file, input.text);
  const diagnostics: Diagnostic[] = [];
  const syntax = readSyntax(source, input.grammar.parse, diagnostics);
  if (!syntax) return { body: EMPTY, diagnostics };
  const body = evaluateFile(syntax, input, source, (diagnostic) => diagnostics.push(diagnostic));
  return { body, diagnostics: distinct(diagnostics) };
}

/** The syntax of a file; undefined when it is refused. */
export function readSyntax(source: Source, parse: Parse, diagnostics: Diagnostic[]): BodySyntax | undefined {
  const { root, failure } = parse(source.text);
  if (failure) {
    diagnostics.push(mistake(failure, source));
    return undefined;
  }
  const syntax = readBody(root, readingOf(source, diagnostics));
  return diagnostics.length > 0 ? undefined : syntax;
}

function evaluateFile(
  syntax: BodySyntax,
  { grammar, variables: given = {}, files }: HclInput,
  source: Source,
  tell: (diagnostic: Diagnostic) => void,
): Body {
  const progress = newProgress();
  const report = (diagnostic: Diagnostic): void => {
    if (diagnostic.severity === 'error') progress.told++;
    tell(diagnostic);
  };
  const nothing = (): Root => ({ kind: 'unknown' });
  const bareWorld: World = { source, evaluate, report, root: nothing, unknownNames: 'refused', progress };
  const bare: Scope = { world: bareWorld, names: new Map() };
  const calls: World = { ...bareWorld, call: (name, values) => call(name, values, { files }) };
  const declarations: ReadonlyMap<string, Declaration> = readDeclarations(syntax, bare);
  const assignments = assignmentsOf(given, grammar.parse, report);
  for (const unused of unusedAssignments({ declarations, assignments })) report(unused);
  const checking: Scope = { world: calls, names: new Map() };
  const variables = variablesOf({ declarations, assignments, parse: grammar.parse, bare, checking });
  const locals = localsOf(syntax, bare);
  const root = (name: string, first: Step | undefined, span: Span): Root => {
    if (name !== 'var' && name !== 'local') return { kind: 'unknown' };
    const part = first && partOf(first);
    if (part === undefined) return name === 'var' ? variables.all(span) : locals.all(span, whole);
    const value = name === 'var' ? variables.value(part, span) : locals.value(part, span, whole);
    return value ? { kind: 'value', value, taken: 1 } : { kind: 'failed' };
  };
  const whole: Scope = { world: { ...calls, root, unknownNames: 'kept' }, names: new Map() };
  locals.all({ start: 0, end: 0 }, whole);
  const blocks = syntax.blocks.filter(({ type }) => !DEFINING.has(type));
  return expand({ attributes: syntax.attributes, blocks }, whole);
}

/** The key that a step names, where it names one. */
export function partOf(step: Step): string | undefined {
  if (step.kind === 'attribute') return step.name;
  return step.key.kind === 'string' ? step.key.value : undefined;
}

function distinct(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const keyed = diagnostics.map((each) => [`${each.at?.file}:${each.at?.offset}:${each.message}`, each] as const);
  return [...new Map(keyed).values()].slice(0, MOST);
}
