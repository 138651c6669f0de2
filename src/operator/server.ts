import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Hosts } from '../http/hosts.ts';
import { createHttpServer } from '../http/server.ts';
import { signInPaths } from '../http/sign-in.ts';
import type { Client } from '../kube/client.ts';
import type { Clock, Random } from '../telemetry/clock.ts';
import type { Log } from '../telemetry/log.ts';
import type { MetricsRegistry } from '../telemetry/metrics.ts';
import { guard } from './access/guard.ts';
import { meRoutes } from './access/me-routes.ts';
import { needOf, type RightName } from './access/need.ts';
import { peopleOf } from './access/people.ts';
import { signInHints } from './access/sign-in-hints.ts';
import { noClaim, visibleClaim, visibleStatus } from './access/visible.ts';
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
  type TrashAnswer,
  type UndeleteAnswer,
  undeleteRequest,
} from './api.ts';
import { asked } from './asked.ts';
import type { ClaimActing } from './claim-actions.ts';
import { claimActionRequest, claimSettingsRequest } from './claim-api.ts';
import type { ClaimSetting } from './claim-settings.ts';
import type { Cleaning } from './clean.ts';
import { cleanRequest, cleanStepRequest } from './clean-api.ts';
import { type ClusterSight, clusterRoutes } from './console/cluster-routes.ts';
import { endRoutes } from './console/end-routes.ts';
import { type ExportReading, exportRoutes } from './console/export-routes.ts';
import type { Feed } from './console/feed.ts';
import { type ObjectReading, objectRoutes } from './console/object-routes.ts';
import { consoleRoutes } from './console/routes.ts';
import { trendRoutes } from './console/trend-routes.ts';
import type { HeadMemory } from './ledger/cluster-head.ts';
import { ledgerRoutes } from './ledger/ledger-routes.ts';
import type { LedgerReader } from './ledger/reader.ts';
import { nomadRoutes } from './nomad/nomad-routes.ts';
import type { Policies } from './policies/policies.ts';
import { policyRoutes } from './policies/policy-routes.ts';
import type { Recording } from './record.ts';
import { spanQuery } from './record-api.ts';
import type { VolumeEnding } from './volume-end.ts';

export type UndeleteRequest = z.infer<typeof undeleteRequest>;
export type RestoreRequest = z.infer<typeof restoreRequest>;
export type AdoptRequest = z.infer<typeof adoptRequest>;
export type MountOptionsRequest = z.infer<typeof mountOptionsRequest>;

