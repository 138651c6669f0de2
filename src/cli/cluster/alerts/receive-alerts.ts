import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { notification } from '../../../cluster/alerts/alert.ts';
import { type Delivery, deliveries, firingOf } from '../../../cluster/alerts/delivery.ts';
import type { ClusterSpec } from '../../../cluster/spec/cluster-spec.ts';
import { problem } from '../../../http/problem.ts';
import { createHttpServer, listen } from '../../../http/server.ts';
import { newToken } from '../../../ledger/tokens.ts';
import { systemClock } from '../../../telemetry/clock.ts';
import { createLog } from '../../../telemetry/log.ts';
import type { RecordingOptions } from '../../changes.ts';
import { Exit, exitCodes } from '../../exit.ts';
import { paint, type Terminal } from '../../output.ts';
import type { CommandContext } from '../../program.ts';
import { untilStopped } from '../../signals.ts';
import { checkRecord, readLedgerOf, recorderOf } from '../record-events.ts';
import { specOf } from '../spec-file.ts';
import { type Receiver, receiverWith } from './receiver.ts';

export interface ReceiveOptions extends RecordingOptions {
  readonly file: string;
  readonly port: number;
  readonly host: string;
  readonly tokenFile?: string;
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];
const TOKEN_AT_LEAST = 32;

export function receiveAlerts({ terminal }: CommandContext, options: ReceiveOptions): Promise<void> {
  const spec = specOf(terminal, options.file);
  const token = tokenOf(options);
  return untilStopped(async (signal) => {
    const receiver = await receiverOf(terminal, options, spec);
    const isLoopback = LOOPBACK.includes(options.host) || options.host === '::1';
    const app = await createHttpServer({
      ...{ log: createLog({ level: 'info' }), token, openPaths: [], hosts: isLoopback ? LOOPBACK : [] },
      methodsAt: (path) => (path === '/alerts' ? ['POST'] : []),
    });
    app.post('/alerts', async (request, reply) => {
      const parsed = notification.safeParse(request.body);
      if (!parsed.success)
        return reply
          .code(400)
          .send(problem(400, 'LARDER_HTTP_BAD_REQUEST', 'this is no notification of Alertmanager (version 4)'));
      const told = deliveries(parsed.data, spec.alerts.routes, systemClock.now());
      // Alertmanager tells it again when it was not taken; the first arrival is what counts.
      if (await receiver.take(told)) return { received: told.length };
      return reply.code(503).send(problem(503, 'LARDER_HTTP_INTERNAL', 'the ledger did not take it; tell it again'));
    });
    try {
      const port = await listen(app, options);
      const host = options.host.includes(':') ? `[${options.host}]` : options.host;
      const said = options.tokenFile === undefined ? `token: ${token}` : `token: in ${options.tokenFile}`;
      terminal.out(`address: http://${host}:${port}/alerts\n${said}\nready\n`);
      if (!isLoopback)
        terminal.err(
          `${paint(terminal, 'yellow', 'careful')}: ${options.host} is no loopback address, and the token travels in plain text: put a proxy with TLS in front\n`,
        );
      await new Promise<void>((done) => {
        if (signal.aborted) return done();
        signal.addEventListener('abort', () => done(), { once: true });
      });
    } finally {
      await app.close();
      await receiver.take([]); // what came in is recorded
    }
  });
}

async function receiverOf(terminal: Terminal, options: ReceiveOptions, spec: ClusterSpec): Promise<Receiver> {
  const repository = resolve(dirname(options.file));
  const recorder = await recorderOf(terminal, options, repository);
  if (recorder === undefined)
    throw new Exit(
      exitCodes.usage,
      `without a ledger there is nothing to record the alerts of ${spec.name} in: name one with --ledger`,
    );
  const now = new Date(systemClock.now()).toISOString();
  const sample: Delivery = { fingerprint: 'none', alertName: 'none', severity: 'info', firedAt: now, deliveredAt: now };
  await checkRecord(recorder, { type: 'alert-delivered', data: sample });
  const ledger = await readLedgerOf(options, repository);
  const recorded = new Set(ledger.kind === 'open' ? [...ledger.state.deliveries.values()].map(firingOf) : []);
  return receiverWith(terminal, recorder, recorded);
}

/** Throws Exit 2. */
function tokenOf({ tokenFile }: ReceiveOptions): string {
  if (tokenFile === undefined) return newToken();
  const token = textOf(tokenFile).trim();
  if (token.length >= TOKEN_AT_LEAST && !/\s/.test(token)) return token;
  throw new Exit(
    exitCodes.usage,
    `${tokenFile} holds no token of at least ${TOKEN_AT_LEAST} characters without spaces`,
  );
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new Exit(exitCodes.usage, `${file} cannot be read: ${cause instanceof Error ? cause.message : ''}`, {
      cause,
    });
  }
}
