import { type Command, Option } from 'commander';
import { applyChange, prepare } from '../../cluster/change/apply-change.ts';
import { clusterIdentity } from '../../cluster/change/cluster-identity.ts';
import { type Bundle, takeEvidence } from '../../cluster/change/evidence.ts';
import { assertEvidenceFiles } from '../../cluster/change/evidence-file.ts';
import { gather } from '../../cluster/change/gather.ts';
import { subjectOf } from '../../cluster/change/manifest.ts';
import { type EvidenceOf, recordEvidence } from '../../cluster/change/record-evidence.ts';
import { changeOfId, now, put, sourcesOf } from '../../cluster/change/session.ts';
import { type CommittedTree, committedTree } from '../../cluster/change/tree.ts';
import { assertApplied, type LeftBehind, leftBehind, wayBack } from '../../cluster/change/way-back.ts';
import { ChangeError } from '../../cluster/registry.ts';
import type { Client } from '../../kube/index.ts';
import type { ConfigurationChange } from '../../ledger/entity.ts';
import { cluster } from '../cluster.ts';
import { confirm } from '../confirm.ts';
import { type WriteOptions, writing } from '../ledger/place.ts';
import { remembering } from '../ledger/remembering.ts';
import type { Terminal } from '../output.ts';
import { type CommandContext, examples } from '../program.ts';
import { ageOption, type CarryOutOptions, carryOut, generationOption, headOption, refuse } from './carry-out.ts';
import { alone, type OpenChange, type ReachOptions, reaching, upToDate, writeChange } from './open-change.ts';
import { paintedDiff, showFindings } from './show-evidence.ts';

interface RollbackOptions extends WriteOptions, ReachOptions, CarryOutOptions {
  readonly incident: string;
  readonly title?: string;
  readonly to?: string;
  readonly prune?: true;
  readonly forceConflicts?: true;
}

interface Todo {
  readonly id: string;
  readonly options: RollbackOptions;
  readonly client: Client;
}

/** `larder change rollback`: back to the manifests of an earlier commit, with evidence of its own. */
export function rollback(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('rollback')
    .argument('<id>')
    .description(
      'Put back the manifests as they were before a change: evidence first, then the same checks. 1 failed, 3 refused',
    )
    .addOption(new Option('--incident <id>', 'because of which incident').makeOptionMandatory())
    .addOption(new Option('--title <text>', 'opens the incident where the ledger does not know it yet'))
    .addOption(new Option('--to <commit>', 'the manifests as of this commit (default: the last apply before it)'))
    .addOption(new Option('--prune', 'also delete objects that the change made, where they hold no data'))
    .addOption(new Option('--force-conflicts', 'take over fields that others have set'))
    .addOption(new Option('--yes', 'without asking'))
    .addOption(new Option('--dry-run', 'only show what would be done'))
    .addOption(generationOption())
    .addOption(ageOption())
    .addOption(headOption());
  examples(writing(reaching(verb)), [
    'larder change rollback web-2 --incident inc-7 --title "web answers 502"',
    'larder change rollback web-2 --incident inc-7 --to v1.4 --prune --yes',
  ]).action((id: string, options: RollbackOptions) =>
    writeChange(context.terminal, options, (session) =>
      alone(context.terminal, session, () =>
        cluster(context, options, (client) =>
          remembering(context.terminal, { ledger: session.ledger, client, namespace: options.headNamespace }, () =>
            run(context, session, { id, options, client }),
          ),
        ),
      ),
    ),
  );
}

async function run({ terminal }: CommandContext, session: OpenChange, todo: Todo): Promise<void> {
  const { id, options, client } = todo;
  await upToDate(terminal, session, { client, namespace: options.headNamespace });
  const change = changeOfId(session, id);
  assertApplied(change);
  assertIncident(session, options);
  // New evidence of the rollback would hide that what was approved is not there any more.
  assertEvidenceFiles(session, change);
  const { tree, bundle, left } = await look(session, change, todo);
  const rolledBack = { commit: tree.commit, prune: options.prune === true };
  terminal.out(paintedDiff(terminal, bundle.diff));
  showFindings(terminal, bundle);
  terminal.err(`${id}, back to commit ${tree.commit.slice(0, 12)}: ${bundle.summary || 'nothing to do'}\n`);
  tellLeft(terminal, left, rolledBack.prune);
  if (options.dryRun) return;
  await linkIncident(session, change, options);
  const force = options.forceConflicts === true;
  const prepared = await withEvidence(session, bundle, {
    ...todo,
    of: { command: commandOf(todo), force, rollback: rolledBack },
  });
  if (prepared.kind === 'refused') throw refuse(terminal, `${id} was not rolled back`, prepared.refusals);
  const command = commandOf(todo);
  await carryOut(terminal, session, {
    ...{ id, command, bundle, evidence: prepared.evidence, rollback: true },
    ask: async () => {
      await confirm(terminal, `Roll ${id} back (${bundle.summary})?`, options.yes === true, '--dry-run');
      if (options.yes !== true) await upToDate(terminal, session, { client, namespace: options.headNamespace });
    },
    apply: (onApplied, signal) =>
      applyChange(session, {
        ...{ client, bundle, evidence: prepared.evidence, command, force, onApplied, signal },
        rollback: true,
      }),
  });
}

