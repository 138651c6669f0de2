import { relative, resolve } from 'node:path';
import { type Command, Option } from 'commander';
import { defaultPolicy } from '../../nomad/default-policy.ts';
import { type Grammar, openGrammar, withGrammar } from '../../nomad/hcl/tree.ts';
import type { Policy } from '../../nomad/policy.ts';
import { type Project, readProject } from '../../nomad/project.ts';
import { NomadError } from '../../nomad/registry.ts';
import { describe } from '../../nomad/source/diagnostic.ts';
import { inputText } from '../input.ts';
import { paint, type Terminal } from '../output.ts';
import { inputFiles } from './input-files.ts';
import { type Pace, setPace } from './pace.ts';

export interface ProjectOptions {
  readonly policy?: string;
  readonly answers?: string;
  readonly var: readonly string[];
  readonly varFile: readonly string[];
  readonly mesh?: string;
  readonly policies?: string;
  readonly namespace?: string;
}

/** Everything that decides what jobs become. */
export interface Given {
  readonly project: Project;
  readonly policy: Policy;
  readonly answers: ReadonlyMap<string, string>;
  /** The folder that names of files are relative to. */
  readonly root: string;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** Adds the options of every verb that reads jobs. */
export function projectOptions(command: Command): Command {
  return command
    .addOption(new Option('--policy <file>', 'YAML file with what is decided once for all jobs'))
    .addOption(new Option('--answers <file>', 'YAML file with answers, `question: answer` (see the report)'))
    .addOption(
      new Option('--var <name=value>', 'value of a variable; may be repeated').argParser(collect).default([], 'none'),
    )
    .addOption(
      new Option('--var-file <file>', 'file with values of variables; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .addOption(new Option('--mesh <mesh>', 'what encrypts between pods').choices(['cilium', 'linkerd', 'none']))
    .addOption(new Option('--policies <kind>', 'kind of network policies').choices(['kubernetes', 'cilium', 'none']))
    .addOption(new Option('-n, --namespace <namespace>', 'namespace of jobs in the namespace `default`'));
}

/** Files that are read and converted before anybody would notice how much memory it takes. */
const FEW = 20;

/** Reads the jobs and what stands beside them, and says on stderr what is wrong with them. */
export async function readGiven(
  terminal: Terminal,
  {
    names,
    options,
    out,
    pace = 'usual',
  }: {
    readonly names: readonly string[];
    readonly options: ProjectOptions;
    readonly out?: string;
    /** Of the work on a few files; who names one sets the usual pace again. */
    readonly pace?: Pace;
  },
): Promise<Given> {
  const policy = await readPolicy(options);
  const answers = await readAnswers(options.answers);
  const { root, paths, text, filesOf, warnings } = inputFiles(names, out);
  const few = paths.length <= FEW;
  if (!few) setPace('frugal');
  else if (pace !== 'usual') setPace(pace);
  const variables = {
    environment: terminal.env,
    files: options.varFile.map((file) => ({ file, text: inputText(file) })),
    arguments: options.var.map(assignment),
  };
  const read = (grammar: Grammar): Project => readProject({ grammar, paths, text, filesOf, variables });
  const project = few ? await withGrammar(read) : read(await openGrammar());
  const links = warnings.map((message) => ({ severity: 'warning', code: 'LARDER_NOMAD_FILE', message }) as const);
  return { project: { ...project, diagnostics: [...links, ...project.diagnostics] }, policy, answers, root };
}

/** Positions are shown as an editor or a click opens them from here; reports have them relative to the root. */
export function tell(terminal: Terminal, { diagnostics }: Pick<Project, 'diagnostics'>, root: string): void {
  for (const diagnostic of diagnostics) {
    const { at } = diagnostic;
    const shown = at ? { ...diagnostic, at: { ...at, file: relative('.', resolve(root, at.file)) } } : diagnostic;
    const [first = '', ...rest] = describe(shown).split('\n');
    const colour = diagnostic.severity === 'error' ? 'red' : 'yellow';
    terminal.err(`${paint(terminal, colour, first)}\n${rest.map((line) => `${line}\n`).join('')}`);
  }
}

function assignment(text: string): { readonly name: string; readonly value: string } {
  const equals = text.indexOf('=');
  if (equals < 1) throw new NomadError('LARDER_NOMAD_VARIABLE', `--var ${text}: it is written --var NAME=VALUE`);
  return { name: text.slice(0, equals), value: text.slice(equals + 1) };
}

/** Throws when a value is not accepted. What reads and checks files is loaded for them alone: most runs are given none. */
export async function readPolicy({ policy: file, mesh, policies, namespace }: ProjectOptions): Promise<Policy> {
  const flags = Object.entries({ mesh, policies, namespace }).filter(([, value]) => value !== undefined);
  if (file === undefined && flags.length === 0) return defaultPolicy;
  return (await import('./policy-from.ts')).policyFrom(file, Object.fromEntries(flags));
}

async function readAnswers(file: string | undefined): Promise<ReadonlyMap<string, string>> {
  return file === undefined ? new Map() : (await import('./policy-from.ts')).answersFrom(file);
}
