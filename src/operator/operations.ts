/** What the console port shows and does, answered from memory but where a method says that it reads the exports. */

import type { Expander } from '../expand/controller.ts';
import { explain, explanationToJson } from '../expand/explain.ts';
import type { ResolvedConfiguration } from '../expand/settings/configuration.ts';
import type { UsageHistory } from '../expand/usage/history.ts';
import { HttpError } from '../http/registry.ts';
import type { Client } from '../kube/client.ts';
import { keyOf } from '../kube/object.ts';
import type { LookupState } from '../providers/lookup.ts';
import { isPending } from '../provision/catalog.ts';
import { classNameOf } from '../provision/plan.ts';
import type { Provision } from '../provision/provision.ts';
import { ProvisionError } from '../provision/registry.ts';
import type { Storage } from '../provision/storage.ts';
import type { Early } from '../provision/trash/cleaning.ts';
import type { Crawler } from '../provision/usage/crawler.ts';
import type { Clock } from '../telemetry/clock.ts';
import { type AuditRow, adoptRow, type StatusAnswer, type TrashRow, type VolumeRow } from './api.ts';
import type { Caches } from './caches.ts';
import { claimActing } from './claim-actions.ts';
import { claimSetting } from './claim-settings.ts';
import { cleaningOn } from './clean.ts';
import { type ExportDetail, exportDetailOf } from './console/export-detail.ts';
import { feedOf } from './console/feed.ts';
import type { Happenings } from './console/happenings.ts';
import { objectReading } from './console/object-routes.ts';
import { API_SILENCE_MS, doctor, type WaitingClaim } from './doctor.ts';
import { type FeatureOff, refusalOf } from './features.ts';
import { livenessOf } from './liveness.ts';
import { policiesOn } from './policies/policies.ts';
import type { PolicyState } from './policy-findings.ts';
import { recordingOn } from './record.ts';
import type { Operations } from './server.ts';
import type { SpaceWatch } from './space.ts';
import { elsewhereRowOf, exportRowOf, volumeRowOf } from './status.ts';
import { unmeasuredClaims } from './unmeasured.ts';
import type { SourceMode } from './usage-sources.ts';
import { version } from './version.ts';
import { volumeEnding } from './volume-end.ts';
import type { WebhookState } from './webhook/admission-server.ts';
import { webhookFindings } from './webhook/webhook-finding.ts';

export interface OperationsParts {
  readonly client: Client;
  readonly configuration: ResolvedConfiguration;
  readonly storages: readonly Storage[];
  readonly provisionerNames: readonly string[];
  /** Of this process. */
  readonly uid: number;
  readonly caches: Caches;
  /** Of usage, the first that knows a claim is asked. */
  readonly histories: readonly UsageHistory[];
  /** Those of them that run. */
  readonly watched: readonly Caches[keyof Caches][];
  readonly off: readonly FeatureOff[];
  readonly usageModes?: readonly SourceMode[];
  readonly lookupStates?: () => readonly LookupState[];
  readonly provision: Provision;
  readonly crawler: Crawler;
  readonly expander: Expander;
  readonly space: SpaceWatch;
  readonly happenings: Happenings;
  /** As a person names it. */
  readonly cluster: string;
  readonly clock: Clock;
  readonly startedAt: number;
  readonly leads: () => boolean;
  /** Absent: no webhook is served. */
  readonly webhookState?: () => WebhookState;
}

function policiesOf({ caches, watched }: OperationsParts): PolicyState {
  const { policies } = caches;
  if (!watched.some((cache) => cache === policies)) return { availability: 'forbidden', policies: [] };
  return { availability: policies.isServed() ? 'served' : 'absent', policies: [...policies.list()] };
}

