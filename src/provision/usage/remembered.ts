/**
 * What is remembered of a measured tree, one record per directory, so that the next measurement need not read what has
 * not changed. It is kept as bytes, because there are tens of thousands of records and they are only looked at now and
 * then: numbers take as many bytes as they need, seven bits in each, the lowest first. What does not parse to the last
 * byte, or is not what was written, is no memory at all, which costs a new reading and nothing else.
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

/**
 * One directory as it was when its entries were read. Its own blocks are not in it: they are always asked anew. Numbers
 * are of 64 bits, the two times with a sign.
 */
export interface Remembered {
  readonly inode: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  /** Epoch ms at which its entries began to be read; 0: to be read again whatever its times say. */
  readonly readAt: number;
  /** Of its entries that are no directories and have one name. */
  readonly blocks: bigint;
  readonly files: bigint;
  /** Bytes, one character each. */
  readonly subdirectories: readonly string[];
  /** Files with several names: the tree has each of them once. */
  readonly linked: readonly Linked[];
  /** Files that may grow while the directory stays as it is: looked at each time. */
  readonly hot: readonly HotFile[];
}

export type Memory = ReadonlyMap<bigint, Remembered>;

const GROUP = 128;
/** Groups of a number that a double holds exactly, and what they hold. */
const LOW_GROUPS = 7;
const LOW_BITS = 49n;
const LOW_MASK = (1n << LOW_BITS) - 1n;
/** Above those, of a number of 64 bits. */
const HIGH_LIMIT = 2 ** 15;
const LONGEST = 10;
const CHECK_BYTES = 4;

/** One character for each byte: a short string takes a fifth of the memory that a buffer of its own does. */
export function formatMemory(records: Iterable<Remembered>): string {
  const all = [...records];
  const writer = new Writer(LONGEST + CHECK_BYTES + all.reduce((bytes, record) => bytes + mostOf(record), 0));
  writer.number(all.length);
  for (const record of all) write(writer, record);
  return writer.end();
}

/** Undefined: it is not the whole of what was written. */
export function parseMemory(text: string): Memory | undefined {
  const end = text.length - CHECK_BYTES;
  if (end < 0 || checkOf(text, end) !== text.slice(end)) return undefined;
  const reader = new Reader(text, end);
  const memory = new Map<bigint, Remembered>();
  for (let left = reader.number(); left > 0 && reader.whole; left -= 1) {
    const record = read(reader);
    memory.set(record.inode, record);
  }
  return reader.ended ? memory : undefined;
}

function mostOf({ subdirectories, linked, hot }: Remembered): number {
  const names = [...subdirectories, ...hot.map(({ name }) => name)];
  const numbers = 9 + names.length + 2 * (linked.length + hot.length);
  return names.reduce((bytes, name) => bytes + name.length, numbers * LONGEST);
}

function write(writer: Writer, record: Remembered): void {
  writer.bigint(record.inode);
  writer.bigint(unsigned(record.mtimeNs));
  writer.bigint(unsigned(BigInt.asIntN(64, record.ctimeNs - record.mtimeNs))); // mostly none
  writer.number(record.readAt);
  writer.bigint(record.blocks);
  writer.bigint(record.files);
  writer.number(record.subdirectories.length);
  for (const name of record.subdirectories) writer.name(name);
  writer.number(record.linked.length);
  for (const file of record.linked) writeFile(writer, file);
  writer.number(record.hot.length);
  for (const file of record.hot) {
    writer.name(file.name);
    writeFile(writer, file);
  }
}

function writeFile(writer: Writer, { inode, blocks }: Linked): void {
  writer.bigint(inode);
  writer.bigint(blocks);
}

