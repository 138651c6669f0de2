import { readablePercent } from '../expand/readable.ts';
import type { StorageClass } from '../kube/kinds.ts';
import type { LookupState } from '../providers/lookup.ts';
import { parseClass } from '../provision/class.ts';
import type { Finding, StatusAnswer } from './api.ts';
import type { FeatureOff } from './features.ts';
import { lookupFindings } from './lookup-findings.ts';
import { type PolicyState, policyFindings } from './policy-findings.ts';
import { usageFindings } from './source-findings.ts';
import type { SourceMode } from './usage-sources.ts';

/** What the checks look at; everything is in memory already. */
export interface Examination {
  readonly status: StatusAnswer;
  readonly classes: readonly StorageClass[];
  readonly provisionerNames: readonly string[];
  /** False: nothing is provisioned here on purpose, so that there are neither exports nor classes of ours. */
  readonly provisions: boolean;
  /** Pending claims that ask for a class by name. */
  readonly waiting: readonly WaitingClaim[];
  /** Milliseconds since anything was heard from the API server; Infinity before the first time. */
  readonly apiAgeMs: number;
  /** Share of an export requested by volumes from which on it is a warning; undefined: never. */
  readonly overcommitWarning?: number | undefined;
  readonly uid: number;
  readonly off: readonly FeatureOff[];
  /** Where the usage of volumes comes from that are no directories of ours. */
  readonly sources: readonly SourceMode[];
  /** Claims (`namespace/name`) that are to grow and that no source measured, directories on a share aside. */
  readonly unmeasured: readonly string[];
  /** Of the webhook; absent: there is none. */
  readonly webhook?: readonly Finding[];
  readonly policies: PolicyState;
  /** Clouds that are asked about volumes. */
  readonly lookups?: readonly LookupState[];
  /** Findings of `volumes audit`, on the exports that could be read. */
  readonly auditFindings: number;
  /** Exports that could not; each counts once. */
  readonly unread: readonly string[];
}

export interface WaitingClaim {
  readonly namespace: string;
  readonly claim: string;
  readonly class: string;
  /** Its volume is there, and only the binding is missing. */
  readonly hasVolume: boolean;
}

type Check = (examination: Examination) => readonly Finding[];

export const API_SILENCE_MS = 15 * 60_000;
const LOW_SPACE = 0.05;

const ok = (check: string, message: string): Finding => ({ check, level: 'ok', message, fix: '' });

/** Ordered; a new check is a new row. */
const checks: readonly Check[] = [
  ({ apiAgeMs }) => [
    apiAgeMs < API_SILENCE_MS
      ? ok('kubernetes api', `heard from ${Math.round(apiAgeMs / 1000)} s ago`)
      : {
          check: 'kubernetes api',
          level: 'error',
          message: Number.isFinite(apiAgeMs) ? `silent for ${Math.round(apiAgeMs / 60_000)} minutes` : 'never answered',
          fix: 'check that the API server runs and that the credentials are valid; the log has the last error',
        },
  ],
  ({ status }) => [
    status.leader
      ? ok('leader', 'this replica leads')
      : {
          check: 'leader',
          level: 'warning',
          message: 'this replica stands by',
          fix: 'ask the replica that holds the lease',
        },
  ],
  ({ off }) => off.map(offFinding),
  ({ sources, unmeasured }) => usageFindings(sources, unmeasured),
  ({ webhook }) => webhook ?? [],
  ({ policies }) => policyFindings(policies),
  ({ lookups }) => (lookups ?? []).flatMap(lookupFindings),
  ({ status, overcommitWarning }) => status.exports.flatMap((row) => exportFindings(row, overcommitWarning)),
  (examination) => ownClasses(examination).flatMap(classFindings),
  (examination) =>
    ownClasses(examination).length > 0 || !examination.provisions
      ? []
      : [
          {
            check: 'storage classes',
            level: 'error',
            message: `no StorageClass names the provisioner ${examination.provisionerNames.join(' or ')}`,
            fix: 'create one; docs/guides/cluster.md has an example',
          },
        ],
  (examination) => claimFindings(examination),
  (examination) => classlessFindings(examination),
  ({ auditFindings, provisions, unread }) => (provisions ? directoryFindings(auditFindings, new Set(unread)) : []),
  ({ provisions, uid }) => [
    !provisions
      ? ok('provisioner', 'off: no volumes are made, those of other drivers are grown')
      : uid === 0
        ? ok('process', 'runs as root: directories get the owner that the class asks for')
        : {
            check: 'process',
            level: 'warning',
            message: `runs as uid ${uid}: directories belong to it`,
            fix: 'run as root (or with CAP_CHOWN) if pods need other owners',
          },
  ],
];