function commandOf({ id, options }: Todo): string {
  const words = [
    ...['larder', 'change', 'rollback', id, '--incident', options.incident],
    ...(options.to === undefined ? [] : ['--to', options.to]),
    ...(options.prune ? ['--prune'] : []),
    ...(options.forceConflicts ? ['--force-conflicts'] : []),
    ...(options.sameGeneration ? ['--same-generation'] : []),
  ];
  return words.join(' ');
}

interface Look {
  readonly tree: CommittedTree;
  readonly bundle: Bundle;
  readonly left: LeftBehind;
}

async function look(session: OpenChange, change: ConfigurationChange, { options, client }: Todo): Promise<Look> {
  const asked = { kubeVersion: (await clusterIdentity(client)).version, passOver: true };
  const commit = options.to ?? (await wayBack(session, change, asked));
  const tree = await committedTree(session.root, commit);
  const sources = sourcesOf(session, change);
  const { manifests } = await gather(sources, tree, asked);
  const left = leftBehind(change, manifests, sources.namespace);
  const remove = options.prune ? left.prunable : [];
  const force = options.forceConflicts === true;
  return { tree, left, bundle: await takeEvidence({ client, tree, sources, force, remove, passOver: true }) };
}

function tellLeft(terminal: Terminal, { prunable, kept }: LeftBehind, prune: boolean): void {
  if (!prune)
    for (const each of prunable)
      terminal.err(`left as it is: ${subjectOf(each)}, which the change made; --prune deletes it\n`);
  for (const each of kept)
    terminal.err(
      `left as it is: ${subjectOf(each)}, which the change made and which may hold data; delete it by hand\n`,
    );
}

function assertIncident({ ledger }: OpenChange, { incident, title }: RollbackOptions): void {
  if (ledger.state.incidents.has(incident) || title !== undefined) return;
  throw new ChangeError(
    'LARDER_CHANGE_INCIDENT',
    `the ledger has no incident ${incident}; open it with --title "what happened"`,
  );
}

/** The incident knows the change, and the change its incident. */
async function linkIncident(session: OpenChange, change: ConfigurationChange, options: RollbackOptions): Promise<void> {
  const { incident: incidentId, title } = options;
  const { changeId } = change;
  if (!session.ledger.state.incidents.has(incidentId) && title !== undefined) {
    const data = { incidentId, title, severity: 'warning', openedAt: now(session), changeIds: [changeId] } as const;
    await put(session, { type: 'incident-opened', data: { ...data, changeIds: [changeId] } });
  }
  if (changeOfId(session, changeId).incidentIds.includes(incidentId)) return;
  await put(session, { type: 'change-updated', data: { changeId, incidentId } });
}

/** Evidence that is still right is kept, because an approval is about it. */
async function withEvidence(
  session: OpenChange,
  bundle: Bundle,
  { id, options, of }: Todo & { readonly of: EvidenceOf },
): Promise<ReturnType<typeof prepare>> {
  const { force, rollback } = of;
  const ask = {
    changeId: id,
    bundle,
    force,
    maxAgeMs: options.maxAge,
    sameGeneration: options.sameGeneration === true,
    ...(rollback ? { rollback } : {}),
  };
  const before = prepare(session, ask);
  const onlyApproval =
    before.kind === 'refused' && before.refusals.every(({ code }) => code === 'LARDER_CHANGE_NOT_APPROVED');
  if (before.kind === 'ready' || onlyApproval) return before;
  await recordEvidence(session, id, { bundle, of });
  return prepare(session, ask);
}
