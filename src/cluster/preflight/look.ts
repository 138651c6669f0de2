/** Asks every host what is so there, and the repository what is so here. Nothing is changed but a file that measures the disk. */
import { git } from '../../ledger/git.ts';
import { LedgerError } from '../../ledger/registry.ts';
import { excerpt, type Played, playAnsible } from '../run/ansible.ts';
import { playOf, type RunSession } from '../run/carry-out.ts';
import { hostKeyTrouble } from '../run/host-key.ts';
import type { RunEvent } from '../run/run-event.ts';
import { wrongArtifacts } from './artifacts.ts';
import { type HostFacts, readHostFacts } from './host-facts.ts';
import { judgeHost, type PreflightFinding } from './judge.ts';

export interface LookOptions {
  readonly session: RunSession;
  readonly hosts: readonly string[];
  /** Some seconds per host, for 200 writes that are waited for. */
  readonly measure: boolean;
  readonly onEvent?: (event: RunEvent) => void;
}

export type Preflight =
  | {
      readonly kind: 'looked';
      /** Of the hosts that answered. */
      readonly facts: ReadonlyMap<string, HostFacts>;
      readonly findings: readonly PreflightFinding[];
    }
  | { readonly kind: 'unavailable'; readonly reason: string }
  | { readonly kind: 'interrupted' };

export async function preflight({ session, hosts, measure, onEvent }: LookOptions): Promise<Preflight> {
  const here = await repositoryFindings(session);
  const played = await playAnsible({
    ...playOf(session, FACTS),
    limit: hosts,
    variables: { larder_facts_measure: measure },
    ...(onEvent === undefined ? {} : { onEvent }),
  });
  if (played.kind === 'unavailable') return played;
  if (played.kind === 'interrupted') return { kind: 'interrupted' };
  if (played.code === 'error') return { kind: 'unavailable', reason: excerpt(played.log) };
  const facts = new Map(hosts.flatMap((host) => factsOf(played, host)));
  const { spec } = session;
  const judged = spec.nodes
    .filter(({ name }) => hosts.includes(name))
    .flatMap((node) => {
      const known = facts.get(node.name);
      return known === undefined
        ? [silent(session, node.name, played)]
        : judgeHost({ spec, node, facts: known, measured: measure, askedMs: askedMs(played, node.name) });
    });
  return { kind: 'looked', facts, findings: [...here, ...judged] };
}

const FACTS = { id: 'facts', playbook: 'facts.yml', hosts: [], variables: {}, stops: 'none' as const };

function factsOf(
  { results }: Extract<Played, { kind: 'played' }>,
  host: string,
): readonly (readonly [string, HostFacts])[] {
  const said = results.findLast((result) => result.host === host && result.facts !== undefined)?.facts;
  const facts = said === undefined ? undefined : readHostFacts(said);
  return facts === undefined ? [] : [[host, facts]];
}

/** The task that asks is the longest of its play. */
function askedMs({ results }: Extract<Played, { kind: 'played' }>, host: string): number {
  return Math.max(0, ...results.filter((result) => result.host === host).map(({ elapsedMs }) => elapsedMs));
}

/** A host that said nothing, and why. */
function silent(
  { spec }: RunSession,
  host: string,
  { results }: Extract<Played, { kind: 'played' }>,
): PreflightFinding {
  const result = results.findLast((each) => each.host === host && /failed|unreachable/.test(each.outcome));
  const said = (result?.message ?? '').trim();
  const strange = hostKeyTrouble(spec, host, said);
  const finding = (code: PreflightFinding['code'], message: string): PreflightFinding => ({
    ...{ code, severity: 'error', host, message },
  });
  if (strange !== undefined) return finding('LARDER_PREFLIGHT_HOST_KEY', strange);
  if (/sudo|become|password is required/i.test(said)) return finding('LARDER_PREFLIGHT_SUDO', oneLine(said));
  if (result?.outcome === 'unreachable') return finding('LARDER_PREFLIGHT_UNREACHABLE', oneLine(said));
  const message = said === '' ? 'it said nothing of itself' : oneLine(said);
  return { code: 'LARDER_PREFLIGHT_UNTOLD', severity: 'unknown', host, message };
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').slice(0, 400);
}

async function repositoryFindings({ repository, spec }: RunSession): Promise<readonly PreflightFinding[]> {
  const wrong = await wrongArtifacts(repository, spec);
  const host = 'the repository';
  const artifacts = wrong.map(
    (message): PreflightFinding => ({
      ...{ code: 'LARDER_PREFLIGHT_ARTIFACT', severity: 'error', host, message },
    }),
  );
  const dirty = await uncommitted(repository);
  if (dirty === undefined || dirty.length === 0) return artifacts;
  const some = dirty.slice(0, 3).join(', ');
  const message = `${dirty.length} files are not committed: ${some}${dirty.length > 3 ? ', …' : ''}`;
  return [...artifacts, { code: 'LARDER_PREFLIGHT_GIT', severity: 'warning', host, message }];
}

/** Undefined: it is in no git, or there is none. */
async function uncommitted(repository: string): Promise<readonly string[] | undefined> {
  try {
    const { code, output } = await git(repository, ['status', '--porcelain', '--', '.']);
    return code === 0
      ? output
          .split('\n')
          .filter((line) => line !== '')
          .map((line) => line.slice(3))
      : undefined;
  } catch (cause) {
    if (cause instanceof LedgerError) return undefined; // no git here: there is no tree to be clean
    throw cause;
  }
}
