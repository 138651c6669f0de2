/** The parameters that every write takes. */
import { type Call, integerOf } from './call.ts';
import { type FieldProblem, invalidValue, notAmong, notSupported, tooLong } from './field.ts';
import { type JsonObject, textAt, textsAt } from './json.ts';
import { invalid } from './refusal.ts';

export interface WriteParameters {
  /** Everything is done but the write itself. */
  readonly dryRun: boolean;
  /** Who owns what is written; the user agent's first word when it does not say. */
  readonly fieldManager: string;
  /** Whether the client named itself. */
  readonly named: boolean;
  readonly fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Server-side apply takes over what others own. */
  readonly force: boolean;
}

const LONGEST_MANAGER = 128;
const VALIDATIONS = ['Ignore', 'Strict', 'Warn'];

/** @throws Refusal 422 naming the parameter. */
export function readParameters(call: Call, optionsKind: string): WriteParameters {
  const { query } = call;
  const dryRun = query.getAll('dryRun');
  const validation = query.get('fieldValidation') || 'Warn';
  const manager = query.get('fieldManager') ?? '';
  const problems: FieldProblem[] = [...dryRunProblems(dryRun)];
  if (!VALIDATIONS.includes(validation)) {
    problems.push(notSupported('fieldValidation', validation, ['', ...VALIDATIONS]));
  }
  if (Buffer.byteLength(manager) > LONGEST_MANAGER) problems.push(tooLong('fieldManager', LONGEST_MANAGER));
  problems.push(...unprintable(manager));
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind: optionsKind }, '', problems);
  return {
    dryRun: dryRun.length > 0,
    fieldManager: manager || managerOf(call.headers['user-agent'] ?? ''),
    named: manager !== '',
    fieldValidation: validation === 'Strict' || validation === 'Ignore' ? validation : 'Warn',
    force: query.get('force') === 'true',
  };
}

/** Managers are shown to people. */
function unprintable(manager: string): readonly FieldProblem[] {
  const at = manager.search(/\p{C}/u);
  if (at < 0) return [];
  const code = (manager.codePointAt(at) ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return [invalidValue('fieldManager', manager, `invalid character U+${code} (at position ${at})`)];
}

function dryRunProblems(values: readonly string[]): readonly FieldProblem[] {
  return values.some((value) => value !== 'All') ? [notSupported('dryRun', values, ['All'])] : [];
}

/** As the API server names a client that does not name itself. */
function managerOf(userAgent: string): string {
  return (userAgent.split('/')[0] ?? '').slice(0, LONGEST_MANAGER) || 'unknown';
}

export interface DeleteParameters {
  readonly dryRun: boolean;
  readonly graceSeconds: number | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
}

const POLICIES = ['Foreground', 'Background', 'Orphan'];

/** From the body, or from the query when there is none. @throws Refusal 422 */
export function readDeleteParameters(call: Call, body: JsonObject | undefined): DeleteParameters {
  const dryRun = [...call.query.getAll('dryRun'), ...textsAt(body, 'dryRun')];
  const policy = body?.['propagationPolicy'] ?? call.query.get('propagationPolicy');
  const problems = [...dryRunProblems(dryRun)];
  if (policy !== null && policy !== '' && !POLICIES.includes(String(policy))) {
    problems.push(notAmong('propagationPolicy', policy, [...POLICIES, 'nil']));
  } else if (policy && typeof body?.['orphanDependents'] === 'boolean') {
    const text = 'orphanDependents and deletionPropagation cannot be both set';
    problems.push(invalidValue('propagationPolicy', policy, text));
  }
  const grace = body?.['gracePeriodSeconds'] ?? integerOf(call.query, 'gracePeriodSeconds');
  if (problems.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', problems);
  return {
    dryRun: dryRun.length > 0,
    graceSeconds: typeof grace === 'number' ? grace : undefined,
    uid: precondition(body, 'uid'),
    resourceVersion: precondition(body, 'resourceVersion'),
  };
}

function precondition(body: JsonObject | undefined, name: 'uid' | 'resourceVersion'): string | undefined {
  return textAt(body, 'preconditions', name);
}
