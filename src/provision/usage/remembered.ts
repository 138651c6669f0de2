/**
 * What is remembered of a measured tree, one record per directory, so that the next measurement need not read what has
 * not changed. As text it is one line per record; what does not parse to the last line is no memory at all, which costs
 * a new reading and nothing else.
 */

export interface HotFile {
  /** Bytes, one character each. */
  readonly name: string;
  readonly inode: bigint;
  /** Of 512 bytes, as lstat(2) counts them. */
  readonly blocks: bigint;
}

export interface Linked {
  readonly inode: bigint;
  readonly blocks: bigint;
}

/** One directory as it was when its entries were read. Its own blocks are not in it: they are always asked anew. */
export interface Remembered {
  readonly inode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** Epoch ms at which its entries began to be read; 0: to be read again whatever its times say. */
  readonly readAt: number;
  /** Of its entries that are no directories and have one name. */
  readonly blocks: bigint;
  readonly files: bigint;
  readonly subdirectories: readonly string[];
  /** Files with several names: the tree has each of them once. */
  readonly linked: readonly Linked[];
  /** Files that may grow while the directory stays as it is: looked at each time. */
  readonly hot: readonly HotFile[];
}

export type Memory = ReadonlyMap<bigint, Remembered>;

const VERSION = 'larder usage 1';
const FIELDS = 9;

/** `subject` names the tree, so that a file under another tree's name is not taken for it. */
export function formatMemory(subject: string, records: Iterable<Remembered>): string {
  const lines = [`${VERSION} ${JSON.stringify(subject)}`];
  for (const record of records) lines.push(lineOf(record));
  lines.push(`end ${lines.length - 1}`);
  return lines.join('\n');
}

function lineOf(record: Remembered): string {
  const { inode, mtimeNs, ctimeNs, readAt, blocks, files } = record;
  const subdirectories = record.subdirectories.map(textOf);
  const linked = record.linked.map((file) => `${file.inode}:${file.blocks}`);
  const hot = record.hot.map((file) => `${textOf(file.name)}:${file.inode}:${file.blocks}`);
  const lists = [subdirectories, linked, hot].map((words) => words.join(','));
  return [inode, mtimeNs, ctimeNs, readAt, blocks, files, ...lists].join(' ');
}

/** Undefined: it is not the whole memory of that tree. */
export function parseMemory(subject: string, text: string): Memory | undefined {
  const lines = text.split('\n');
  const last = lines.pop();
  if (lines[0] !== `${VERSION} ${JSON.stringify(subject)}` || last !== `end ${lines.length - 1}`) return undefined;
  const memory = new Map<bigint, Remembered>();
  for (const line of lines.slice(1)) {
    const record = recordOf(line);
    if (!record) return undefined;
    memory.set(record.inode, record);
  }
  return memory;
}

function recordOf(line: string): Remembered | undefined {
  const words = line.split(' ');
  if (words.length !== FIELDS || !words.slice(0, 6).every(isNumber)) return undefined;
  const [inode = '', mtimeNs = '', ctimeNs = '', readAt = '', blocks = '', files = ''] = words;
  const [subdirectories, linked, hot] = words.slice(6).map(listOf);
  const links = linked?.map((word) => word.split(':'));
  const hots = hot?.map((word) => word.split(':'));
  if (!subdirectories || !links?.every(isLink) || !hots?.every(([, ...rest]) => isLink(rest))) return undefined;
  return {
    inode: BigInt(inode),
    mtimeNs: BigInt(mtimeNs),
    ctimeNs: BigInt(ctimeNs),
    readAt: Number(readAt),
    blocks: BigInt(blocks),
    files: BigInt(files),
    subdirectories: subdirectories.map(nameOf),
    linked: links.map(([file = '', size = '']) => ({ inode: BigInt(file), blocks: BigInt(size) })),
    hot: hots.map(([name = '', file = '', size = '']) => ({
      name: nameOf(name),
      inode: BigInt(file),
      blocks: BigInt(size),
    })),
  };
}

/** Times before 1970 are negative. */
const isNumber = (word: string): boolean => /^-?\d{1,20}$/.test(word);
const isLink = (words: readonly string[]): boolean => words.length === 2 && words.every(isNumber);
const listOf = (text: string): readonly string[] => (text === '' ? [] : text.split(','));
const textOf = (name: string): string => Buffer.from(name, 'latin1').toString('base64url');
const nameOf = (text: string): string => Buffer.from(text, 'base64url').toString('latin1');
