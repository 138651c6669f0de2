/** Which of the files that somebody dropped are sent, and as what. Pure. */
import { isInputName, isPassedOver, MARKER, ownFiles } from '../../src/nomad/source/input-name.ts';
import { isPlainPath, conversionLimits as limits } from '../../src/operator/nomad/conversion-limits.ts';

export interface Listed {
  /** As the browser says it, below what was dropped. */
  readonly path: string;
  readonly bytes: number;
}

export interface Chosen<T extends Listed> {
  /** The one folder that all of them lie in; its name is no part of the paths. */
  readonly folder: string | undefined;
  readonly taken: readonly { readonly path: string; readonly of: T }[];
  readonly left: readonly { readonly path: string; readonly why: string }[];
  /** Why none of them can be sent at all. */
  readonly refused: string | undefined;
}

const INSTEAD = 'Choose the folder with the jobs alone, or use larder nomad convert, which takes any amount.';

export function choose<T extends Listed>(files: readonly T[]): Chosen<T> {
  const seen = files.filter(({ path }) => !path.split('/').slice(0, -1).some(isPassedOver));
  const folder = commonFolder(seen);
  const outputs = new Set(seen.filter(({ path }) => nameOf(path) === MARKER).map(({ path }) => folderOf(path)));
  const left: { path: string; why: string }[] = [];
  const taken: { path: string; of: T }[] = [];
  for (const file of seen) {
    const path = folder === undefined ? file.path : file.path.slice(folder.length + 1);
    const why = whyLeft({ ...file, path }, outputs.has(folderOf(file.path)));
    if (why === undefined) taken.push({ path, of: file });
    else if (why !== '') left.push({ path, why });
  }
  return { folder, taken: taken.sort((one, other) => (one.path < other.path ? -1 : 1)), left, refused: refusal(taken) };
}

/** Undefined: it is sent. Empty: nobody expects it to be. */
function whyLeft({ path, bytes }: Listed, inOutput: boolean): string | undefined {
  if (!isPlainPath(path)) return 'its path is not one below a folder';
  if (inOutput && ownFiles.has(nameOf(path))) return '';
  if (path.split('/').some((part) => part.startsWith('.'))) return 'hidden files are not sent';
  if (/\.tfstate(\.|$)/.test(path)) return 'the state of Terraform holds secrets and is not needed';
  if (isInputName(path))
    return bytes > limits.jobBytes ? `more than ${limits.jobBytes >> 10} KiB is no job` : undefined;
  return bytes > limits.jobBytes ? 'too large to be a file beside a job' : undefined;
}

function refusal(taken: readonly { readonly of: Listed }[]): string | undefined {
  const bytes = taken.reduce((sum, { of }) => sum + of.bytes, 0);
  if (taken.length > limits.files) return `These are ${taken.length} files; ${limits.files} are taken. ${INSTEAD}`;
  if (bytes > limits.bytes) return `These files have more than ${limits.bytes >> 20} MiB. ${INSTEAD}`;
  return undefined;
}

function commonFolder(files: readonly Listed[]): string | undefined {
  const tops = new Set(files.map(({ path }) => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '')));
  const [top] = tops;
  return tops.size === 1 && top !== '' ? top : undefined;
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
