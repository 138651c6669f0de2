import type { Value } from '../value.ts';
import { cidrFunctions } from './cidr.ts';
import { collectionFunctions } from './collections.ts';
import { csvFunctions } from './csv.ts';
import { encodingFunctions } from './encoding.ts';
import { fileFunctions } from './files.ts';
import { formatFunctions } from './format.ts';
import { type FunctionContext, type HclFunction, type Refused, refuse } from './hcl-function.ts';
import { jsonFunctions } from './json.ts';
import { numberFunctions } from './numbers.ts';
import { regexFunctions } from './regex.ts';
import { setFunctions } from './sets.ts';
import { stringFunctions } from './strings.ts';
import { timeFunctions } from './times.ts';
import { yamlFunctions } from './yaml.ts';
import { yamlTextFunctions } from './yaml-text.ts';

/**
 * Every function of Nomad's jobspec by its name, but for the three that take expressions instead of values: `can`,
 * `convert` and `try` belong to the evaluator. The behaviour is that of go-cty 1.19, go-cty-funcs 0.1 and go-cty-yaml
 * 1.2, which Nomad uses. What Nomad would compute anew each time is refused, see `Refused.final`.
 */
export const functions: ReadonlyMap<string, HclFunction> = new Map(
  [
    cidrFunctions,
    collectionFunctions,
    csvFunctions,
    encodingFunctions,
    fileFunctions,
    formatFunctions,
    jsonFunctions,
    numberFunctions,
    regexFunctions,
    setFunctions,
    stringFunctions,
    timeFunctions,
    yamlFunctions,
    yamlTextFunctions,
  ].flatMap((group) => Object.entries(group)),
);

export type Called = { readonly kind: 'value'; readonly value: Value } | Refused;

export function call(name: string, args: readonly Value[], context: FunctionContext): Called {
  const called = functions.get(name);
  if (!called) return refuse(`there is no function ${JSON.stringify(name)}`);
  if (args.length < called.atLeast || args.length > (called.atMost ?? args.length)) {
    const limit = called.atMost === undefined ? 'at least ' : '';
    const plural = called.atLeast === 1 ? '' : 's';
    return refuse(`${name}() takes ${limit}${called.atLeast} argument${plural}, not ${args.length}`);
  }
  const outcome = called.run(args, context);
  return outcome.kind === 'refused' ? outcome : { kind: 'value', value: outcome };
}
