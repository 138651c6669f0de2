import type { ConfigEntry } from './consul/config-entry.ts';
import { readConfigFile } from './consul/config-file.ts';
import type { JobFiles } from './hcl/functions/hcl-function.ts';
import type { GivenVariables, Parse } from './hcl/given.ts';
import { readHcl } from './hcl/read-hcl.ts';
import { type Loaded, load } from './jobspec/load.ts';
import { startsAsJson } from './json/form.ts';
import { readJson } from './json/read-json.ts';
import { conceal, cover, coverQuoted, loginPasswords, sensitiveValues } from './report/conceal.ts';
import type { Diagnostic } from './source/diagnostic.ts';
import type { Body } from './source/node.ts';
import { renderTemplate, type TerraformJob, terraformFacts } from './terraform/facts.ts';
import type { Surroundings, TerraformVolume } from './translate/scope.ts';

/** Everything that was read: jobs, what stands beside them, and what is wrong with it. */
export interface Project {
  readonly jobs: readonly Loaded[];
  /** Jobs with an error: their lines are told, and nothing is made of them. */
  readonly refused: readonly { readonly loaded: Loaded; readonly reason: string }[];
  readonly surroundings: Surroundings;
  readonly diagnostics: readonly Diagnostic[];
  /** Texts of the jobspecs, by path, as a report may show them. */
  readonly sources: ReadonlyMap<string, string>;
  /** Values of sensitive variables: no output may hold them. */
  readonly secrets: readonly string[];
}

export interface ProjectInput {
  readonly grammar: { readonly parse: Parse };
  /** Relative to the directory that is read, with `/`, sorted. */
  readonly paths: readonly string[];
  readonly text: (path: string) => string | undefined;
  /** What a file's functions see; their paths are relative to the file's directory. */
  readonly filesOf: (path: string) => JobFiles;
  readonly variables: GivenVariables;
}

interface Read {
  readonly job?: Loaded;
  readonly refused?: Project['refused'][number];
  readonly diagnostics: readonly Diagnostic[];
  /** Values that no report may show. */
  readonly secrets: readonly string[];
  /** Passwords of registries: covered where they stand alone. */
  readonly logins?: readonly string[];
}

/** Reads all jobs of a directory. A file that is wrong is told, and the others go on. */
export function readProject(input: ProjectInput): Project {
  const facts = factsOf(input);
  const candidates = [...new Set([...input.paths.filter(isCandidate), ...facts.jobs.keys()])].sort();
  const sources = new Map<string, string>();
  const consul = [...configEntriesOf(input), ...facts.consul];
  const read = candidates.flatMap((file): readonly Read[] => {
    const text = input.text(file);
    const job = facts.jobs.get(file);
    if (text === undefined || !(job || mayHoldJob(file, text))) return [];
    const one = readFilled(file, text, { input, job });
    sources.set(file, coverQuoted(conceal(one.text, one.secrets), one.logins ?? []));
    return [one];
  });
  const secrets = [...new Set(read.flatMap((each) => each.secrets))];
  return {
    jobs: read.flatMap(({ job }) => job ?? []),
    refused: read.flatMap(({ refused }) => refused ?? []),
    surroundings: {
      volumes: facts.volumes,
      intentions: consul.flatMap(({ intentions }) => intentions),
      timeouts: consul.flatMap(({ timeouts }) => timeouts),
      file: input.text,
    },
    diagnostics: [...read, ...consul].flatMap(({ diagnostics }) => diagnostics.map((each) => concealed(each, secrets))),
    sources,
    secrets,
  };
}

/** Config entries of Consul that stand beside the jobs. */
function configEntriesOf({ grammar, paths, text, filesOf }: ProjectInput): readonly ConfigEntry[] {
  return paths.filter(isCandidate).flatMap((file) => {
    const content = text(file);
    return content === undefined ? [] : (readConfigFile({ grammar, file, text: content, files: filesOf(file) }) ?? []);
  });
}

function readFilled(file: string, text: string, context: Context): Read & { readonly text: string } {
  const filled = fillIn(file, text, context);
  if (filled.diagnostics.length > 0) return { ...filled, secrets: [] };
  return { ...readJob(file, filled.text, context), text: filled.text };
}

function concealed(diagnostic: Diagnostic, secrets: readonly string[]): Diagnostic {
  const { excerpt, message } = diagnostic;
  const shown = { ...diagnostic, message: cover(message, secrets) };
  return excerpt === undefined ? shown : { ...shown, excerpt: conceal(excerpt, secrets) };
}

interface Facts {
  readonly volumes: ReadonlyMap<string, TerraformVolume>;
  /** By the path of the jobspec. */
  readonly jobs: ReadonlyMap<string, TerraformJob>;
  readonly consul: readonly ConfigEntry[];
}

