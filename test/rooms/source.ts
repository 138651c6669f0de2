/** Every source file, parsed once: what it imports, exports, and which globals of time and randomness it touches. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, resolve } from 'node:path';
import { parseSync, type StaticExportEntry } from 'oxc-parser';

export const root = resolve(import.meta.dirname, '../..');

export interface Import {
  /** A file of the repository without `src/` and `.ts` (`kube/client`), or the specifier as it stands. */
  readonly of: string;
  /** Every name of it is a type, so nothing of it is there when the program runs. */
  readonly type: boolean;
  readonly relative: boolean;
  /** What is taken from it, types too; empty for all of it. */
  readonly names: readonly string[];
}

export interface Source {
  /** From the repository's root: `src/kube/client.ts`. */
  readonly path: string;
  /** Without `src/` and `.ts`: `kube/client`. */
  readonly name: string;
  readonly room: string;
  readonly test: boolean;
  readonly lines: readonly string[];
  readonly imports: readonly Import[];
  readonly exports: readonly string[];
  /** A barrel: all it exports comes from other files, or `export *` stands in it. */
  readonly barrel: boolean;
  readonly exportsDefault: boolean;
  /** What stands in the code and is banned in all of it, with its line: `any`, `Date.now`, … */
  readonly findings: readonly { readonly what: string; readonly line: number }[];
}

/** A node of the syntax tree; only what the rules look at. */
type Node = Readonly<Record<string, unknown>> & { readonly type: string; readonly start: number };

export function readSources(glob: string): readonly Source[] {
  return globSync(glob, { cwd: root }).sort().map(readSource);
}

function readSource(path: string): Source {
  return parseSource(path, readFileSync(join(root, path), 'utf8'));
}

export function parseSource(path: string, text: string): Source {
  const { program, module, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path}: ${errors[0]?.message}`);
  const name = path.replace(/^src\//, '').replace(/\.ts$/, '');
  const lineOf = (offset: number): number => text.slice(0, offset).split('\n').length;
  const findings: { what: string; line: number }[] = [];
  const dynamic: string[] = [];
  for (const node of nodesOf(program)) {
    const what = bannedIn(node);
    if (what !== undefined) findings.push({ what, line: lineOf(node.start) });
    const specifier = dynamicImportOf(node);
    if (specifier !== undefined) dynamic.push(specifier);
  }
  const entries = module.staticExports.flatMap((each) => each.entries);
  return {
    path,
    name,
    room: name.split('/')[0] ?? '',
    test: /\.(test|fixture)\.ts$/.test(path),
    lines: text.replace(/\n$/, '').split('\n'),
    imports: [
      ...module.staticImports.map(({ moduleRequest, entries }) =>
        importOf(
          path,
          moduleRequest.value,
          entries.length > 0 && entries.every(({ isType }) => isType),
          entries.map(({ importName }) => importName.name ?? '*'),
        ),
      ),
      ...entries.flatMap(({ moduleRequest, isType }) =>
        moduleRequest ? [importOf(path, moduleRequest.value, isType)] : [],
      ),
      ...dynamic.map((specifier) => importOf(path, specifier, false)),
    ],
    exports: entries.flatMap(({ exportName }) => (exportName.name === null ? [] : [exportName.name])),
    barrel: isBarrel(entries),
    exportsDefault: entries.some(({ exportName }) => exportName.kind === 'Default'),
    findings,
  };
}

function isBarrel(entries: readonly StaticExportEntry[]): boolean {
  const passedOn = entries.filter(({ moduleRequest }) => moduleRequest !== null);
  const whole = passedOn.some(({ exportName }) => exportName.kind === 'None');
  return whole || (passedOn.length > 0 && passedOn.length === entries.length);
}

function importOf(path: string, specifier: string, type: boolean, names: readonly string[] = []): Import {
  if (!specifier.startsWith('.')) return { of: specifier, type, relative: false, names };
  const file = normalize(join(dirname(path), specifier));
  return { of: file.replace(/^src\//, '').replace(/\.ts$/, ''), type, relative: true, names };
}

function* nodesOf(value: unknown): Generator<Node> {
  if (Array.isArray(value)) {
    for (const item of value) yield* nodesOf(item);
  } else if (isNode(value)) {
    yield value;
    for (const child of Object.values(value)) yield* nodesOf(child);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

function dynamicImportOf(node: Node): string | undefined {
  if (node.type !== 'ImportExpression' && node.type !== 'TSImportType') return undefined;
  const { source } = node;
  return isNode(source) && typeof source['value'] === 'string' ? source['value'] : undefined;
}

const bannedMembers = new Set([
  'Date.now',
  'Math.random',
  'performance.now',
  'crypto.randomUUID',
  'AbortSignal.timeout',
]);
const bannedNames = new Set(['setTimeout', 'setInterval', 'randomUUID']);
const bannedModules = /^node:timers/;

/** The name of what is banned, where this node is it. */
function bannedIn(node: Node): string | undefined {
  switch (node.type) {
    case 'TSAnyKeyword':
      return 'any';
    case 'MemberExpression': {
      const name = `${nameOf(node['object'])}.${nameOf(node['property'])}`;
      return bannedMembers.has(name) ? name : undefined;
    }
    case 'NewExpression':
      return nameOf(node['callee']) === 'Date' && isEmpty(node['arguments']) ? 'new Date()' : undefined;
    case 'CallExpression': {
      const name = nameOf(node['callee']);
      return bannedNames.has(name) || name === 'Date' ? name : undefined;
    }
    case 'ImportSpecifier':
      return bannedNames.has(nameOf(node['imported'])) ? nameOf(node['imported']) : undefined;
    case 'ImportDeclaration': {
      const { source } = node;
      return isNode(source) && bannedModules.test(String(source['value'])) ? String(source['value']) : undefined;
    }
    default:
      return undefined;
  }
}

function nameOf(value: unknown): string {
  return isNode(value) && value.type === 'Identifier' ? String(value['name']) : '';
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}
