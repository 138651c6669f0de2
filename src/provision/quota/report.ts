/** What the quota tools print, read. Whatever is not understood is left out: a line that is missing is not enforced. */

/** Of one project or, on GlusterFS, of one directory. */
export interface QuotaEntry {
  /** Project number; 0 where the filesystem counts by directory. */
  readonly id: number;
  /** From the volume's root, with a slash in front; empty where the filesystem counts by project. */
  readonly path: string;
  readonly usedBytes: bigint;
  /** 0: counted, not limited. */
  readonly limitBytes: bigint;
  /** Undefined where files are not counted. */
  readonly inodes: bigint | undefined;
}

const KIB = 1024n;

/**
 * `xfs_quota -x -c 'report -p -n -N -b -i'`: number, used, soft, hard, warnings and grace of blocks, then the same of
 * inodes; blocks are KiB. xfsprogs 6.1.
 */
export function parseXfsReport(text: string): readonly QuotaEntry[] {
  const entries: QuotaEntry[] = [];
  for (const line of text.split('\n')) {
    const match = /^#(\d+)\s+(\d+)\s+\d+\s+(\d+)\s+\d+ \[[^\]]*\]\s+(\d+)\s/.exec(line);
    if (match) entries.push(entryOf(match[1], match[2], match[3], match[4]));
  }
  return entries;
}

/** `repquota -P -n -O csv`: the header names the columns; blocks are KiB. quota-tools 4.06. */
export function parseRepquota(text: string): readonly QuotaEntry[] {
  const [header = '', ...lines] = text.split('\n');
  const columns = header.trim().split(',');
  const at = (name: string): number => columns.indexOf(name);
  const [project, used, hard, files] = [at('Project'), at('BlockUsed'), at('BlockHardLimit'), at('FileUsed')];
  if ([project, used, hard, files].includes(-1)) return [];
  const entries: QuotaEntry[] = [];
  for (const line of lines) {
    const cells = line.trim().split(',');
    const id = /^#(\d+)$/.exec(cells[project] ?? '')?.[1];
    if ([cells[used], cells[hard], cells[files]].every((cell) => /^\d+$/.test(cell ?? '')) && id !== undefined) {
      entries.push(entryOf(id, cells[used], cells[hard], cells[files]));
    }
  }
  return entries;
}

const entryOf = (id = '', used = '', hard = '', files = ''): QuotaEntry => ({
  id: Number(id),
  path: '',
  usedBytes: BigInt(used) * KIB,
  limitBytes: BigInt(hard) * KIB,
  inodes: BigInt(files),
});

export interface GlusterAnswer {
  /** 0: done. */
  readonly code: number;
  readonly message: string;
  readonly entries: readonly QuotaEntry[];
}

/** `gluster volume quota VOLUME list --xml`; GlusterFS 10. Undefined: not an answer of the command at all. */
export function parseGluster(text: string): GlusterAnswer | undefined {
  const code = /<opRet>(-?\d+)<\/opRet>/.exec(text)?.[1];
  if (code === undefined) return undefined;
  const entries: QuotaEntry[] = [];
  for (const [, limit = ''] of text.matchAll(/<limit>([\s\S]*?)<\/limit>/g)) {
    const path = fieldOf(limit, 'path');
    const hard = fieldOf(limit, 'hard_limit') ?? '';
    const used = fieldOf(limit, 'used_space') ?? '';
    if (path === undefined || !/^\d+$/.test(hard) || !/^\d+$/.test(used)) continue;
    entries.push({ id: 0, path, usedBytes: BigInt(used), limitBytes: BigInt(hard), inodes: undefined });
  }
  return { code: Number(code), message: fieldOf(text, 'opErrstr') ?? '', entries };
}

/** Servers of `gluster volume info VOLUME --xml`; empty: it knows no such volume. */
export const parseBricks = (xml: string): readonly string[] => [
  ...new Set([...xml.matchAll(/<name>([^<:]+):\/[^<]*<\/name>/g)].map(([, server = '']) => server)),
];

function fieldOf(xml: string, name: string): string | undefined {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1];
  return text?.replace(/&(lt|gt|quot|apos|amp);/g, (_match, word: string) => ENTITIES[word] ?? '');
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' };

/** Lines of `xfs_io -c lsproj`, in the order of the files. */
export const parseProjects = (text: string): readonly number[] =>
  [...text.matchAll(/^projid = (\d+)$/gm)].map((match) => Number(match[1]));
