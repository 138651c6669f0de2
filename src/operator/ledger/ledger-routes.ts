/** What the console is told about the ledger and the changes in it. Everything here reads; what is signed is signed elsewhere. */
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HttpError } from '../../http/registry.ts';
import { needOf } from '../access/need.ts';
import { asked } from '../asked.ts';
import { clusterHead, type HeadMemory } from './cluster-head.ts';
import { changeQuery, evidenceQuery, type LedgerAnswer, lifeQuery, recordsQuery, reportQuery } from './ledger-api.ts';
import type { Answered, Asked, QuestionName } from './questions.ts';
import type { LedgerReader } from './reader.ts';

interface LedgerRoutesOptions {
  /** Absent: the operator was given no ledger. */
  readonly ledger?: LedgerReader | undefined;
  /** Where the cluster may remember how far the ledger had come; absent: it is not asked. */
  readonly heads?: readonly HeadMemory[] | undefined;
  /** Ends what is asked when the server closes. */
  readonly signal: AbortSignal;
}

const seeing = { config: { needs: [needOf('see ledger')] } };
const recordParams = z.object({ id: z.string().min(1).max(200) });

export function ledgerRoutes(app: FastifyInstance, options: LedgerRoutesOptions): void {
  const { heads = [], ledger, signal } = options;
  app.addHook('onClose', async () => ledger?.close());
  const answer = async <Name extends QuestionName>(
    name: Name,
    question: Asked<Name>,
    what: string,
  ): Promise<Exclude<Answered<Name>, undefined>> => {
    if (ledger === undefined) throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, NO_LEDGER);
    const reply = await ledger.ask(name, question, signal);
    if (reply.kind === 'failed') throw new HttpError('LARDER_HTTP_REFUSED', 503, `${reply.message} (${reply.code})`);
    if (reply.value !== null) return reply.value;
    throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `the ledger has no ${what}`);
  };
  app.get('/api/ledger', seeing, () => overviewOf(ledger, signal));
  app.post('/api/ledger/verify', seeing, () => {
    ledger?.verifyAnew();
    return overviewOf(ledger, signal);
  });
  app.get('/api/ledger/cluster-head', seeing, () => clusterHead(ledger, heads, signal));
  app.get('/api/ledger/records', seeing, ({ query }) => answer('records', asked(recordsQuery, query), 'records'));
  app.get('/api/ledger/records/:id', seeing, ({ params }) => {
    const { id } = asked(recordParams, params);
    return answer('record', { id }, `record ${id}`);
  });
  app.get('/api/ledger/records/:id/evidence', seeing, ({ params, query }) => {
    const file = { ...asked(recordParams, params), ...asked(evidenceQuery, query) };
    return answer('evidence', file, `evidence ${file.path} of record ${file.id}`);
  });
  app.get('/api/ledger/life', seeing, ({ query }) => answer('life', asked(lifeQuery, query), 'such object'));
  app.get('/api/ledger/report', seeing, ({ query }) => answer('report', asked(reportQuery, query), 'report'));
  app.get('/api/changes', seeing, () => answer('changes', {}, 'changes'));
  app.get('/api/changes/one', seeing, ({ query }) => {
    const { id } = asked(changeQuery, query);
    return answer('change', { id }, `change ${id}`);
  });
}

const NO_LEDGER =
  'this operator was given no ledger: start it with --ledger DIR, or the address of larder ledger serve';

/** That it cannot be read is an answer: the page says why, and what to do. */
async function overviewOf(ledger: LedgerReader | undefined, signal: AbortSignal): Promise<LedgerAnswer> {
  if (ledger === undefined) return { kind: 'none' };
  const reply = await ledger.ask('overview', {}, signal);
  if (reply.kind === 'failed') {
    return { kind: 'unreadable', where: ledger.where, message: reply.message, code: reply.code };
  }
  return reply.value ?? { kind: 'none' };
}