function factsOf({ paths, text, grammar, filesOf }: ProjectInput): Facts {
  const folders = Map.groupBy(
    paths.filter((path) => path.endsWith('.tf')),
    folderOf,
  );
  const volumes = new Map<string, TerraformVolume>();
  const jobs = new Map<string, TerraformJob>();
  const consul: ConfigEntry[] = [];
  for (const [folder, files] of folders) {
    const texts = files.map((file) => ({ file, text: text(file) ?? '' }));
    const facts = terraformFacts({ parse: grammar.parse, files: texts, filesOf: filesOf(files[0] ?? '') });
    for (const volume of facts.volumes) volumes.set(volume.id, volume);
    for (const job of facts.jobs) jobs.set(joined(folder, job.path), job);
    consul.push(...facts.consul);
  }
  return { volumes, jobs, consul };
}

const NAMED = /\.(nomad|hcl|json)$/;
const NAMED_AS_JOB = /\.nomad(\.hcl|\.json)?$/;

function isCandidate(path: string): boolean {
  return NAMED.test(path) && !/(^|\/)(package|package-lock|tsconfig)\.json$/.test(path);
}

/** HCL and JSON are written by many; a file is a job when it says so. `.nomad` says it by its name. */
function mayHoldJob(file: string, text: string): boolean {
  if (NAMED_AS_JOB.test(file)) return true;
  return file.endsWith('.json')
    ? /"(Job|TaskGroups|job)"\s*:/.test(text)
    : /(^|[\s/])job\s+("|[A-Za-z_])/m.test(text) || /^\s*\{[\s\S]*"(Job|TaskGroups|job)"\s*:/.test(text);
}

interface Context {
  readonly input: ProjectInput;
  readonly job: TerraformJob | undefined;
}

/** A template of Terraform becomes the jobspec that Nomad would see. */
function fillIn(
  file: string,
  text: string,
  { input, job }: Context,
): { readonly text: string; readonly diagnostics: readonly Diagnostic[] } {
  if (!job?.template) return { text, diagnostics: [] };
  const rendered = renderTemplate(
    { file, text, values: job.template },
    { parse: input.grammar.parse, filesOf: input.filesOf(file) },
  );
  if (rendered.kind === 'text') return { text: rendered.text, diagnostics: [] };
  const names =
    rendered.names.length > 0 ? `no value is known for ${rendered.names.join(', ')}` : 'it cannot be filled in';
  const message = `${file} is a template of Terraform and ${names}: give the variables of Terraform defaults, or convert the jobspec that \`terraform console\` shows for it`;
  return { text, diagnostics: [{ severity: 'error', code: 'LARDER_NOMAD_VARIABLE', message }] };
}

function readJob(file: string, text: string, { input, job }: Context): Read {
  const { body, diagnostics } = readBody(file, text, { input, job });
  const broken = diagnostics.some(({ severity }) => severity === 'error');
  if (broken) return { diagnostics, secrets: [] };
  const loaded = load(file, body);
  const all = [...diagnostics, ...loaded.diagnostics];
  const told = { diagnostics: all, secrets: sensitiveValues(body), logins: loginPasswords(body) };
  if (!loaded.job) return all.length > 0 ? told : { ...told, diagnostics: withoutJob(file, body) };
  const error = all.find(({ severity }) => severity === 'error');
  if (error) return { refused: { loaded, reason: error.message }, ...told };
  return { job: loaded, ...told };
}

/** A misspelt `job` must not pass for a file of something else, where the name says what it is meant to be. */
function withoutJob(file: string, { blocks }: Body): readonly Diagnostic[] {
  if (!NAMED_AS_JOB.test(file)) return [];
  const [first] = blocks;
  const instead = first === undefined ? '' : ` but ${first.type}`;
  const message = `${file} is named as a job and has no block job${instead}: nothing is made of it; see that the block is spelt so, or give the file another name`;
  return [
    { severity: 'warning', code: 'LARDER_NOMAD_JOBSPEC', message, ...(first === undefined ? {} : { at: first.at }) },
  ];
}

function readBody(file: string, text: string, { input, job }: Context): ReturnType<typeof readHcl> {
  const { grammar, variables, filesOf } = input;
  const given = [...(job?.variables ?? []), ...(variables.arguments ?? [])];
  const hcl = { grammar, file, text, files: filesOf(file), variables: { ...variables, arguments: given } };
  return startsAsJson(text) ? readJson(hcl) : readHcl(hcl);
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

/** `a/b` and `./../c` are `a/c`. */
function joined(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of `${folder}/${path}`.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}
