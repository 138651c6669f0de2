/**
 * The expressions in which definitions and webhooks say their conditions (Common Expression Language): compiled once
 * against the types of their variables, evaluated as often as needed, with Kubernetes' functions and error texts.
 */

import { wrongConstant } from './cel/constant.ts';
import { costOf } from './cel/cost.ts';
import { environmentFor } from './cel/environment.ts';
import { type Bounds, estimateCost } from './cel/estimate.ts';
import { compileMessage, evaluationMessage, isCelError, markedMessage } from './cel/message.ts';
import { readablePresence, unknownPresence } from './cel/presence.ts';
import { celValue, jsonValue, largestIn } from './cel/value.ts';
import type { Json } from './json.ts';

export type CelType =
  | {
      readonly kind: 'dyn' | 'bool' | 'int' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'null';
    }
  | { readonly kind: 'list'; readonly items: CelType }
  | { readonly kind: 'map'; readonly values: CelType }
  | { readonly kind: 'optional'; readonly of: CelType }
  /** `name` is for messages and must differ between different types; members are named as in JSON. */
  | {
      readonly kind: 'object';
      readonly name: string;
      readonly fields: Readonly<Record<string, CelType>>;
      /** Its members are written as they are named, also those that are words of the language. */
      readonly verbatim?: true;
    };

export interface CelDeclarations {
  readonly variables: Readonly<Record<string, CelType>>;
}

export type CelOutcome =
  | { readonly kind: 'value'; readonly value: Json }
  /** In the words of the API server, for example `no such key: name`. */
  | { readonly kind: 'error'; readonly message: string };

export type CelProgram =
  | {
      readonly kind: 'ok';
      /** The type of the result as CEL names it: `bool`, `string`, `dyn`, `list<int>`. */
      readonly type: string;
      /** The names of the variables and fields that the expression mentions. */
      readonly names: ReadonlySet<string>;
      /** What it could cost at most when the variables are as large as they can be, in simple operations. */
      readonly estimate: (bounds: Readonly<Record<string, Bounds>>) => number;
      /** Values that are undefined are absent: empty optionals. */
      readonly evaluate: (values: Readonly<Record<string, Json | undefined>>) => CelOutcome;
    }
  | { readonly kind: 'invalid'; readonly message: string };

/**
 * As the API server bounds one evaluation: what would run longer is not begun. Its count of operations is only known
 * while it counts; here it is what the nested loops of the expression could do with the largest list at hand.
 */
const MOST_STEPS = 10_000_000;

const TOO_COSTLY = 'operation cancelled: actual cost limit exceeded';

/** What is wrong with the expression is in the result. */
export function compileCel(expression: string, { variables }: CelDeclarations): CelProgram {
  const environment = environmentFor(variables);
  try {
    const text = readablePresence(expression, environment);
    const parsed = environment.parse(text);
    const checked = parsed.check();
    if (!checked.valid && checked.error)
      return { kind: 'invalid', message: compileMessage(text, checked.error, environment) };
    const wrong = wrongConstant(parsed.ast) ?? unknownPresence(expression, environment);
    if (wrong) return { kind: 'invalid', message: markedMessage(expression, wrong) };
    const { loops, names } = costOf(parsed.ast);
    return {
      kind: 'ok',
      type: checked.type ?? 'dyn',
      names,
      estimate: (bounds) => estimateCost(parsed.ast, bounds),
      evaluate(values) {
        if (largestIn(Object.values(values)) ** loops > MOST_STEPS) return { kind: 'error', message: TOO_COSTLY };
        return run(parsed, variables, values);
      },
    };
  } catch (cause) {
    if (!isCelError(cause)) throw cause; // a fault of ours
    return { kind: 'invalid', message: compileMessage(expression, cause, environment) };
  }
}

function run(
  program: (context: Map<string, unknown>) => unknown,
  types: CelDeclarations['variables'],
  values: Readonly<Record<string, Json | undefined>>,
): CelOutcome {
  try {
    const context = new Map(Object.entries(types).map(([name, type]) => [name, celValue(type, values[name])]));
    return { kind: 'value', value: jsonValue(program(context)) };
  } catch (cause) {
    return { kind: 'error', message: evaluationMessage(cause) };
  }
}
