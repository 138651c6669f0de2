import type { Command } from 'commander';
import { findSigner } from '../../ledger/find-signer.ts';
import { isBreak } from '../../ledger/finding.ts';
import { HEADS_NAMESPACE } from '../../ledger/head-name.ts';
import type { Ledger } from '../../ledger/ledger.ts';
import { type SignedHead, signHead } from '../../ledger/signed-head.ts';
import { Exit, exitCodes } from '../exit.ts';
import { type CommandContext, examples } from '../program.ts';
import { folderOf, kept, openLedger, type PlaceOptions, placed } from './place.ts';
import { tellCluster } from './tell-cluster.ts';

interface PublishOptions extends PlaceOptions {
  readonly key?: string;
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly namespace: string;
}

/** `larder ledger publish`: the cluster remembers how far the ledger has come. */
export function publish(root: Command, context: CommandContext): void {
  const verb = placed(root.command('publish'))
    .description('Let the cluster remember the newest record, so that verify finds when later ones are removed')
    .option('--key <file>', 'ssh key that signs (default: that of git, the agent, ~/.ssh)')
    .option('--kubeconfig <file>', 'kubeconfig (default: KUBECONFIG, else ~/.kube/config)')
    .option('--context <name>', 'context of the kubeconfig (default: its current one)')
    .option('-n, --namespace <namespace>', 'where the cluster remembers it', HEADS_NAMESPACE);
  examples(verb, ['larder ledger publish']).action((options: PublishOptions) => kept(() => run(context, options)));
}

async function run(context: CommandContext, options: PublishOptions): Promise<void> {
  const { terminal } = context;
  const root = folderOf(terminal, options);
  const ledger = await openLedger({ root });
  const first = ledger.findings.find(isBreak);
  if (first) throw new Exit(exitCodes.finding, `not published, the ledger is broken: ${first.message}`);
  const told = await tellCluster(context, options, ledger, await signedHead(context, options, ledger));
  if (!told.isKept) throw new Exit(exitCodes.finding, `not published: ${told.words}`);
  terminal.err(`${told.words}.\n`);
}

async function signedHead({ terminal }: CommandContext, options: PublishOptions, ledger: Ledger): Promise<SignedHead> {
  const key = options.key === undefined ? {} : { key: options.key };
  const signer = await findSigner({ env: terminal.env, repository: ledger.root, ...key });
  const operator = [...ledger.state.operators.values()].find(({ keys }) =>
    keys.some(({ publicKey, ended }) => publicKey === signer.publicKey && ended === undefined),
  );
  if (operator) return signHead(ledger.head, { operator: operator.operatorId, signer });
  throw new Exit(exitCodes.approval, 'your key is none of an operator: larder ledger operator list');
}
