/** A ledger to try things on: a repository of its own, people with keys, a clock that the test moves. */
import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerEvent } from '../../src/ledger/event.ts';
import { keySigner } from '../../src/ledger/key-signer.ts';
import { type Appended, Ledger } from '../../src/ledger/ledger.ts';
import type { LedgerOptions } from '../../src/ledger/place.ts';
import type { Repository } from '../../src/ledger/repository.ts';
import type { Signer } from '../../src/ledger/signer.ts';
import { publicKeyText, sshBlob } from '../../src/ledger/ssh-public-key.ts';
import { systemClock, systemRandom } from '../../src/telemetry/clock.ts';
import { MemoryDisk } from './memory-disk.ts';

const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The same key for the same number, so that a run can be repeated. */
export function signerOf(number: number): Signer {
  const der = Buffer.concat([PKCS8_ED25519, Buffer.alloc(32, number)]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const blob = sshBlob(createPublicKey(key));
  if (blob === undefined) throw new Error('Ed25519 has a name in ssh');
  return keySigner(key, publicKeyText(blob));
}

export const ann = signerOf(1);
export const bob = signerOf(2);

/** Runs git with a name and nobody's settings but the repository's. */
export function gitIn(root: string, ...args: readonly string[]): string {
  const identity = ['-c', 'user.name=Ann', '-c', 'user.email=ann@example.com', '-c', 'commit.gpgsign=false'];
  return execFileSync('git', [...identity, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A test, or a file of them. */
interface Lifetime {
  after(work: () => void): void;
}

export function folder(t: Lifetime, name = 'larder-ledger-'): string {
  const path = mkdtempSync(join(tmpdir(), name));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function repository(t: Lifetime): string {
  const root = folder(t);
  gitIn(root, 'init', '--quiet', '--initial-branch=main');
  return root;
}

function optionsFor(root: string, more: Partial<LedgerOptions> = {}): LedgerOptions {
  return { root, clock: systemClock, random: systemRandom, signer: ann, ...more };
}

/** With ann as its admin. */
export function startLedger(root: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  const operator = { operatorId: 'ann', role: 'admin' } as const;
  return Ledger.start({ ...optionsFor(root, more), title: 'Home', operator });
}

export function openLedger(root: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  return Ledger.open(optionsFor(root, more));
}

/** Nobody who opens it so can sign. */
export function openWithoutKey(root: string, more: Partial<LedgerOptions> = {}): Promise<Ledger> {
  const { signer: _none, ...options } = optionsFor(root, more);
  return Ledger.open(options);
}

/** An event that is never refused: an incident of that name. */
export function incident(name: string): LedgerEvent {
  const data = {
    incidentId: name,
    title: `What happened to ${name}`,
    severity: 'info',
    openedAt: '2024-01-01T00:00:00Z',
  } as const;
  return { type: 'incident-opened', data };
}

/** Throws where nothing was appended. */
export function appended(outcome: Appended | { readonly kind: string }): Extract<Appended, { kind: 'appended' }> {
  if ('record' in outcome) return outcome;
  throw new Error(`nothing was appended: ${JSON.stringify(outcome)}`);
}

/** A ledger whose files are in memory; only the lock is a file. */
export function memorySite(
  t: Lifetime,
  disk?: MemoryDisk,
): { readonly disk: MemoryDisk } & Pick<LedgerOptions, 'repository' | 'root'> {
  const own = folder(t);
  const root = '/repository';
  const repository: Repository = {
    root,
    own,
    checkedOut: async () => ({ commit: null, branch: 'refs/heads/main' }),
    hidden: async () => [],
  };
  return { root, repository, disk: disk ?? MemoryDisk.with(root, own) };
}
