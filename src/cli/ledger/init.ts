import { userInfo } from 'node:os';
import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { findSigner } from '../../ledger/find-signer.ts';
import { git, workingTree } from '../../ledger/git.ts';
import { trailerSource } from '../../ledger/head-trailer.ts';
import { Ledger } from '../../ledger/ledger.ts';
import { recordPath } from '../../ledger/record.ts';
import { fingerprint } from '../../ledger/ssh-public-key.ts';
import { lineWord } from '../../nomad/report/shell-word.ts';
import { systemClock, systemRandom } from '../../telemetry/clock.ts';
import { type CommandContext, examples } from '../program.ts';
import { commit } from './append.ts';
import { folderOf, kept } from './place.ts';

interface InitOptions {
  readonly title?: string;
  readonly operator?: string;
  readonly key?: string;
  readonly commit: boolean;
}

/** `larder ledger init`: the first record, which names the first operator. */
export function init(root: Command, context: CommandContext): void {
  const verb = root
    .command('init')
    .argument(
      '[dir]',
      'a git repository, best the one that holds the manifests (default: LARDER_LEDGER, else this folder)',
    )
    .description('Start a ledger in a git repository, with your ssh key as that of its first operator')
    .option('--title <text>', 'what the ledger is about (default: the name of the repository)')
    .option('--operator <id>', 'how you are called in it (default: the e-mail address that git commits with)')
    .option('--key <file>', 'ssh key that signs (default: that of git, the agent, ~/.ssh)')
    .option('--no-commit', 'leave the commit of the new files to you');
  examples(verb, ['larder ledger init', 'larder ledger init ~/cluster --operator ana --title "Home cluster"']).action(
    (dir: string | undefined, options: InitOptions) => run(context, dir, options),
  );
}

async function run({ terminal }: CommandContext, dir: string | undefined, options: InitOptions): Promise<void> {
  await kept(async () => {
    const root = await workingTree(folderOf(terminal, dir === undefined ? {} : { ledger: dir }));
    const key = options.key === undefined ? {} : { key: options.key };
    const signer = await findSigner({ env: terminal.env, repository: root, ...key });
    const operatorId = options.operator ?? (await committer(root));
    const ledger = await Ledger.start({
      ...{ root, clock: systemClock, random: systemRandom, signer, heads: [trailerSource(root)] },
      title: options.title ?? basename(root),
      operator: { operatorId, role: 'admin' },
    });
    terminal.err(`recorded: ${recordPath(ledger.head)}\n`);
    await commit(terminal, options, ledger);
    terminal.out(`${began(root, operatorId, fingerprint(signer.publicKey))}${nextText(dir)}\n`);
  });
}

/** As git would sign a commit, in the letters that an operator id may have. */
export async function committer(root: string): Promise<string> {
  const { code, output } = await git(root, ['config', '--get', 'user.email']);
  const name = code === 0 && output.trim() !== '' ? output.trim() : userInfo().username;
  return (
    name
      .replaceAll(/[^A-Za-z0-9._@-]/g, '-')
      .replace(/^[^A-Za-z0-9]+/, '')
      .slice(0, 128) || 'operator'
  );
}

function began(root: string, operatorId: string, key: string): string {
  return `A ledger begins in ${root}.
First operator: ${operatorId} (admin), who signs with ${key}`;
}

/** The commands below work in the repository: whoever named another folder goes there first. */
function nextText(dir: string | undefined): string {
  const isHere = dir === undefined || resolve(dir) === resolve('.');
  return `

Next:
${isHere ? '' : `  cd ${lineWord(dir)}\n`}  larder ledger operator add ID --public-key FILE.pub  # who can approve your changes
  larder ledger verify                # at any time: is all of it as it was signed?
  git push                            # so that it is not on this disk alone`;
}