/** All findings, in the order of the checks. Pure. */
export function doctor(examination: Examination): readonly Finding[] {
  return checks.flatMap((check) => check(examination));
}

function offFinding({ feature, missing, without }: FeatureOff): Finding {
  return {
    check: `permissions for ${feature}`,
    level: feature === 'provisioning' ? 'error' : 'warning',
    message: `the account may not ${missing.join(', ')}: ${without}`,
    fix: 'kubectl apply -f docs/reference/rbac.yaml, then restart the operator',
  };
}

function ownClasses({ classes, provisionerNames }: Examination): readonly StorageClass[] {
  return classes.filter((each) => provisionerNames.includes(each.provisioner));
}

function exportFindings(row: StatusAnswer['exports'][number], warnAt = Number.POSITIVE_INFINITY): readonly Finding[] {
  const check = `export ${row.name}`;
  if (!row.up) {
    return [
      { check, level: 'error', message: row.detail, fix: 'check the server and the mount; claims wait until it heals' },
    ];
  }
  if (row.totalBytes === '') return [ok(check, 'up')];
  const free = Number(row.freeBytes) / Number(row.totalBytes);
  const share = `${readablePercent(free)} free${promised(row)}`;
  if (free >= LOW_SPACE && (row.overcommit ?? 0) < warnAt) return [ok(check, `up, ${share}`)];
  if (free >= LOW_SPACE) {
    const fix = 'add storage, limit namespaces (docs/guides/quotas.md), or raise overcommitWarning';
    return [{ check, level: 'warning', message: share, fix }];
  }
  return [
    { check, level: 'warning', message: `only ${share}`, fix: 'free space, or add storage, before volumes fill it' },
  ];
}

/** That nothing is wrong is only said where all was looked at. */
function directoryFindings(found: number, unread: ReadonlySet<string>): readonly Finding[] {
  const check = 'volumes';
  const message = `${found} finding${found === 1 ? '' : 's'} in the directories`;
  const known: readonly Finding[] =
    found > 0 ? [{ check, level: 'warning', message, fix: 'larder volumes audit' }] : [];
  if (unread.size > 0) {
    const where = [...unread].join(', ');
    return [...known, { check, level: 'unknown', message: `not read: ${where}`, fix: 'see the export above' }];
  }
  return known.length > 0 ? known : [ok(check, 'no shared, overlapping, orphaned or unsafe directory')];
}

/** Above what there is nothing is wrong yet: most volumes are never full. */
function promised({ overcommit = 0 }: StatusAnswer['exports'][number]): string {
  return overcommit > 1 ? `, ${readablePercent(overcommit)} of it requested by volumes` : '';
}

