import { Argument, type Command } from 'commander';
import { type CommandContext, examples } from '../program.ts';
import { type Shell, scripts, shells } from './scripts.ts';

const HOW = `
Set up, once:
  bash  echo 'source <(larder completion bash)' >> ~/.bashrc
  zsh   echo 'source <(larder completion zsh)' >> ~/.zshrc
  fish  larder completion fish > ~/.config/fish/completions/larder.fish
\`kubectl larder\` needs none of it: kubectl's own completion asks
kubectl_complete-larder, when that is on PATH beside kubectl-larder.`;

/** `larder completion`: the script by which a shell asks what fits. */
export function completion(program: Command, { terminal }: CommandContext): void {
  const verb = program
    .command('completion')
    .description('Print the script by which the Tab key of a shell completes verbs, flags and names')
    .addArgument(new Argument('<shell>', 'which shell').choices(shells));
  examples(verb, ['larder completion bash']).addHelpText('after', HOW);
  verb.action((shell: Shell) => terminal.out(scripts[shell]));
}