export function operationsOf(parts: OperationsParts): Operations {
  const { caches, configuration, expander, off, provision, watched } = parts;
  const cleaning = cleaningOn(provision.cleaner, configuration);
  const blind = off.find(({ feature }) => feature === 'growth');
  const claims = {
    client: parts.client,
    expander,
    leads: parts.leads,
    growthOff: () => blind && refusalOf(blind),
    claimOf: (key: string) => caches.claims.get(key),
  };
  const acting = claimActing(claims);
  const recording = recordingOn(parts);
  const apiAgeMs = (): number => Math.max(...watched.map((cache) => cache.ageMs()));
  const operations: Operations = {
    by: () => operations,
    alive: () =>
      livenessOf({
        apiAgeMs: apiAgeMs(),
        passAgeMs: expander.lastPassAgeMs(),
        leads: parts.leads(),
        watchIntervalMs: configuration.values.watchInterval,
      }),
    ready() {
      const waiting = watched.filter((cache) => !cache.hasSynced());
      const names = waiting.map((cache) => cache.resource.plural).join(', ');
      if (names !== '') return { ok: false, detail: `waiting for the first list of ${names}` };
      // What is ready is asked: before there is a certificate every question would fail.
      return parts.webhookState?.().certificate.kind === 'starting'
        ? { ok: false, detail: 'waiting for the certificate of the webhook' }
        : { ok: true, detail: 'ok' };
    },
    status: () => statusOf(parts),
    feed() {
      const { exports, volumes, ...head } = statusOf(parts);
      const apiUp = apiAgeMs() < API_SILENCE_MS;
      const { cluster, happenings } = parts;
      const growsOnly = parts.storages.length === 0 ? ({ growsOnly: true } as const) : {};
      return feedOf({
        head: { ...head, cluster, apiUp, ...growsOnly },
        exports,
        volumes,
        happenings: happenings.list(),
      });
    },
    async explain(namespace, name) {
      if (blind) throw new HttpError('LARDER_HTTP_REFUSED', 409, `growth is off: ${refusalOf(blind)}`);
      const explanation = await expander.explain(`${namespace}/${name}`);
      if (!explanation) return undefined;
      const decision = explanationToJson(explanation);
      return { namespace, claim: name, decision, text: explain(explanation) };
    },
    config: () => configuration.origins.map(({ key, text, source }) => ({ key, value: text, source })),
    async doctor(signal) {
      const findings = await provision.volumes.audit(signal);
      return doctor({
        status: statusOf(parts),
        classes: [...caches.classes.list()],
        provisionerNames: parts.provisionerNames,
        waiting: waitingOf(caches),
        apiAgeMs: apiAgeMs(),
        overcommitWarning: configuration.values.overcommitWarning,
        off,
        sources: parts.usageModes ?? [],
        unmeasured: unmeasuredClaims(parts),
        provisions: parts.storages.length > 0,
        webhook: webhookFindings(parts.webhookState?.(), parts.clock.now()),
        uid: parts.uid,
        policies: policiesOf(parts),
        lookups: parts.lookupStates?.() ?? [],
        auditFindings: findings.filter(({ kind }) => kind !== 'adopts-anything' && kind !== 'not-looked-at').length,
        unread: findings.filter(({ kind }) => kind === 'not-looked-at').map((finding) => finding.export),
      });
    },
    audit: async (signal) => (await provision.volumes.audit(signal)) satisfies readonly AuditRow[],
    async trash(signal) {
      const { entries, problems } = await provision.volumes.trash(signal);
      const rows = entries.map(
        ({ entry, kind, path, claim, volumeName, trashedAt, expiresAt, export: address }): TrashRow => ({
          entry,
          kind,
          path: path.join('/'),
          claim,
          trashedAt,
          volume: volumeName,
          export: address,
          ...(expiresAt === undefined ? {} : { expiresAt }),
        }),
      );
      return { entries: rows, problems: [...problems] };
    },
    ...recording,
    ...policiesOn({
      ...parts,
      recording,
      state: () => policiesOf(parts),
      editsOff: () => offText(off, 'policy edits'),
    }),
    ...objectReading(parts.client),
    exportDetails: () => exportDetailsOf(parts),
    act: (request, signal) => acting.act(request, signal),
    ...claimSetting(claims),
    ...volumeEnding({ ...parts, catalog: provision.catalog, early: earlyOf(configuration) }),
    cleanPlan: (request, signal) => cleaning.cleanPlan(request, signal),
    clean: (request, signal) => asked(cleaning.clean(request, signal)),
    undelete: (request, signal) => asked(provision.volumes.undelete(request, signal)),
    restore: (request, signal) => asked(provision.volumes.restore(request, signal)),
    async adopt(request, signal) {
      const proposals = await asked(provision.volumes.adopt(request, signal));
      return proposals.map(({ adoption, usedBytes, ...row }) =>
        adoptRow.parse({
          ...row,
          used: usedBytes?.toString() ?? '',
          manifests: adoption ? [adoption.volume, adoption.claim] : [],
        }),
      );
    },
    async syncMountOptions({ className, dryRun }, signal) {
      const { volumes } = provision;
      if (className !== undefined) mustBeOurs(parts, className);
      const found = dryRun
        ? volumes.mountOptions().filter((each) => className === undefined || each.className === className)
        : await asked(volumes.syncMountOptions(className, signal));
      return found.map(({ volume, claim, className: of, has, wants }) => ({
        volume,
        claim,
        class: of,
        has: [...has],
        wants: [...wants],
      }));
    },
  };
  return operations;
}

