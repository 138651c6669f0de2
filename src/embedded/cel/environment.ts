/** Where expressions are compiled: the library's language, Kubernetes' functions, and the types of the variables. */
import { Environment } from '@marcbachmann/cel-js';
import type { CelType } from '../cel.ts';
import { addresses } from './address.ts';
import { equal } from './equal.ts';
import { lists } from './lists.ts';
import { quantities } from './quantity.ts';
import { sets } from './sets.ts';
import { texts } from './text.ts';
import { urls } from './url.ts';

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const;

/** Made when the first expression is compiled: most never are. */
let shared: Environment | undefined;

function base(): Environment {
  shared ??= [quantities, addresses, urls, texts, lists, sets].reduce(
    (environment, declare) => declare(environment),
    new Environment(OPTIONS),
  );
  return shared;
}

/** An instance per type: the library finds a value's type by what made it. */
const constructors = new WeakMap<object, new () => Map<string, unknown>>();

export function constructorOf(type: Extract<CelType, { kind: 'object' }>): new () => Map<string, unknown> {
  const known = constructors.get(type);
  if (known) return known;
  const fresh = class extends Map<string, unknown> {};
  constructors.set(type, fresh);
  return fresh;
}

/** Rules of one schema share their variables. */
const environments = new WeakMap<object, Environment>();

export function environmentFor(variables: Readonly<Record<string, CelType>>): Environment {
  const made = environments.get(variables);
  if (made) return made;
  const environment = base().clone(OPTIONS);
  const known = new Map<CelType, string>();
  for (const [name, type] of Object.entries(variables)) {
    environment.registerVariable(name, declare(environment, known, type));
  }
  environments.set(variables, environment);
  return environment;
}

const SCALARS = {
  dyn: 'dyn',
  bool: 'bool',
  int: 'int',
  double: 'double',
  string: 'string',
  bytes: 'bytes',
  timestamp: 'google.protobuf.Timestamp',
  duration: 'google.protobuf.Duration',
  null: 'null',
} as const;

/** The name by which the environment knows the type. */
function declare(environment: Environment, known: Map<CelType, string>, type: CelType): string {
  switch (type.kind) {
    case 'list':
      return `list<${declare(environment, known, type.items)}>`;
    case 'map':
      return `map<string, ${declare(environment, known, type.values)}>`;
    case 'optional':
      return `optional<${declare(environment, known, type.of)}>`;
    case 'object':
      return declareObject(environment, known, type);
    default:
      return SCALARS[type.kind];
  }
}

function declareObject(
  environment: Environment,
  known: Map<CelType, string>,
  type: Extract<CelType, { kind: 'object' }>,
): string {
  const before = known.get(type);
  if (before) return before;
  // the library's names of types are words with points between them
  const name = `object${known.size}.${type.name.replace(/[^A-Za-z0-9_.]/g, '_')}`;
  const fields = Object.entries(type.fields).map(
    ([field, inner]) => [writtenName(type, field), declare(environment, known, inner)] as const,
  );
  const unique = `${name}.t${known.size}`;
  known.set(type, unique);
  environment.registerType(unique, { ctor: constructorOf(type), fields: Object.fromEntries(fields) });
  environment.registerOperator(`${unique} == ${unique}`, equal);
  return unique;
}

/** Names that the language keeps for itself (k8s.io/apiserver/pkg/cel/escaping.go). */
const KEYWORDS = new Set([
  'true',
  'false',
  'null',
  'in',
  'as',
  'break',
  'const',
  'continue',
  'else',
  'for',
  'function',
  'if',
  'import',
  'let',
  'loop',
  'package',
  'namespace',
  'return',
  'var',
  'void',
  'while',
]);

export function writtenName({ verbatim }: Extract<CelType, { kind: 'object' }>, name: string): string {
  return verbatim ? name : escapeName(name);
}

/** As a member of an object is written in an expression: `foo-bar` is `foo__dash__bar`. */
export function escapeName(name: string): string {
  if (KEYWORDS.has(name)) return `__${name}__`;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
