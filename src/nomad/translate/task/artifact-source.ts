import type { Artifact } from '../../jobspec/job.ts';

/** What an init container can fetch of what go-getter can. */
export type Source =
  | {
      readonly kind: 'http';
      readonly url: string;
      readonly unpack: Unpacking | undefined;
      readonly checksum?: Checksum;
      readonly file: string;
    }
  | { readonly kind: 'git'; readonly url: string; readonly ref: string | undefined; readonly folder: string }
  | { readonly kind: 'none'; readonly why: string };

export interface Checksum {
  readonly tool: 'md5sum' | 'sha1sum' | 'sha256sum' | 'sha512sum';
  readonly sum: string;
}

export type Unpacking = 'tar' | 'tar.gz' | 'tar.bz2' | 'tar.xz' | 'zip' | 'gz' | 'bz2' | 'xz';

const endings: readonly (readonly [string, Unpacking])[] = [
  ['.tar.gz', 'tar.gz'],
  ['.tgz', 'tar.gz'],
  ['.tar.bz2', 'tar.bz2'],
  ['.tbz2', 'tar.bz2'],
  ['.tar.xz', 'tar.xz'],
  ['.txz', 'tar.xz'],
  ['.tar', 'tar'],
  ['.zip', 'zip'],
  ['.gz', 'gz'],
  ['.bz2', 'bz2'],
  ['.xz', 'xz'],
];

const lengths: readonly (readonly [string, Checksum['tool'], number])[] = [
  ['md5', 'md5sum', 32],
  ['sha1', 'sha1sum', 40],
  ['sha256', 'sha256sum', 64],
  ['sha512', 'sha512sum', 128],
];

/** Keys of go-getter that say how to fetch; they are not for the server. */
const instructions = new Set(['archive', 'checksum', 'filename', 'ref', 'depth', 'sshkey']);

/** A source of an artifact, as go-getter reads it: a forced getter before `::`, a folder after `//`, keys in the query. */
export function sourceOf({ source, options, mode }: Artifact): Source {
  const written = source?.value ?? '';
  const [, forced, rest = written] = /^([a-z0-9]+)::(.*)$/i.exec(written) ?? [];
  const keys = new Map(options.map(({ key, value }) => [key, value] as const));
  const { address, query } = split(rest);
  for (const [key, value] of query) if (instructions.has(key)) keys.set(key, value);
  if (/^[^/]*:\/\/[^/]*@/.test(address)) return none('its address holds a credential');
  if ([...query].some(([key]) => /token|secret|password|signature|access/i.test(key))) {
    return none('its address holds a credential');
  }
  const kept = query.filter(([key]) => !instructions.has(key)).map(([key, value]) => `${key}=${value}`);
  const url = kept.length === 0 ? address : `${address}?${kept.join('&')}`;
  if (keys.has('sshkey') || /^(ssh:|git@)/.test(address)) return none('it needs a key for ssh');
  if (isGit(address, forced)) return gitOf(url, keys.get('ref'));
  if (forced !== undefined && !/^https?$/i.test(forced)) return none(`${forced} needs a program and rights of its own`);
  if (!/^https?:\/\//i.test(address)) return none('only http, https and git are fetched');
  return httpOf(url, keys, mode.value);
}

function split(text: string): { readonly address: string; readonly query: readonly (readonly [string, string])[] } {
  const [address = '', query = ''] = text.split(/\?(.*)/s);
  const pairs = query === '' ? [] : query.split('&').map((pair) => pair.split(/=(.*)/s));
  return { address, query: pairs.map(([key = '', value = '']) => [key, value] as const) };
}

function isGit(address: string, forced: string | undefined): boolean {
  if (forced !== undefined) return forced.toLowerCase() === 'git';
  return /^(github\.com|gitlab\.com|bitbucket\.org)\//.test(address) || /\.git(\/\/|$)/.test(address);
}

function gitOf(url: string, ref: string | undefined): Source {
  const [, base = url, folder = ''] = /^((?:https?:\/\/)?[^?]*?)(?:\/\/([^?]*))?$/.exec(url) ?? [];
  const whole = /^https?:\/\//.test(base) ? base : `https://${base}`;
  return { kind: 'git', url: whole, ref, folder };
}

function httpOf(url: string, keys: ReadonlyMap<string, string>, mode: string): Source {
  const path = url.replace(/^https?:\/\/[^/]*/i, '').replace(/\?.*$/s, '');
  if (/[^:]\/\//.test(path)) return none('a folder of an archive (//) is not picked out');
  const archive = keys.get('archive');
  const ending = endings.find(([each]) => (archive ? `.${archive}` === each : path.toLowerCase().endsWith(each)));
  const unpack = archive === 'false' || archive === '0' || mode === 'file' ? undefined : ending?.[1];
  const file = keys.get('filename') ?? path.split('/').at(-1) ?? '';
  const written = keys.get('checksum');
  const checksum = written === undefined ? undefined : checksumOf(written);
  if (written !== undefined && !checksum)
    return none(`its checksum ${written.split(':')[0]} is not one that is checked`);
  if (file === '' || file === '.' || file === '..') return none('its address ends without the name of a file');
  return { kind: 'http', url, unpack, file, ...(checksum ? { checksum } : {}) };
}

function checksumOf(written: string): Checksum | undefined {
  const [, type, sum] = /^(?:([a-z0-9]+):)?([0-9a-f]+)$/i.exec(written) ?? [];
  const found = lengths.find(
    ([name, , length]) => (type === undefined || type.toLowerCase() === name) && sum?.length === length,
  );
  return found && sum !== undefined ? { tool: found[1], sum: sum.toLowerCase() } : undefined;
}

function none(why: string): Source {
  return { kind: 'none', why };
}
