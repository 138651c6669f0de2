/** Who comes to the console that an operator serves, and under which names. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type SignIn, signInWays } from '../operator/access/sign-in-way.ts';

export interface ConsoleSignInOptions {
  readonly consoleSignIn: SignIn['who'];
  readonly consoleHosts: readonly string[];
}

/** Adds the options of a verb that serves the console on a cluster. */
export function signingIn(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--console-sign-in <who>',
        'who comes to the console: accounts of the cluster, holders of its own token, or both',
      )
        .choices(signInWays)
        .env('LARDER_CONSOLE_SIGN_IN')
        .default('both'),
    )
    .addOption(
      new Option(
        '--console-hosts <names>',
        'host names of the console, comma-separated, beside addresses, localhost and Services',
      )
        .env('LARDER_CONSOLE_HOSTS')
        .argParser(hostNames)
        .default([], 'none'),
    );
}

export function signInOf({ consoleSignIn, consoleHosts }: ConsoleSignInOptions): SignIn {
  return { who: consoleSignIn, hosts: consoleHosts };
}

function hostNames(text: string): readonly string[] {
  const names = text
    .split(',')
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== '');
  const wrong = names.find((name) => !/^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name));
  if (wrong === undefined) return names;
  throw new InvalidArgumentError(
    `"${wrong}" is no host name: give it without scheme, port and path, as larder.example.com`,
  );
}
