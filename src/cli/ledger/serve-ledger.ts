import { listen } from '../../http/server.ts';
import type { Desk } from '../../ledger/api/desk.ts';
import { openDesk } from '../../ledger/api/open-desk.ts';
import { ledgerApi } from '../../ledger/api.ts';
import { isBreak } from '../../ledger/finding.ts';
import { workingTree } from '../../ledger/git.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import type { Signer } from '../../ledger/signer.ts';
import { newToken, oneToken, type Tokens, tokensIn } from '../../ledger/tokens.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { createLog, type Log } from '../../telemetry/log.ts';
import { Exit, exitCodes } from '../exit.ts';
import { paint, type Terminal } from '../output.ts';
import type { CommandContext } from '../program.ts';
import { untilStopped } from '../signals.ts';
import { committing } from './committing.ts';
import { openServed } from './open-served.ts';
import { folderOf } from './place.ts';
import type { ServeOptions } from './serve-options.ts';
import { tellCluster } from './tell-cluster.ts';

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

export function serveLedger(context: CommandContext, options: ServeOptions): Promise<void> {
  const { terminal } = context;
  return untilStopped(async (signal) => {
    const root = await workingTree(folderOf(terminal, options));
    const tokens = await tokensFor(options);
    const { ledger, signer } = await openServed(terminal, options, root);
    const operator = operatorOf(ledger, signer);
    const log = createLog({ level: 'info' });
    const named = options.kubeconfig ?? options.context;
    const tell = named === undefined ? {} : { tell: () => told(context, options, desk, log) };
    const commits = committing({
      ledger,
      clock: systemClock,
      random: systemRandom,
      log,
      isOn: options.commit,
      ...tell,
    });
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

/** That the cluster cannot be told takes nothing back; the next record tells it. */
async function told(context: CommandContext, options: ServeOptions, desk: Desk, log: Log): Promise<void> {
  try {
    const { isKept, words } = await tellCluster(context, options, desk.ledger, await desk.head());
    if (isKept) log.info({ what: words }, 'published');
    else log.warn({ why: words }, 'not published; the records are written and valid');
  } catch (failure) {
    log.warn({ err: failure }, 'not published; the records are written and valid');
  }
}

async function tokensFor({ tokenFile }: ServeOptions): Promise<{ readonly tokens: Tokens; readonly said: string }> {
  if (tokenFile !== undefined) {
    const tokens = await tokensIn(tokenFile);
    return { tokens, said: `tokens: ${tokens.size} in ${tokenFile}` };
  }
  const token = newToken();
  return { tokens: oneToken(token), said: `token: ${token}` };
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
