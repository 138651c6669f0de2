import { dig, type Fields, fields, maps, texts, word } from './dig.ts';
import type { Part } from './part.ts';
import type { Container, Workload } from './workload.ts';
import { isMaker, writtenKey } from './written-key.ts';

/** A file that a container sees, and the key that it is. */
export interface MountedFile {
  readonly kind: 'ConfigMap' | 'Secret';
  readonly name: string;
  readonly key: string;
  /** Absent: the module does not say what it holds. */
  readonly parts?: readonly Part[];
  /** Every line that it may hold, whichever way it is rendered. */
  readonly text: string;
  /** As written: an octal number is a decimal one to a reader of YAML 1.2. */
  readonly mode: unknown;
}

/** What Kubernetes gives a file where nothing says otherwise. */
const USUAL = 0o644;

/** The file at a path; undefined where no mount shows one there. */
export function mountedFile({ module, pod }: Workload, { spec }: Container, path: string): MountedFile | undefined {
  const mounts = maps(spec['volumeMounts'])
    .map((mount) => ({ mount, rest: below(path, word(mount['mountPath'])) }))
    .toSorted((one, other) => word(other.mount['mountPath']).length - word(one.mount['mountPath']).length);
  const found = mounts.find(({ rest }) => rest !== undefined);
  if (!found) return undefined;
  const { mount, rest = '' } = found;
  const inside = [word(mount['subPath']), rest].filter((each) => each !== '').join('/');
  const volume = maps(pod['volumes']).find(({ name }) => name === mount['name']);
  if (!volume || inside === '') return undefined;
  const usual = dig(volume, 'projected', 'defaultMode');
  return [volume, ...maps(dig(volume, 'projected', 'sources'))]
    .map((source) => keyIn(source, inside, usual))
    .filter((each) => each !== undefined)
    .map((each): MountedFile => {
      const parts = writtenKey(module, each);
      return { ...each, ...(parts ? { parts } : {}), text: textIn(module, each) };
    })
    .find(({ text, parts }) => parts !== undefined || text !== '');
}

/** What is left of a path below a directory; empty for the path itself. */
function below(path: string, directory: string): string | undefined {
  const bare = directory.replace(/\/+$/, '');
  if (path === bare) return '';
  return path.startsWith(`${bare}/`) ? path.slice(bare.length + 1) : undefined;
}

function keyIn(
  source: Fields,
  path: string,
  usual: unknown,
): Pick<MountedFile, 'kind' | 'name' | 'key' | 'mode'> | undefined {
  const kind = source['configMap'] === undefined ? 'Secret' : 'ConfigMap';
  const of = fields(source['configMap'] ?? source['secret']);
  const name = word(of['name']) || word(of['secretName']);
  if (name === '') return undefined;
  const mode = of['defaultMode'] ?? usual ?? USUAL;
  const items = maps(of['items']);
  if (items.length === 0) return { kind, name, key: path, mode };
  const item = items.find((each) => word(each['path']) === path);
  return item && { kind, name, key: word(item['key']), mode: item['mode'] ?? mode };
}

/** The text as it stands in the manifest, with whatever has still to be rendered. */
function textIn(module: Workload['module'], { kind, name, key }: Pick<MountedFile, 'kind' | 'name' | 'key'>): string {
  const holders = module.manifests.filter(
    (each) => (each.kind === kind && each.name === name) || (kind === 'Secret' && isMaker(each, name)),
  );
  return holders
    .flatMap(({ object }) => texts(object))
    .filter(({ path }) => path.at(-1) === key && path.at(-2) !== 'labels' && path.at(-2) !== 'annotations')
    .map(({ text }) => text)
    .join('\n');
}
