/**
 * A private folder for one play: the pinned host keys, the inventory as a program (so that secrets stay in memory), and
 * nothing that is needed afterwards.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Clock } from '../../telemetry/clock.ts';
import { knownHosts } from '../inventory/known-hosts.ts';
import type { ClusterSpec } from '../spec/cluster-spec.ts';
import { ownPrefix, sweepRooms } from './left-rooms.ts';
import { ownProgram } from './own-program.ts';
import type { PlayConnections } from './ssh-connections.ts';

export interface PlayRoom extends Disposable, PlayConnections {
  readonly inventory: string;
  /** Where no list of processes shows them. */
  readonly variables: string;
}

export interface PlayRoomOptions {
  readonly spec: ClusterSpec;
  /** The cluster.yaml itself. */
  readonly file: string;
  /** The inventory reveals the secrets that roles need. */
  readonly secrets: boolean;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly clock: Clock;
}

/** What a Larder that was killed has left goes first. */
export function playRoom({ spec, file, secrets, variables, clock }: PlayRoomOptions): PlayRoom {
  sweepRooms(tmpdir(), clock.now());
  const folder = mkdtempSync(join(tmpdir(), ownPrefix('play'))); // for this user alone
  const inventory = join(folder, 'inventory');
  const words = [...ownProgram(), 'cluster', 'inventory', '--file', file, ...(secrets ? ['--secrets'] : [])];
  writeFileSync(inventory, `#!/bin/sh\nexec ${words.map(quoted).join(' ')} "$@"\n`, { mode: 0o700 });
  const keys = join(folder, 'known_hosts');
  writeFileSync(keys, knownHosts(spec), { mode: 0o600 });
  const extra = join(folder, 'variables.json');
  writeFileSync(extra, JSON.stringify(variables), { mode: 0o600 });
  return {
    inventory,
    variables: extra,
    knownHosts: keys,
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