function offText(off: readonly FeatureOff[], name: FeatureOff['feature']): string | undefined {
  const found = off.find(({ feature }) => feature === name);
  return found && refusalOf(found);
}

/** Nothing goes before its time where nobody said how much room there is to be. */
function earlyOf({ values }: ResolvedConfiguration): Early {
  return values.cleanBelowFree === undefined ? 'none' : values.cleanEarly;
}

function statusOf(parts: OperationsParts): StatusAnswer {
  const { storages, provision, space, startedAt, leads } = parts;
  return {
    version,
    startedAt,
    leader: leads(),
    exports: storages.map((storage) => {
      const { description } = storage;
      return exportRowOf({
        ...{ description, health: storage.health(), space: space.latest(storage) },
        requestedBytes: provision.catalog.tally.requested(description),
        lastLook: space.looks(storage).last,
      });
    }),
    volumes: storages.length === 0 ? growingRows(parts) : ownRows(parts),
  };
}

function ownRows({ provision, crawler, expander }: OperationsParts): VolumeRow[] {
  return provision.volumes.list().map((view) => {
    const key = `${view.namespace}/${view.claim}`;
    return volumeRowOf(
      view,
      crawler.latest(key, view.volume),
      view.claim === '' ? undefined : expander.decision(key),
      provision.problemOf(key),
    );
  });
}

/** Where nothing is provisioned every volume is somebody else's, and growth is what there is to see. */
function growingRows({ caches, expander }: OperationsParts): VolumeRow[] {
  const bound = [...caches.claims.list()].filter(({ spec }) => spec.volumeName);
  return bound.map((claim) => elsewhereRowOf(claim, expander.decision(keyOf(claim.metadata))));
}

function exportDetailsOf({ caches, crawler, provision, space, storages }: OperationsParts): readonly ExportDetail[] {
  const { exports, provisionerNames } = provision.catalog.settings;
  return storages.map((storage) =>
    exportDetailOf({
      ...{ description: storage.description, looks: space.looks(storage), exports, provisionerNames },
      volumes: caches.volumes.list(),
      usedBytesOf: (key, volume) => crawler.latest(key, volume)?.usedBytes,
    }),
  );
}

function waitingOf({ claims, volumes }: Caches): readonly WaitingClaim[] {
  const waiting = [...claims.list()].filter((claim) => isPending(claim) && classNameOf(claim) !== '');
  return waiting.map((claim) => {
    const { namespace = '', name, uid } = claim.metadata;
    const own = volumes.byIndex('larder/claim', `${namespace}/${name}`);
    const hasVolume = own.some(({ spec }) => spec.claimRef?.uid === uid);
    return { namespace, claim: name, class: classNameOf(claim), hasVolume };
  });
}

function mustBeOurs({ caches, provisionerNames }: OperationsParts, name: string): void {
  const ours = [...caches.classes.list()].filter(({ provisioner }) => provisionerNames.includes(provisioner));
  const names = ours.map(({ metadata }) => metadata.name).sort();
  if (names.includes(name)) return;
  const known = names.length === 0 ? 'there is none yet' : `there are ${names.join(', ')}`;
  throw new HttpError('LARDER_HTTP_NOT_FOUND', 404, `no class "${name}" of Larder's: name one of them (${known})`);
}

/** Expected refusals become answers that say what to do; anything else is a defect and stays one. */
async function asked<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (failure) {
    if (!(failure instanceof ProvisionError)) throw failure;
    const status =
      failure.code === 'LARDER_EXPORT_UNAVAILABLE' ? 503 : failure.code === 'LARDER_TRASH_ENTRY_MISSING' ? 404 : 409;
    throw new HttpError('LARDER_HTTP_REFUSED', status, failure.message, { cause: failure });
  }
}
