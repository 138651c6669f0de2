import { MessageChannel } from 'node:worker_threads';
import type { Command } from 'commander';
import type { HeadSource } from '../../ledger/head-source.ts';
import { trailerSource } from '../../ledger/head-trailer.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { remembered, rememberedFile } from '../../ledger/remembered.ts';
import { findRepository } from '../../ledger/repository.ts';
import type { Signer } from '../../ledger/signer.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';

/** Where the ledger is. */
export interface PlaceOptions {
  readonly ledger?: string;
}

/** Who signs, and whether git gets what was written. */
export interface WriteOptions extends PlaceOptions {
  readonly key?: string;
  readonly commit: boolean;
}

export function placed(command: Command): Command {
  return command.option('--ledger <dir>', 'the repository with the ledger (default: LARDER_LEDGER, else this folder)');
}

export function writing(command: Command): Command {
  return placed(command)
    .option('--key <file>', 'ssh key that signs (default: that of git, the agent, ~/.ssh)')
    .option('--no-commit', 'leave the commit of the new files to you');
}

/** Throws Exit 2 for the address of a server: these verbs work on files. */
export function folderOf({ env }: Terminal, options: PlaceOptions): string {
  const place = options.ledger ?? env['LARDER_LEDGER'] ?? '.';
  if (!/^https?:\/\//.test(place)) return place;
  throw new Exit(exitCodes.usage, `${place} is a server: name the folder of a clone with --ledger DIR`);
}

export interface Opening {
  readonly root: string;
  readonly signer?: Signer;
  readonly heads?: readonly HeadSource[];
}

/** Commits of the branch are always asked for heads: a ledger whose files are all gone is not one that never was. */
export function openLedger({ root, signer, heads = [trailerSource(root)] }: Opening): Promise<Ledger> {
  return Ledger.open({ root, clock: systemClock, random: systemRandom, heads, ...(signer && { signer }) });
}

/** For verbs that only tell what the ledger says: what this user has found whole before is not checked again. */
export async function readOnly({ env }: Terminal, root: string): Promise<Ledger> {
  const repository = await findRepository(root);
  const options = { root, repository, clock: systemClock, random: systemRandom, heads: [trailerSource(root)] };
  return Ledger.open({ ...options, remembered: remembered(rememberedFile(env, repository.root), systemRandom.uuid()) });
}

/** Runs work that may wait for a lock or an agent: timers of the clock keep no process alive. */
export async function kept<T>(work: () => Promise<T>): Promise<T> {
  const { port1: alive } = new MessageChannel();
  alive.on('message', () => undefined);
  try {
    return await work();
  } finally {
    alive.close();
  }
}
