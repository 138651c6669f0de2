/** For tests of copies: a tree with everything in it, the slices of a copy, and what a tree looks like. */
import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import { createManualClock } from '../../telemetry/manual-clock.ts';
import { AT, isRoot, type OperationsWorld } from '../export/operations.fixture.ts';
import { createOperations, type Perform } from '../export/operations.ts';
import type { Result } from '../export/protocol.ts';
import type { CloneFigures, CloneRequest } from './clones.ts';

export const MIB = 1024 * 1024;
const UID = '0a1b-2c';

const requestOf = (change: Partial<CloneRequest> = {}): CloneRequest => ({
  uid: UID,
  source: ['original'],
  sourceSeen: true,
  path: ['copy'],
  maxBytes: 4 * MIB,
  maxOperations: 5_000,
  neededBytes: 0n,
  minFreeBytes: 0n,
  minFreeInodes: 0n,
  ...change,
});

export const advance = (perform: Perform, change?: Partial<CloneRequest>): Promise<Result> =>
  perform({ kind: 'clone', ...requestOf(change) });

/** Slices until it is complete, or cannot be. */
export async function cloneAll(perform: Perform, change?: Partial<CloneRequest>) {
  for (let slices = 1; ; slices += 1) {
    const result = await advance(perform, change);
    if (result.kind !== 'cloning') return { result, slices };
    assert.ok(slices < 10_000);
  }
}

export async function figuresOf(perform: Perform, change?: Partial<CloneRequest>): Promise<CloneFigures> {
  const { result } = await cloneAll(perform, change);
  assert.ok(
    result.kind === 'cloned',
    JSON.stringify(result, (_k, v) => (typeof v === 'bigint' ? `${v}` : v)),
  );
  return result.figures;
}

/** Everything that a copy has to keep, by path; what a directory's size is, is up to the filesystem. */
export function pictureOf(top: string): readonly string[] {
  const lines: string[] = [];
  const look = (path: Buffer, shown: string): void => {
    const facts = fs.lstatSync(path, { bigint: true });
    const owner = `${facts.mode.toString(8)} ${facts.uid}:${facts.gid} ${facts.mtimeNs / 1000n}`;
    if (facts.isDirectory()) {
      lines.push(`${shown} ${owner}`);
      for (const name of fs.readdirSync(path, { encoding: 'buffer' })) {
        look(Buffer.concat([path, Buffer.from('/'), name]), `${shown}/${name.toString('latin1')}`);
      }
    } else if (facts.isSymbolicLink()) {
      lines.push(`${shown} ${owner} -> ${fs.readlinkSync(path, { encoding: 'buffer' }).toString('latin1')}`);
    } else {
      const text = facts.isFile() ? fs.readFileSync(path).toString('base64').slice(0, 200) : '';
      lines.push(`${shown} ${owner} ${facts.size} ×${facts.nlink} ${text}`);
    }
  };
  look(Buffer.from(top), '');
  return lines.sort();
}

export function fill(at: OperationsWorld['at']): void {
  const names = ['plain', 'with space', '.hidden', 'ünï', '-dash', 'new\nline', '$(x)', "q'uote", 'tree', 'links'];
  fs.mkdirSync(at('original', 'a', 'b', 'c'), { recursive: true });
  for (const name of names) fs.writeFileSync(at('original', name), `content of ${name}`);
  fs.writeFileSync(Buffer.concat([Buffer.from(`${at('original')}/`), Buffer.from([0xff, 0xfe, 0x41])]), 'not utf-8');
  fs.writeFileSync(at('original', 'a', 'empty'), '');
  fs.writeFileSync(at('original', 'a', 'large'), Buffer.alloc(3 * MIB + 17, 'x'));
  fs.writeFileSync(at('original', 'a', 'b', 'secret'), 's', { mode: 0o600 });
  fs.writeFileSync(at('original', 'a', 'b', 'tool'), '#!', { mode: 0o755 });
  fs.linkSync(at('original', 'plain'), at('original', 'a', 'b', 'c', 'same'));
  fs.linkSync(at('original', 'a', 'large'), at('original', 'large-too'));
  fs.symlinkSync('../plain', at('original', 'a', 'link'));
  fs.symlinkSync('/etc/passwd', at('original', 'a', 'absolute'));
  fs.symlinkSync('nowhere', at('original', 'dangling'));
  fs.chmodSync(at('original', 'a', 'b'), 0o2750);
  if (isRoot) fs.chownSync(at('original', 'a', 'b', 'tool'), 999, 998);
  if (isRoot) fs.lchownSync(at('original', 'dangling'), 7, 8);
  fs.chmodSync(at('original'), 0o700);
  for (const path of ['plain', 'a/b', 'a']) fs.utimesSync(at('original', path), 1_000_000_000, 1_111_111_111.25);
  fs.utimesSync(at('original'), 1_000_000_000, 1_222_222_222);
}

export const stagedIn = (at: OperationsWorld['at']): readonly string[] => fs.readdirSync(at('.larder', 'clone'));

/** What a finished copy leaves, in slices. */
export async function sweep(perform: Perform): Promise<void> {
  for (let round = 0; ; round += 1) {
    assert.ok(round < 1_000);
    const listed = await perform({ kind: 'clones' });
    assert.ok(listed.kind === 'clones');
    const [entry] = listed.entries;
    if (!entry) return;
    assert.equal((await perform({ kind: 'unclone', name: entry.name, maxOperations: 3 })).kind, 'removed');
  }
}

/** The operations of another process on the same export. */
export async function secondProcess({ root }: OperationsWorld): Promise<Perform> {
  const perform = createOperations(createManualClock(AT + 1_000));
  assert.equal((await perform({ kind: 'open', root, allowLocal: true, probe: 'second' })).kind, 'opened');
  return perform;
}
