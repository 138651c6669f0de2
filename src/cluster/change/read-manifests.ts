/** Text of files → manifests, as kubectl reads them: YAML 1.1 or JSON, several documents, lists. */
import { LineCounter, parseAllDocuments, type Tags } from 'yaml';
import { messageOf } from '../../kube/error.ts';
import { isObject } from '../../kube/reader.ts';
import { at, type JsonObject, keyOfObject, type Manifest, objectAt, subjectOf, textAt } from './manifest.ts';

export interface ManifestFile {
  /** For messages; from the root of the repository. */
  readonly path: string;
  readonly text: string;
}

export type Read =
  | { readonly kind: 'manifests'; readonly manifests: readonly Manifest[] }
  /** All problems at once, each with its place. */
  | { readonly kind: 'malformed'; readonly problems: readonly string[] };

interface Found {
  readonly manifests: readonly Manifest[];
  readonly problems: readonly string[];
}

/** In the order of the files. No object may be there twice. */
export function readManifests(files: readonly ManifestFile[]): Read {
  const found = files.map(inFile);
  const manifests = found.flatMap((each) => each.manifests);
  const problems = [...found.flatMap((each) => each.problems), ...twice(manifests)];
  return problems.length === 0 ? { kind: 'manifests', manifests } : { kind: 'malformed', problems };
}

/** As in YAML 1.1, which kubectl reads (0644 is octal, `yes` is true), but with times and numbers to the base of sixty as texts. */
const customTags = (tags: Tags): Tags =>
  tags.filter((tag) => typeof tag === 'string' || (tag.format !== 'TIME' && !tag.tag.endsWith(':timestamp')));

function inFile({ path, text }: ManifestFile): Found {
  const lines = new LineCounter();
  const manifests: Manifest[] = [];
  const problems: string[] = [];
  for (const document of parseAllDocuments(text, { version: '1.1', customTags, lineCounter: lines })) {
    const place = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
    const from = place(document.contents?.range?.[0] ?? document.range?.[0] ?? 0);
    const [error] = document.errors;
    if (error) {
      problems.push(`${place(error.pos[0])}: ${withoutQuote(error.message)}`);
      continue;
    }
    const value = plain(document);
    if (value.kind === 'refused') problems.push(`${from}: ${value.why}`);
    else if (value.value !== null && value.value !== undefined) collect(value.value, from, { manifests, problems });
  }
  return { manifests, problems };
}

type Plain = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'refused'; readonly why: string };

/** Aliases that multiply into more than anybody wrote are refused. */
function plain(document: { toJS(options: { maxAliasCount: number }): unknown }): Plain {
  try {
    return { kind: 'value', value: document.toJS({ maxAliasCount: 100 }) };
  } catch (cause) {
    return { kind: 'refused', why: withoutQuote(messageOf(cause)) };
  }
}

/** The parser quotes what it could not read behind a colon: of a password without quotes (`*nest`) the password. */
function withoutQuote(message: string): string {
  return message.replace(/(?:: |\n)[\s\S]*$/, '');
}

function collect(value: unknown, from: string, into: { manifests: Manifest[]; problems: string[] }): void {
  if (isObject(value) && /^(\w*)List$/.test(textAt(value, 'kind')) && Array.isArray(value['items'])) {
    for (const item of value['items']) collect(item, from, into);
    return;
  }
  const problem = problemOf(value);
  if (problem === undefined && isObject(value)) into.manifests.push(manifestOf(value, from));
  else into.problems.push(`${from}: ${problem}`);
}

function manifestOf(object: JsonObject, from: string): Manifest {
  const namespace = textAt(object, 'metadata', 'namespace');
  return {
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    name: textAt(object, 'metadata', 'name'),
    ...(namespace === '' ? {} : { namespace }),
    object,
    from,
  };
}

/** What the API server fills in: an object that was exported with it would be compared with an old state of itself. */
const FILLED_IN = ['uid', 'resourceVersion', 'managedFields', 'generation', 'creationTimestamp', 'selfLink'];

/** Each is a question; the first answer counts. */
const questions: readonly ((object: JsonObject) => string | undefined)[] = [
  (object) =>
    isObject(object['sops']) || holdsCipher(object)
      ? 'is encrypted with SOPS, and the cluster would get the encrypted text. Decrypt it into a folder that git ignores (`sops --decrypt FILE`) and name that file in the change, or leave it out and apply it by itself'
      : undefined,
  (object) =>
    textAt(object, 'apiVersion') === '' || textAt(object, 'kind') === ''
      ? 'is no Kubernetes object: it has no apiVersion or no kind'
      : undefined,
  (object) =>
    textAt(object, 'metadata', 'name') === ''
      ? `${textAt(object, 'kind')} has no metadata.name; server-side apply needs one`
      : undefined,
  (object) => {
    const [field] = FILLED_IN.filter((name) => (objectAt(object, 'metadata')[name] ?? null) !== null);
    return field === undefined ? undefined : `metadata.${field} belongs to the cluster; take it out of the manifest`;
  },
  (object) => inexact(object, textAt(object, 'kind')),
];

function problemOf(value: unknown): string | undefined {
  if (!isObject(value)) return 'is no Kubernetes object';
  for (const question of questions) {
    const answer = question(value);
    if (answer !== undefined) return answer;
  }
  return undefined;
}

/** What SOPS writes in the place of a value; also where its own chapter was lost, as in what a tool rendered. */
function holdsCipher(value: unknown): boolean {
  if (typeof value === 'string') return /^ENC\[AES256_GCM,data:/.test(value);
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsCipher);
}

/** A number that this process would write otherwise than it was written. */
function inexact(value: unknown, path: string): string | undefined {
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value))
      ? undefined
      : `${path} is a number that cannot be kept exactly; write it as a text`;
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [name, member] of Object.entries(value)) {
    const problem = inexact(member, `${path}.${name}`);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function twice(manifests: readonly Manifest[]): readonly string[] {
  const first = new Map<string, Manifest>();
  return manifests.flatMap((manifest) => {
    const before = first.get(keyOfObject(manifest));
    if (before === undefined) first.set(keyOfObject(manifest), manifest);
    return before === undefined ? [] : [`${manifest.from}: ${subjectOf(manifest)} is also in ${before.from}`];
  });
}

/** Hooks are run by helm at their time; applied as objects they would be something else. */
export function isHook({ object }: Manifest): boolean {
  return at(object, 'metadata', 'annotations', 'helm.sh/hook') !== undefined;
}