/** What the server shows and does; the composition root implements it. None of these waits for an export but where it says so. */
export interface Operations
  extends Cleaning,
    ClaimActing,
    ClaimSetting,
    Recording,
    ObjectReading,
    ExportReading,
    VolumeEnding,
    Policies {
  /** Watch age and loop age only: never a touch of an export. */
  alive(): { readonly ok: boolean; readonly detail: string };
  ready(): { readonly ok: boolean; readonly detail: string };
  status(): StatusAnswer;
  /** The same, done in that person's name. */
  by(who: string): Operations;
  /** What the console shows live. */
  feed(): Feed;
  explain(namespace: string, name: string): Promise<ExplainAnswer | undefined>;
  config(): readonly ConfigRow[];
  doctor(signal: AbortSignal): Promise<readonly Finding[]>;
  /** Reads the exports. */
  audit(signal: AbortSignal): Promise<readonly AuditRow[]>;
  /** Reads the exports. */
  trash(signal: AbortSignal): Promise<TrashAnswer>;
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
  readonly hosts: Hosts;
  /** Where somebody finds `token`, as a sentence; absent: nobody can. */
  readonly tokenFrom?: string | undefined;
  /** Asks the API server about accounts that sign in; absent: only the holder of the token is let in. */
  readonly reviewer?: Pick<Client, 'request'> | undefined;
  /** Of the built console; absent: the plain page is served. */
  readonly consoleFolder?: string | undefined;
  /** What looks at the cluster itself; absent: its routes refuse. */
  readonly clusterSight?: ClusterSight | undefined;
  /** What the console reads the ledger with; absent: none was named. */
  readonly ledger?: LedgerReader | undefined;
  /** Where the cluster may remember how far that ledger had come; absent: it is not asked. */
  readonly heads?: readonly HeadMemory[] | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

const OPEN_PATHS = ['/healthz', '/readyz', '/metrics', '/style.css'];
/** A kubelet may have the address of a stranger, who shall not have the operator ended; the answer costs nothing. */
const unlimited = { config: { rateLimit: false } } as const;
/** Anybody may ask, and with very many volumes the answer is work. */
const scraped = { config: { rateLimit: { max: 120, timeWindow: 60_000 } } } as const;
const signedIn = { config: { needs: [] } };
const storage = { config: { needs: [needOf('see storage')] } };
const everything = { config: { needs: [needOf('see storage'), needOf('see volumes')] } };
const ofNamespace = z.object({ namespace: z.string().default('') });

/** The console port: health, metrics, the console and the operations API. */
export async function createOperatorServer(options: OperatorServerOptions): Promise<FastifyInstance> {
  const { operations, metrics, clock, random } = options;
  const app = await createHttpServer({
    log: options.log,
    token: options.token,
    openPaths: OPEN_PATHS,
    hosts: options.hosts,
    signIn: { hints: signInHints(options) },
    people: peopleOf(options),
    clock,
  });
  guard(app, [...OPEN_PATHS, ...signInPaths]);
  meRoutes(app);
  const stopped = new AbortController();
  app.addHook('onClose', async () => stopped.abort(new Error('the server is closing')));

  for (const [path, check] of [
    ['/healthz', () => operations.alive()],
    ['/readyz', () => operations.ready()],
  ] as const) {
    app.get(path, unlimited, async (_request, reply) => {
      const state = check();
      return reply
        .code(state.ok ? 200 : 503)
        .type('text/plain')
        .send(`${state.detail}\n`);
    });
  }
  app.get('/metrics', scraped, async (_request, reply) => reply.type(metrics.contentType).send(await metrics.expose()));
  consoleRoutes(app, { operations, folder: options.consoleFolder, clock, random });
  nomadRoutes(app, { clock, log: options.log });
  objectRoutes(app, operations, stopped.signal);
  exportRoutes(app, operations);
  endRoutes(app, operations, stopped.signal);
  policyRoutes(app, operations, stopped.signal);
  ledgerRoutes(app, { ledger: options.ledger, heads: options.heads, signal: stopped.signal });
  app.get('/api/status', signedIn, async ({ viewer }) => visibleStatus(viewer, operations.status()));
  app.get('/api/volumes', signedIn, async ({ viewer }) => (await visibleStatus(viewer, operations.status())).volumes);
  app.get('/api/config', storage, async () => operations.config());
  app.get('/api/doctor', storage, async () => operations.doctor(stopped.signal));
  app.get('/api/audit', storage, async () => operations.audit(stopped.signal));
  app.get('/api/trash', storage, async () => operations.trash(stopped.signal));
  app.get('/api/recording', everything, async (request) =>
    operations.recording(asked(spanQuery, request.query), stopped.signal),
  );
  app.get('/api/claims/:namespace/:name/series', signedIn, async ({ viewer, params, query }) => {
    const span = asked(spanQuery, query);
    return operations.series(await visibleClaim(viewer, params), span, stopped.signal);
  });
  app.get('/api/claims/:namespace/:name/explain', signedIn, async ({ viewer, params }) => {
    const claim = await visibleClaim(viewer, params);
    const answer = await operations.explain(claim.namespace, claim.name);
    if (answer) return answer;
    throw noClaim(claim);
  });
  trendRoutes(app, operations, stopped.signal);
  clusterRoutes(app, { sight: options.clusterSight, ledger: options.ledger }, stopped.signal);
  const posts = [
    post('/api/undelete', 'bring back', undeleteRequest, (by) => by.undelete),
    post('/api/restore', 'bring back', restoreRequest, (by) => by.restore),
    post('/api/adopt', 'bring back', adoptRequest, (by) => by.adopt),
    post('/api/clean/plan', 'see storage', cleanRequest, (by) => by.cleanPlan),
    post('/api/clean', 'remove data', cleanStepRequest, (by) => by.clean),
    post('/api/claims/act', 'change claims', claimActionRequest, (by) => by.act),
    post('/api/claims/settings', 'change claims', claimSettingsRequest, (by) => by.setClaim),
    post('/api/mount-options', 'change volumes', mountOptionsRequest, (by) => by.syncMountOptions),
  ];
  for (const { path, needs, answer } of posts) {
    app.post(path, { config: { needs } }, async ({ viewer, body }) =>
      answer(operations.by(viewer.name), body, stopped.signal),
    );
  }
  return app;
}

/** A verb with a body: what is not as its schema says is refused before anything is done. */
function post<T>(
  path: string,
  right: RightName,
  schema: z.ZodType<T>,
  verb: (by: Operations) => (request: T, signal: AbortSignal) => Promise<unknown>,
) {
  return {
    path,
    needs: ({ body }: FastifyRequest) => [needOf(right, asked(ofNamespace, body).namespace)],
    answer: (by: Operations, body: unknown, signal: AbortSignal) => verb(by)(asked(schema, body), signal),
  };
}
