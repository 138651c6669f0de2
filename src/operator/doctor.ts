import type { StorageClass } from '../kube/kinds.ts';
import { parseClass } from '../provision/class.ts';
import type { Finding, StatusAnswer } from './api.ts';

/** What the checks look at; everything is in memory already. */
export interface Examination {
  readonly status: StatusAnswer;
  readonly classes: readonly StorageClass[];
  readonly provisionerNames: readonly string[];
  /** Milliseconds since anything was heard from the API server; Infinity before the first time. */
  readonly apiAgeMs: number;
  readonly uid: number;
  /** Findings of `volumes audit`; undefined when an export could not be read. */
  readonly auditFindings: number | undefined;
}

type Check = (examination: Examination) => readonly Finding[];

const API_SILENCE_MS = 15 * 60_000;
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
  ({ status }) => status.exports.flatMap(exportFindings),
  (examination) => ownClasses(examination).flatMap(classFindings),
  (examination) =>
    ownClasses(examination).length > 0
      ? []
      : [
          {
            check: 'storage classes',
            level: 'error',
            message: `no StorageClass names the provisioner ${examination.provisionerNames.join(' or ')}`,
            fix: 'create one; docs/guides/cluster.md has an example',
          },
        ],
  ({ status }) => claimFindings(status),
  ({ auditFindings }) => [
    auditFindings === undefined
      ? { check: 'volumes', level: 'unknown', message: 'the exports could not be read', fix: 'see the export above' }
      : auditFindings === 0
        ? ok('volumes', 'no shared, overlapping, orphaned or unsafe directory')
        : {
            check: 'volumes',
            level: 'warning',
            message: `${auditFindings} finding${auditFindings === 1 ? '' : 's'} in the directories`,
            fix: 'larder volumes audit',
          },
  ],
  ({ uid }) => [
    uid === 0
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

function ownClasses({ classes, provisionerNames }: Examination): readonly StorageClass[] {
  return classes.filter((each) => provisionerNames.includes(each.provisioner));
}

function exportFindings(row: StatusAnswer['exports'][number]): readonly Finding[] {
  const check = `export ${row.name}`;
  if (!row.up) {
    return [
      { check, level: 'error', message: row.detail, fix: 'check the server and the mount; claims wait until it heals' },
    ];
  }
  if (row.totalBytes === '') return [ok(check, 'up')];
  const free = Number(row.freeBytes) / Number(row.totalBytes);
  const share = `${Math.floor(free * 100)} % free`;
  if (free >= LOW_SPACE) return [ok(check, `up, ${share}`)];
  return [
    { check, level: 'warning', message: `only ${share}`, fix: 'free space, or add storage, before volumes fill it' },
  ];
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

function claimFindings({ volumes }: StatusAnswer): readonly Finding[] {
  const troubled = volumes.filter((row) => row.state === 'needs you' || row.state === 'stuck');
  const pending = volumes.filter((row) => row.phase === 'Pending');
  if (troubled.length + pending.length === 0) return [ok('claims', `${volumes.length} known, none needs you`)];
  const findings = troubled.map(
    (row): Finding => ({
      check: `claim ${row.namespace}/${row.claim}`,
      level: 'warning',
      message: row.summary === '' ? row.state : row.summary,
      fix: `larder explain ${row.namespace}/${row.claim}`,
    }),
  );
  const [first] = pending;
  if (!first) return findings;
  const message = `${pending.length} Pending, for example ${first.namespace}/${first.claim}`;
  const fix = `kubectl describe pvc ${first.claim} -n ${first.namespace}: its events say why`;
  return [...findings, { check: 'claims', level: 'warning', message, fix }];
}
