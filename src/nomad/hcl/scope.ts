import type { NomadCode } from '../registry.ts';
import type { Diagnostic } from '../source/diagnostic.ts';
import type { Called } from './functions/call.ts';
import type { Source, Span } from './source.ts';
import type { Expression, Step } from './syntax.ts';
import type { Value } from './value.ts';

/** Gives nothing when there is no value; why is reported. */
export type Evaluate = (expression: Expression, scope: Scope) => Value | undefined;

/** What an expression sees: names of its own, then those around it. */
export interface Scope {
  readonly world: World;
  readonly names: ReadonlyMap<string, Value>;
  readonly outer?: Scope;
  /** Where a splat is. */
  readonly element?: Value;
}

/** What all expressions of one file share. */
export interface World {
  readonly source: Source;
  readonly evaluate: Evaluate;
  readonly report: (diagnostic: Diagnostic) => void;
  /** `var` and `local`, whose parts are found out when they are asked for. */
  readonly root: (name: string, first: Step | undefined, span: Span) => Root;
  /** Absent where no function may be called. */
  readonly call?: (name: string, values: readonly Value[]) => Called;
  /** What becomes of a name that nobody defines: its own text in `${…}`, as Nomad keeps it for the client, or an error. */
  readonly unknownNames: 'kept' | 'refused';
  readonly progress: Progress;
}

export type Root =
  | { readonly kind: 'unknown' }
  /** Reported already. */
  | { readonly kind: 'failed' }
  /** `taken`: how many steps of the reference are behind the value. */
  | { readonly kind: 'value'; readonly value: Value; readonly taken: 0 | 1 };

/** Counted while a file is evaluated. */
export interface Progress {
  /** Steps that are left: an expression must not run for ever. */
  steps: number;
  /** Whether what is being evaluated met a sensitive variable. */
  secret: boolean;
  /** Errors that were told: what has no value without one is told then. */
  told: number;
  /** How often a value was asked for that Nomad had and a conversion cannot have: `try` must not step over that. */
  unknowable: number;
  /** Whether a sensitive variable was read at all; most files have none. */
  anySecret: boolean;
}

/** A job of thousands of lines takes some ten thousand. */
const MOST_STEPS = 200_000;

export function newProgress(): Progress {
  return { steps: MOST_STEPS, secret: false, anySecret: false, told: 0, unknowable: 0 };
}

/** Of one string, and of one collection. */
export const LONGEST = 8 * 1024 * 1024;

export function withNames(scope: Scope, names: Iterable<readonly [string, Value]>): Scope {
  return { world: scope.world, outer: scope, names: new Map(names), ...(scope.element && { element: scope.element }) };
}

export function lookup(scope: Scope, name: string): Value | undefined {
  for (let inner: Scope | undefined = scope; inner; inner = inner.outer) {
    const value = inner.names.get(name);
    if (value) return value;
  }
  return undefined;
}

export function fail(
  { world }: Scope,
  span: Span,
  message: string,
  code: NomadCode = 'LARDER_NOMAD_EXPRESSION',
): undefined {
  world.report(world.source.diagnostic(code, span, message));
  return undefined;
}

/** The same place, where failures stay unsaid. */
export function silently(scope: Scope, report: (diagnostic: Diagnostic) => void = unsaid): Scope {
  return { ...scope, world: { ...scope.world, report } };
}

function unsaid(): void {
  // Given up: why a side of a condition that is not taken has no value.
}
