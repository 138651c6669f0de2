/** The ledger that is served, and the key that signs what clients report. */
import { basename, join } from 'node:path';
import type { EventData } from '../../ledger/event.ts';
import { findSigner, OWN_KEY } from '../../ledger/find-signer.ts';
import { gitFolder } from '../../ledger/git.ts';
import { holderOf } from '../../ledger/holder.ts';
import { createKeyFile, fileSigner, isThere } from '../../ledger/key-file.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { refusal } from '../../ledger/refusal.ts';
import { LedgerError } from '../../ledger/registry.ts';
import type { Signer } from '../../ledger/signer.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { Exit, exitCodes } from '../exit.ts';
import type { Terminal } from '../output.ts';
import { committer } from './init.ts';
import { openLedger } from './place.ts';
import type { ServeOptions } from './serve-options.ts';

/** Of the server of this clone, below the folder of git: it records for others, and approves nothing. */
const SERVER_KEY = 'larder/server_ed25519';

interface Served {
  readonly ledger: Ledger;
  readonly signer: Signer;
}

/**
 * With the key that --key names; else with the server's own, where the ledger knows it; else with that of whoever starts it.
 * A ledger that begins here gets such a key: what a token lets somebody do must not be what an admin may.
 */
export async function openServed(terminal: Terminal, options: ServeOptions, root: string): Promise<Served> {
  const path = join(await gitFolder(root), SERVER_KEY);
  const isOwnWanted = options.key === undefined;
  const own = isOwnWanted && (await isThere(path)) ? await fileSigner(path, terminal.env) : undefined;
  const known = own && (await knownTo(root, own));
  if (own && known) return { ledger: known, signer: own };
  const person = await personFor(terminal, options, root);
  const { ledger, isNew } = await ledgerFor(options, root, person);
  // One that was made and never got into the ledger, because the process was killed in between, gets there now.
  const isMissing = isOwnWanted && (isNew || (own !== undefined && options.init === true));
  if (!isMissing) return { ledger, signer: person };
  const server = own ?? (await createKeyFile(path, 'larder ledger server'));
  await addServer(ledger, server);
  return { ledger: await openLedger({ root, signer: server }), signer: server };
}

async function knownTo(root: string, signer: Signer): Promise<Ledger | undefined> {
  try {
    const ledger = await openLedger({ root, signer });
    return holderOf(ledger.state, signer.publicKey) === undefined ? undefined : ledger;
  } catch (failure) {
    if (failure instanceof LedgerError && failure.code === 'LARDER_LEDGER_NOT_FOUND') return undefined;
    throw failure;
  }
}

async function addServer(ledger: Ledger, { publicKey }: Signer): Promise<void> {
  const names = ['server', 'larder-server'];
  const operatorId = names.find((name) => !ledger.state.operators.has(name)) ?? `server-${systemRandom.uuid()}`;
  const data: EventData<'operator-added'> = { operatorId, role: 'server', keys: [publicKey] };
  const added = await ledger.append({ event: { type: 'operator-added', data } });
  if (added.kind !== 'appended')
    throw new Exit(exitCodes.approval, `the key of the server was not added: ${refusal(added)}`);
}

/** With --init somebody without any ssh key gets one that belongs to this clone and nothing else. */
async function personFor(terminal: Terminal, { key, init }: ServeOptions, root: string): Promise<Signer> {
  try {
    return await findSigner({ env: terminal.env, repository: root, ...(key === undefined ? {} : { key }) });
  } catch (failure) {
    const isMissing = failure instanceof LedgerError && failure.code === 'LARDER_LEDGER_NO_KEY';
    if (!isMissing) throw failure;
    if (init !== true)
      throw new Exit(exitCodes.usage, `${failure.message}. Or add --init: it makes one for this clone`);
    const path = join(await gitFolder(root), OWN_KEY);
    const signer = await createKeyFile(path, 'larder ledger');
    terminal.err(
      `You have no ssh key, so one was made for this clone: ${path}\nKeep a copy of it: without it nobody can add to this ledger.\n`,
    );
    return signer;
  }
}

async function ledgerFor(
  options: ServeOptions,
  root: string,
  signer: Signer,
): Promise<{ readonly ledger: Ledger; readonly isNew: boolean }> {
  try {
    return { ledger: await openLedger({ root, signer }), isNew: false };
  } catch (failure) {
    const isMissing = failure instanceof LedgerError && failure.code === 'LARDER_LEDGER_NOT_FOUND';
    if (!isMissing) throw failure;
    if (options.init !== true) throw new Exit(exitCodes.usage, `${failure.message}; or add --init`, { cause: failure });
    const operatorId = options.operator ?? (await committer(root));
    const place = { root, clock: systemClock, random: systemRandom, signer };
    const ledger = await Ledger.start({ ...place, title: basename(root), operator: { operatorId, role: 'admin' } });
    return { ledger, isNew: true };
  }
}
