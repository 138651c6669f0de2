import { dirname, resolve } from 'node:path';
import type { Command } from 'commander';
import type { Refused } from '../../../cluster/secrets/refused.ts';
import { nameIn } from '../../../cluster/secrets/secret-file.ts';
import type { ClusterSpec } from '../../../cluster/spec/cluster-spec.ts';
import { Exit, exitCodes } from '../../exit.ts';
import type { Terminal } from '../../output.ts';
import { intoOwnLedger } from '../record-events.ts';
import { SPEC_FILE, specOf } from '../spec-file.ts';

/** Where secrets are: the folder of cluster.yaml, and what it names. */
export interface SecretRoom {
  readonly spec: ClusterSpec;
  /** cluster.yaml itself. */
  readonly specFile: string;
  readonly repository: string;
  readonly env: Terminal['env'];
}

export interface RoomOptions {
  readonly file: string;
}

/** `-f` is the cluster; the encrypted files are arguments. */
export function inRoom(command: Command): Command {
  return command.option('-f, --file <file>', 'the cluster', SPEC_FILE);
}

export function secretRoom(terminal: Terminal, { file }: RoomOptions): SecretRoom {
  return { spec: specOf(terminal, file), specFile: file, repository: dirname(resolve(file)), env: terminal.env };
}

/** The same for a verb whose records go into the repository's own ledger where none is named. */
export function recordedRoom(command: Command, terminal: Terminal, options: RoomOptions): SecretRoom {
  const room = secretRoom(terminal, options);
  intoOwnLedger(command, room.repository);
  return room;
}

/** An encrypted file as people name it: from where they stand. Returned from the root of the repository. */
export function namedFile({ repository }: SecretRoom, file: string): string {
  const here = nameIn(repository, resolve(file));
  return here.startsWith('..') ? nameIn(repository, file) : here;
}

/** What was wanted; throws Exit 2 with the reason and its code. */
export function unlessRefused<T extends { readonly kind: string }>(result: T | Refused): T {
  if (isRefused(result)) throw new Exit(exitCodes.usage, `${result.message} (${result.code})`);
  return result;
}

function isRefused(result: { readonly kind: string }): result is Refused {
  return result.kind === 'refused';
}
