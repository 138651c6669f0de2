import { type Leaf, later, type SecretPath, type Value } from './value.ts';

export type Found =
  | { readonly kind: 'found'; readonly value: Value }
  | { readonly kind: 'refused'; readonly message: string };

/** `value.field` */
export function fieldOf(value: Value, field: string, mounts: readonly string[]): Found {
  switch (value.kind) {
    case 'map': {
      const found = value.entries.get(field);
      return found ? { kind: 'found', value: found } : refused(`there is no .${field} here`);
    }
    case 'secret':
      return value.of.source === 'vault' ? ofVault(value.of, field) : ofVariable(value.of, field);
    case 'data':
      return leafOf(value.of, { view: value.view, property: field }, mounts);
    case 'tuple':
      if (field === 'K') return { kind: 'found', value: later({ kind: 'entry', part: 'key' }) };
      if (field === 'V') return { kind: 'found', value: later({ kind: 'entry', part: 'value' }) };
      return refused('an entry of a variable has .K and .V');
    case 'later':
      // an item of a variable of Nomad is text that also has its value as a field
      if (value.later.kind === 'leaf' && value.later.leaf.source === 'nomad' && field === 'Value') {
        return { kind: 'found', value };
      }
      return refused(`.${field} of a value that is not known yet`);
    case 'scalar':
      return refused(value.value === null ? `.${field} stands outside of with and range` : `text has no .${field}`);
    case 'list':
      return refused(`a list has no .${field}`);
    case 'unknown':
      return { kind: 'found', value };
    default:
      return value satisfies never;
  }
}

/** One key of a secret, by its name or by `index`. */
export function leafOf(
  of: SecretPath,
  { view, property }: { readonly view: 'Data' | 'data' | 'Tuples'; readonly property: string },
  mounts: readonly string[],
): Found {
  if (view === 'Tuples') return refused('tuples are walked with range');
  if (view === 'Data' && property === 'data') return { kind: 'found', value: { kind: 'data', of, view: 'data' } };
  if (view === 'Data' && property === 'metadata') return refused('the metadata of a secret has no twin');
  const engine = view === 'data' ? 2 : 1;
  const path = engine === 2 ? withoutData(of.path, mounts) : of.path;
  const leaf: Leaf = { source: of.source, path, property, engine };
  return { kind: 'found', value: later({ kind: 'leaf', leaf }) };
}

function ofVault(of: SecretPath, field: string): Found {
  if (field === 'Data') return { kind: 'found', value: { kind: 'data', of, view: 'Data' } };
  return refused(`.${field} of a secret has no twin: only its data is fetched`);
}

/** Methods that consul-template has on the items of a variable. */
const methods = new Set(['Keys', 'Values', 'Metadata', 'Parent', 'ItemsMap', 'Items']);

function ofVariable(of: SecretPath, field: string): Found {
  if (field === 'Tuples') return { kind: 'found', value: { kind: 'data', of, view: 'Tuples' } };
  if (methods.has(field)) return refused(`.${field} of a variable of Nomad has no twin`);
  return { kind: 'found', value: later({ kind: 'leaf', leaf: { ...of, property: field, engine: 2 } }) };
}

/** `secret/data/web` and `secret/web` are the same secret of an engine of version 2. */
export function withoutData(path: string, mounts: readonly string[]): string {
  const known = mounts
    .filter((mount) => path.startsWith(`${mount}/`))
    .sort((left, right) => right.length - left.length)[0];
  const mount = known ?? path.split('/')[0] ?? '';
  const rest = path.slice(mount.length + 1);
  return rest.startsWith('data/') ? `${mount}/${rest.slice('data/'.length)}` : path;
}

function refused(message: string): Found {
  return { kind: 'refused', message };
}
