import { type Command, Option } from 'commander';
import { applyChange, prepare } from '../../cluster/change/apply-change.ts';
import { takeEvidence } from '../../cluster/change/evidence.ts';
import { changeOfId, sourcesOf } from '../../cluster/change/session.ts';
import { workingTree } from '../../cluster/change/tree.ts';
import type { Client } from '../../kube/index.ts';
import { cluster } from '../cluster.ts';
import { confirm } from '../confirm.ts';
import { type WriteOptions, writing } from '../ledger/place.ts';
import { remembering } from '../ledger/remembering.ts';
import { type CommandContext, examples } from '../program.ts';
import { ageOption, type CarryOutOptions, carryOut, generationOption, headOption, refuse } from './carry-out.ts';
import { alone, type OpenChange, type ReachOptions, reaching, upToDate, writeChange } from './open-change.ts';
import { showNotes } from './show-evidence.ts';

interface ApplyOptions extends WriteOptions, ReachOptions, CarryOutOptions {}

/** `larder change apply`: what the evidence says and nothing else. */
export function apply(parent: Command, context: CommandContext): void {
  const verb = parent
    .command('apply')
    .argument('<id>')
    .description('Apply a change, when nothing is different from its newest evidence. 1 failed, 3 refused')
    .addOption(new Option('--yes', 'without asking'))
    .addOption(new Option('--dry-run', 'only say whether it could be applied'))
    .addOption(generationOption())
    .addOption(ageOption())
    .addOption(headOption());
  examples(writing(reaching(verb)), ['larder change apply web-2', 'larder change apply web-2 --yes']).action(
    (id: string, options: ApplyOptions) =>
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

async function run(
  { terminal }: CommandContext,
  session: OpenChange,
  { id, options, client }: { readonly id: string; readonly options: ApplyOptions; readonly client: Client },
): Promise<void> {
  const { root } = session;
  await upToDate(terminal, session, { client, namespace: options.headNamespace });
  const change = changeOfId(session, id);
  const force = change.evidence.at(-1)?.['forceConflicts'] === true;
  const bundle = await takeEvidence({
    client,
    tree: workingTree(root),
    root,
    sources: sourcesOf(session, change),
    force,
  });
  showNotes(terminal, bundle);
  const prepared = prepare(session, {
    changeId: id,
    bundle,
    force,
    maxAgeMs: options.maxAge,
    sameGeneration: options.sameGeneration === true,
  });
  if (prepared.kind === 'refused') throw refuse(terminal, `${id} was not applied`, prepared.refusals);
  terminal.err(`${id}: ${bundle.summary}\n`);
  if (options.dryRun) {
    terminal.out(`${id}: could be applied\n`);
    return;
  }
  const command = `larder change apply ${id}${options.sameGeneration ? ' --same-generation' : ''}`;
  await carryOut(terminal, session, {
    ...{ id, command, bundle, evidence: prepared.evidence },
    ask: async () => {
      await confirm(terminal, `Apply ${id} (${bundle.summary})?`, options.yes === true, '--dry-run');
      if (options.yes !== true) await upToDate(terminal, session, { client, namespace: options.headNamespace });
    },
    apply: (onApplied, signal) =>
      applyChange(session, {
        ...{ client, bundle, evidence: prepared.evidence, command, force, onApplied, signal },
        rollback: false,
      }),
  });
}