function classFindings(storageClass: StorageClass): readonly Finding[] {
  const { metadata, parameters, allowVolumeExpansion } = storageClass;
  const check = `class ${metadata.name}`;
  const parsed = parseClass(storageClass);
  if (parsed.kind === 'invalid') {
    return parsed.problems.map((problem) => ({
      check,
      level: 'error',
      message: `its claims stay Pending: ${problem}`,
      fix: `kubectl delete sc ${metadata.name}, then create it again`,
    }));
  }
  const findings: Finding[] = parsed.warnings.map((message) => ({
    check,
    level: 'warning',
    message,
    fix: `kubectl delete sc ${metadata.name}, then create it again`,
  }));
  if (parameters?.['adopt'] === 'any') {
    findings.push({
      check,
      level: 'warning',
      message: 'adopt: any lets a claim of any namespace take an existing directory with its data',
      fix: 'fine on a cluster whose users you trust; else set adopt: listed',
    });
  }
  if (parameters?.['quota'] === 'enforce') {
    findings.push(ok(check, 'sizes are limits; on ext4 not for processes that run as root (docs/guides/quotas.md)'));
  }
  if (allowVolumeExpansion !== true) {
    findings.push({
      check,
      level: 'warning',
      message: 'allowVolumeExpansion is not true: its volumes cannot grow',
      fix: `kubectl patch sc ${metadata.name} -p '{"allowVolumeExpansion":true}'`,
    });
  }
  return findings.length > 0 ? findings : [ok(check, 'in order')];
}

/** No provisioner feels meant by these claims, so nobody else speaks of them. */
function classlessFindings({ classes, waiting }: Examination): readonly Finding[] {
  const known = new Set(classes.map(({ metadata }) => metadata.name));
  const lost = Map.groupBy(
    waiting.filter((claim) => !known.has(claim.class)),
    (claim) => claim.class,
  );
  return [...lost].map(([name, claims]) => {
    const examples = claims.slice(0, 3).map(({ namespace, claim }) => `${namespace}/${claim}`);
    const more = claims.length > examples.length ? `, and ${claims.length - examples.length} more` : '';
    return {
      check: `class ${name}`,
      level: 'warning',
      message: `does not exist, but ${claims.length} Pending claim${claims.length === 1 ? ' names' : 's name'} it: ${examples.join(', ')}${more}`,
      fix: 'create that class, or delete the claim and make it again with one that `kubectl get sc` shows',
    };
  });
}

function claimFindings({ status: { volumes }, waiting }: Examination): readonly Finding[] {
  const troubled = volumes.filter((row) => row.state === 'needs you' || row.state === 'stuck');
  const unbound = waiting.filter((claim) => claim.hasVolume);
  const ready = new Set(unbound.map(({ namespace, claim }) => `${namespace}/${claim}`));
  const pending = volumes.filter(
    (row) => row.phase === 'Pending' && row.state !== 'needs you' && !ready.has(`${row.namespace}/${row.claim}`),
  );
  if (troubled.length + pending.length + unbound.length === 0) {
    return [ok('claims', `${volumes.length} known, none needs you`)];
  }
  const findings = troubled.map(
    (row): Finding => ({
      check: `claim ${row.namespace}/${row.claim}`,
      level: 'warning',
      message: row.summary === '' ? row.state : row.summary,
      fix:
        row.phase === 'Pending'
          ? `do what the message says; kubectl describe pvc ${row.claim} -n ${row.namespace} has its events`
          : `larder explain ${row.namespace}/${row.claim}`,
    }),
  );
  if (unbound.length > 0) findings.push(bindingFinding(unbound.length));
  const [first] = pending;
  if (!first) return findings;
  const message = `${pending.length} Pending, for example ${first.namespace}/${first.claim}`;
  const fix = `kubectl describe pvc ${first.claim} -n ${first.namespace}: its events say why`;
  return [...findings, { check: 'claims', level: 'warning', message, fix }];
}

/** Larder's part is done; what remains is kube-controller-manager's, whose client limits make it slow after a burst. */
function bindingFinding(count: number): Finding {
  return {
    check: 'binding',
    level: 'warning',
    message: `${count} ${count === 1 ? 'claim has its volume and waits' : 'claims have their volume and wait'} for kube-controller-manager to bind ${count === 1 ? 'it' : 'them'}, about 6 a second with its default limits`,
    fix: 'wait; where bursts are usual raise its --kube-api-qps and --kube-api-burst (docs/guides/cluster.md)',
  };
}
