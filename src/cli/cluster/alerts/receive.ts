import type { Command } from 'commander';
import { type CommandContext, examples, recording } from '../../program.ts';
import { aboutCluster } from './reach-alertmanager.ts';
import type { ReceiveOptions } from './receive-alerts.ts';

const DEFAULT_PORT = 7491;

/** `larder cluster alerts receive`: what a webhook of Alertmanager is pointed at, so that the time to arrival is recorded. */
export function receive(parent: Command, context: CommandContext): void {
  const verb = aboutCluster(parent.command('receive'))
    .description('Listen for notifications of Alertmanager and record when each alert arrived, until a signal ends it')
    .option('--port <number>', 'port; 0: any that is free', Number, DEFAULT_PORT)
    .option(
      '--host <address>',
      'address to listen on; others than loopback need a proxy with TLS in front',
      '127.0.0.1',
    )
    .option(
      '--token-file <file>',
      'token of at least 32 characters that Alertmanager shows (default: a new one, printed)',
    );
  examples(recording(verb), [
    'larder cluster alerts receive',
    'larder cluster alerts receive --token-file alerts-token',
  ]).action(async (options: ReceiveOptions) => (await import('./receive-alerts.ts')).receiveAlerts(context, options));
}
