import type { Command } from 'commander';
import { HEADS_NAMESPACE } from '../../ledger/head-name.ts';
import { type CommandContext, examples } from '../program.ts';
import { portOf, type ServeOptions } from './serve-options.ts';

const DEFAULT_PORT = 7490;

/** `larder ledger serve`: the HTTP API of a ledger, until a signal ends it. */
export function serve(root: Command, context: CommandContext): void {
  const verb = root
    .command('serve')
    .description('Serve the HTTP API of a ledger, and print its address and token')
    .option('--ledger <dir>', 'the repository with the ledger (default: LARDER_LEDGER, else this folder)')
    .option('--port <number>', 'port; 0: any that is free', portOf, DEFAULT_PORT)
    .option(
      '--host <address>',
      'address to listen on; others than loopback need a proxy with TLS in front',
      '127.0.0.1',
    )
    .option('--init', 'start a ledger where there is none, and make a key for this clone where you have none')
    .option(
      '--operator <id>',
      'with --init: how you are called in it (default: the e-mail address that git commits with)',
    )
    .option('--key <file>', 'ssh key that signs (default: that of git, the agent, ~/.ssh)')
    .option('--token-file <file>', 'names and tokens, a line each (default: one new token, printed)')
    .option('--no-commit', 'leave the commits to you')
    .option('--kubeconfig <file>', 'let this cluster remember the newest record, as `larder ledger publish` does')
    .option('--context <name>', 'let the cluster of this context remember it')
    .option('-n, --namespace <namespace>', 'where the cluster remembers it', HEADS_NAMESPACE);
  examples(verb, [
    'larder ledger serve --init',
    'larder ledger serve --ledger ~/cluster --port 7490 --token-file ~/.config/larder/ledger-tokens',
  ]).action(async (options: ServeOptions) => (await import('./serve-ledger.ts')).serveLedger(context, options));
}
