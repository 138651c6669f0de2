import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { HttpError } from '../http/registry.ts';
import { createHttpServer } from '../http/server.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import {
  type AdoptRow,
  type AuditRow,
  adoptRequest,
  type ConfigRow,
  type ExplainAnswer,
  type Finding,
  type MountOptionsRow,
  mountOptionsRequest,
  restoreRequest,
  type StatusAnswer,
  type TrashRow,
  type UndeleteAnswer,
  undeleteRequest,
} from './api.ts';
import type { ClaimActing } from './claim-actions.ts';
import { claimActionRequest, claimSettingsRequest } from './claim-api.ts';
import type { ClaimSetting } from './claim-settings.ts';
import type { Cleaning } from './clean.ts';
import { cleanRequest, cleanStepRequest } from './clean-api.ts';
import type { Feed } from './console/feed.ts';
import { consoleRoutes } from './console/routes.ts';
import { trendsOf, trendsRequest } from './console/trends.ts';
import type { Recording } from './record.ts';
import { spanQuery } from './record-api.ts';

export type UndeleteRequest = z.infer<typeof undeleteRequest>;
export type RestoreRequest = z.infer<typeof restoreRequest>;
export type AdoptRequest = z.infer<typeof adoptRequest>;
export type MountOptionsRequest = z.infer<typeof mountOptionsRequest>;

/** What the server shows and does; the composition root implements it. None of these waits for an export but where it says so. */
export interface Operations extends Cleaning, ClaimActing, ClaimSetting, Recording {
  /** Watch age and loop age only: never a touch of an export. */
  alive(): { readonly ok: boolean; readonly detail: string };
  ready(): { readonly ok: boolean; readonly detail: string };
  status(): StatusAnswer;
  /** What the console shows live. */
  feed(): Feed;
  explain(namespace: string, name: string): Promise<ExplainAnswer | undefined>;
  config(): readonly ConfigRow[];
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
  /** Reads the exports. */
  audit(signal: AbortSignal): Promise<readonly AuditRow[]>;
  /** Reads the exports. */
  trash(signal: AbortSignal): Promise<readonly TrashRow[]>;
  /** Renames on an export. Throws HttpError when the entry is not there or its place is taken. */
  undelete(request: UndeleteRequest, signal: AbortSignal): Promise<UndeleteAnswer>;
  /** As `undelete`. */
  restore(request: RestoreRequest, signal: AbortSignal): Promise<UndeleteAnswer>;
  /** Reads the exports, and measures what is on them. */
  adopt(request: AdoptRequest, signal: AbortSignal): Promise<readonly AdoptRow[]>;
  syncMountOptions(request: MountOptionsRequest, signal: AbortSignal): Promise<readonly MountOptionsRow[]>;
}

export interface OperatorServerOptions {
  readonly operations: Operations;
  readonly metrics: MetricsRegistry;
  readonly token: string;
  readonly hosts: readonly string[];
  /** Of the built console; absent: the plain page is served. */
  readonly consoleFolder?: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const OPEN_PATHS = ['/healthz', '/readyz', '/metrics', '/style.css'];
const claimParams = z.object({ namespace: z.string(), name: z.string() });

/** The console port: health, metrics, the console and the operations API. */
export async function createOperatorServer(options: OperatorServerOptions): Promise<FastifyInstance> {
  const { operations, metrics, clock, random } = options;
  const app = await createHttpServer({
    log: options.log,
    token: options.token,
    openPaths: OPEN_PATHS,
    hosts: options.hosts,
    signIn: { style: '/style.css' },
  });
  const stopped = new AbortController();
  app.addHook('onClose', async () => stopped.abort(new Error('the server is closing')));

  for (const [path, check] of [
    ['/healthz', () => operations.alive()],
    ['/readyz', () => operations.ready()],
  ] as const) {
    app.get(path, async (_request, reply) => {
      const state = check();
      return reply
        .code(state.ok ? 200 : 503)
        .type('text/plain')
        .send(`${state.detail}\n`);
    });
  }
  app.get('/metrics', async (_request, reply) => reply.type(metrics.contentType).send(await metrics.expose()));
  consoleRoutes(app, { operations, folder: options.consoleFolder, clock, random });
  app.get('/api/status', async () => operations.status());
  app.get('/api/volumes', async () => operations.status().volumes);
  app.get('/api/config', async () => operations.config());
  app.get('/api/doctor', async () => operations.doctor(stopped.signal));
  app.get('/api/audit', async () => operations.audit(stopped.signal));
  app.get('/api/trash', async () => operations.trash(stopped.signal));
  app.get('/api/recording', async (request) => operations.recording(parsed(spanQuery, request.query), stopped.signal));
  app.get('/api/claims/:namespace/:name/series', async (request) => {
    const span = parsed(spanQuery, request.query);
    return operations.series(claimParams.parse(request.params), span, stopped.signal);
  });
  app.get('/api/claims/:namespace/:name/explain', async (request) => {
    const { namespace, name } = claimParams.parse(request.params);
    const answer = await operations.explain(namespace, name);
    if (answer) return answer;
    throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `there is no claim ${namespace}/${name}`);
  });
  const posts = [
    post('/api/undelete', undeleteRequest, operations.undelete),
    post('/api/restore', restoreRequest, operations.restore),
    post('/api/adopt', adoptRequest, operations.adopt),
    post('/api/clean/plan', cleanRequest, operations.cleanPlan),
    post('/api/clean', cleanStepRequest, operations.clean),
    post('/api/claims/act', claimActionRequest, operations.act),
    post('/api/claims/settings', claimSettingsRequest, operations.setClaim),
    post('/api/trends', trendsRequest, (request, signal) => trendsOf(operations, request, signal)),
    post('/api/mount-options', mountOptionsRequest, operations.syncMountOptions),
  ];
  for (const { path, answer } of posts) {
    app.post(path, async (request) => answer(request.body, stopped.signal));
  }
  return app;
}

/** A verb with a body: what is not as its schema says is refused before anything is done. */
function post<T>(path: string, schema: z.ZodType<T>, work: (request: T, signal: AbortSignal) => Promise<unknown>) {
  return {
    path,
    answer(body: unknown, signal: AbortSignal): Promise<unknown> {
      return work(parsed(schema, body), signal);
    },
  };
}

function parsed<T>(schema: z.ZodType<T>, given: unknown): T {
  const read = schema.safeParse(given);
  if (read.success) return read.data;
  throw new HttpError('LARDER_HTTP_BAD_REQUEST', 400, z.prettifyError(read.error));
}
