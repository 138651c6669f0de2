/** Folders of jobs as the command line reads and converts them, without writing. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { inputFiles } from '../../src/cli/nomad/input-files.ts';
import type { JobFiles } from '../../src/nomad/hcl/functions/hcl-function.ts';
import { openGrammar } from '../../src/nomad/hcl/tree.ts';
import { type Conversion, convert } from '../../src/nomad/output/conversion.ts';
import { outputTree, wholeText } from '../../src/nomad/output/output-tree.ts';
import { policySchema } from '../../src/nomad/policy.ts';
import { type Project, readProject } from '../../src/nomad/project.ts';
import { build } from '../../src/nomad/report/build.ts';
import type { Report } from '../../src/nomad/report/report.ts';

const grammar = await openGrammar();

/** Jobs written for the project, each a folder aimed at rows of the mapping. */
export const corpus = resolve(import.meta.dirname, '../fixtures/nomad/jobs');

export interface Converted {
  readonly project: Project;
  readonly conversion: Conversion;
  readonly report: Report;
  readonly files: ReadonlyMap<string, string>;
}

export interface Texts {
  readonly policy?: unknown;
  readonly answers?: ReadonlyMap<string, string>;
}

/** `policy.yaml`, `answers.yaml` and `*.nomadvars.hcl` of the folder are taken as the options of that name. */
export function convertedFolder(folder: string): Converted {
  const read = (name: string): unknown =>
    existsSync(join(folder, name)) ? parse(readFileSync(join(folder, name), 'utf8')) : {};
  const answers = new Map(Object.entries(Object(read('answers.yaml'))).map(([id, answer]) => [id, String(answer)]));
  const variables = readdirSync(folder).filter((name) => name.endsWith('.nomadvars.hcl'));
  const { paths, text, filesOf } = inputFiles([folder]);
  const files = variables.map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
  const jobs = paths.filter((path) => !path.endsWith('.nomadvars.hcl'));
  const project = readProject({ grammar, paths: jobs, text, filesOf, variables: { files } });
  return convertedProject(project, { policy: read('policy.yaml'), answers });
}

const noFiles: JobFiles = { read: () => ({ kind: 'missing' }), below: () => ({ kind: 'files', paths: [] }) };

/** Texts in memory, by path. */
export function convertedTexts(texts: ReadonlyMap<string, string>, given: Texts = {}): Converted {
  const paths = [...texts.keys()].sort();
  return convertedProject(
    readProject({ grammar, paths, text: (path) => texts.get(path), filesOf: () => noFiles, variables: {} }),
    given,
  );
}

function convertedProject(project: Project, { policy, answers = new Map() }: Texts): Converted {
  const conversion = convert({ project, policy: policySchema.parse(policy ?? {}), answers });
  const report = build(conversion, answers);
  const tree = outputTree({ conversion, report, sources: project.sources, earlier: [] });
  const files = new Map([...tree].map((each) => [each.path, wholeText(each)]));
  return { project, conversion, report, files };
}

/** Names of the corpus' folders. */
export function corpusJobs(): readonly string[] {
  return existsSync(corpus) ? readdirSync(corpus).sort() : [];
}