function read(reader: Reader): Remembered {
  const inode = reader.bigint();
  const mtimeNs = signed(reader.bigint());
  const ctimeNs = BigInt.asIntN(64, mtimeNs + signed(reader.bigint()));
  const readAt = reader.number();
  const blocks = reader.bigint();
  const files = reader.bigint();
  const subdirectories = reader.list(() => reader.name());
  const linked = reader.list(() => ({ inode: reader.bigint(), blocks: reader.bigint() }));
  const hot = reader.list(() => ({ name: reader.name(), inode: reader.bigint(), blocks: reader.bigint() }));
  return { inode, mtimeNs, ctimeNs, readAt, blocks, files, subdirectories, linked, hot };
}

/** Small whatever the sign: 0, -1, 1, -2, … */
const unsigned = (value: bigint): bigint => BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
const signed = (value: bigint): bigint => (value >> 1n) ^ -(value & 1n);

/** FNV-1a of 32 bits, as four characters. draft-eastlake-fnv-17, 2019. */
function checkOf(text: string, end: number): string {
  let hash = 0x811c9dc5;
  for (let at = 0; at < end; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return String.fromCharCode(hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, hash & 255);
}

/** Invariant: `#at` bytes are written, and there is room for what was announced. */
class Writer {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(most: number) {
    this.#bytes = Buffer.allocUnsafe(most);
  }

  /** At least 0, at most 2^53 - 1. */
  number(value: number): void {
    let rest = value;
    for (; rest >= GROUP; rest = Math.floor(rest / GROUP)) this.#byte((rest % GROUP) + GROUP);
    this.#byte(rest);
  }

  /** At least 0, less than 2^64. */
  bigint(value: bigint): void {
    let low = Number(value & LOW_MASK);
    const high = Number(value >> LOW_BITS);
    if (high === 0) {
      this.number(low);
      return;
    }
    for (let group = 0; group < LOW_GROUPS; group += 1) {
      this.#byte((low % GROUP) + GROUP);
      low = Math.floor(low / GROUP);
    }
    this.number(high);
  }

  name(name: string): void {
    this.number(name.length);
    this.#at += this.#bytes.write(name, this.#at, 'latin1');
  }

  end(): string {
    const check = checkOf(this.#bytes.toString('latin1', 0, this.#at), this.#at);
    this.#at += this.#bytes.write(check, this.#at, 'latin1');
    return this.#bytes.toString('latin1', 0, this.#at);
  }

  #byte(value: number): void {
    this.#bytes[this.#at] = value;
    this.#at += 1;
  }
}

/** Invariant: nothing from `#end` on is read; past it everything is 0, and it is not `whole` any more. */
class Reader {
  readonly #text: string;
  readonly #end: number;
  #at = 0;
  whole = true;

  constructor(text: string, end: number) {
    this.#text = text;
    this.#end = end;
  }

  /** All was read and nothing is left. */
  get ended(): boolean {
    return this.whole && this.#at === this.#end;
  }

  number(): number {
    const value = Number(this.bigint());
    if (!Number.isSafeInteger(value)) this.whole = false;
    return value;
  }

  bigint(): bigint {
    const { value: low, more } = this.#groups(LOW_GROUPS);
    if (!more) return BigInt(low);
    const { value: high, more: tooMany } = this.#groups(LONGEST - LOW_GROUPS);
    if (tooMany || high >= HIGH_LIMIT) this.whole = false;
    return (BigInt(high) << LOW_BITS) + BigInt(low);
  }

  name(): string {
    const length = this.number();
    const from = this.#at;
    this.#at += length;
    if (this.#at > this.#end) this.whole = false;
    return this.#text.slice(from, this.#at);
  }

  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.number(); left > 0 && this.whole; left -= 1) items.push(item());
    return items;
  }

  #groups(most: number): { readonly value: number; readonly more: boolean } {
    let value = 0;
    let unit = 1;
    for (let group = 0; group < most; group += 1) {
      const byte = this.#byte();
      value += (byte % GROUP) * unit;
      if (byte < GROUP) return { value, more: false };
      unit *= GROUP;
    }
    return { value, more: true };
  }

  #byte(): number {
    if (this.#at >= this.#end) {
      this.whole = false;
      return 0;
    }
    const byte = this.#text.charCodeAt(this.#at);
    this.#at += 1;
    return byte;
  }
}
