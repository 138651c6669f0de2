import { basename, join } from 'node:path';
import { listen } from '../../http/server.ts';
import { openDesk } from '../../ledger/api/open-desk.ts';
import { ledgerApi } from '../../ledger/api.ts';
import { findSigner, OWN_KEY } from '../../ledger/find-signer.ts';
import { isBreak } from '../../ledger/finding.ts';
import { gitFolder, workingTree } from '../../ledger/git.ts';
import { createKeyFile } from '../../ledger/key-file.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { LedgerError } from '../../ledger/registry.ts';
import type { Signer } from '../../ledger/signer.ts';
import { newToken, oneToken, type Tokens, tokensIn } from '../../ledger/tokens.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { createLog } from '../../telemetry/log.ts';
import { Exit, exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../output.ts';
import type { CommandContext } from '../program.ts';
import { untilStopped } from '../signals.ts';
import { committing } from './committing.ts';
import { committer } from './init.ts';
import { folderOf, openLedger } from './place.ts';
import type { ServeOptions } from './serve-options.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export function serveLedger({ terminal }: CommandContext, options: ServeOptions): Promise<void> {
  return untilStopped(async (signal) => {
    const root = await workingTree(folderOf(terminal, options));
    const tokens = await tokensFor(options);
    const signer = await signerFor(terminal, options, root);
    const ledger = await ledgerFor(options, root, signer);
    const operator = operatorOf(ledger, signer);
    const log = createLog({ level: 'info' });
    const commits = committing({ ledger, clock: systemClock, log, isOn: options.commit });
    const desk = openDesk({ ledger, clock: systemClock, signed: { operator, signer }, wrote: commits.wrote });
    const isLoopback = LOOPBACK.includes(options.host) || options.host === '::1';
    const app = await ledgerApi({ desk, tokens: tokens.tokens, hosts: isLoopback ? LOOPBACK : [], log });
    try {
      const state = await condition(terminal, ledger);
      const port = await listen(app, options);
      commits.wrote(); // what was recorded before and not committed
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      const records = `${ledger.records.length} ${ledger.records.length === 1 ? 'record' : 'records'}`;
      terminal.out(`ledger: ${root} (${records}, ${state})\naddress: http://${host}:${port}\n${tokens.said}\nready\n`);
      if (!isLoopback)
        terminal.err(
          `${paint(terminal, 'yellow', 'careful')}: ${options.host} is no loopback address, and tokens travel in plain text: put a proxy with TLS in front\n`,
        );
      await new Promise<void>((resolve) => {
        if (signal.aborted) return resolve();
        signal.addEventListener('abort', () => resolve(), { once: true });
      });
    } finally {
      await desk.turn(async () => undefined); // what was begun is answered
      await app.close();
      await desk.turn(async () => undefined); // and what came in meanwhile is committed
      await commits.stop();
    }
  });
}

async function tokensFor({ tokenFile }: ServeOptions): Promise<{ readonly tokens: Tokens; readonly said: string }> {
  if (tokenFile !== undefined) {
    const tokens = await tokensIn(tokenFile);
    return { tokens, said: `tokens: ${tokens.size} in ${tokenFile}` };
  }
  const token = newToken();
  return { tokens: oneToken(token), said: `token: ${token}` };
}

/** With --init somebody without any ssh key gets one that belongs to this clone and nothing else. */
async function signerFor(terminal: Terminal, { key, init }: ServeOptions, root: string): Promise<Signer> {
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

async function ledgerFor(options: ServeOptions, root: string, signer: Signer): Promise<Ledger> {
  try {
    return await openLedger({ root, signer });
  } catch (failure) {
    const isMissing = failure instanceof LedgerError && failure.code === 'LARDER_LEDGER_NOT_FOUND';
    if (!isMissing) throw failure;
    if (options.init !== true) throw new Exit(exitCodes.usage, `${failure.message}; or add --init`, { cause: failure });
    const operatorId = options.operator ?? (await committer(root));
    const place = { root, clock: systemClock, random: systemRandom, signer };
    return Ledger.start({ ...place, title: basename(root), operator: { operatorId, role: 'admin' } });
  }
}

/** A server whose records would all be refused is not started. */
function operatorOf(ledger: Ledger, { publicKey }: Signer): string {
  const found = [...ledger.state.operators.values()].find(
    ({ keys, removed }) =>
      removed === undefined && keys.some((key) => key.publicKey === publicKey && key.endedAt === undefined),
  );
  if (found !== undefined) return found.operatorId;
  const next =
    'name the key of one with --key FILE, or have an admin add this one: larder ledger operator add ID --role server';
  throw new Exit(
    exitCodes.usage,
    `the key ${publicKey} belongs to no operator of the ledger in ${ledger.root}: ${next}`,
  );
}

/** A broken ledger is served for reading: what is in it is needed most when something is wrong. */
async function condition(terminal: Terminal, ledger: Ledger): Promise<string> {
  const { kind, findings } = await ledger.verify();
  if (kind === 'whole') return 'whole';
  const first = findings.find(isBreak);
  terminal.err(
    `${paint(terminal, 'red', 'broken')}: ${first?.message}\nServed for reading only. Run larder ledger verify.\n`,
  );
  return 'broken, read-only';
}
