/** One job, from its text to manifests: what the tests of the rules look at. */
import assert from 'node:assert/strict';
import type { JobFiles } from '../../src/nomad/hcl/functions/hcl-function.ts';
import { readHcl } from '../../src/nomad/hcl/read-hcl.ts';
import { openGrammar } from '../../src/nomad/hcl/tree.ts';
import { type Loaded, load } from '../../src/nomad/jobspec/load.ts';
import { type Policy, policySchema } from '../../src/nomad/policy.ts';
import type { Diagnostic } from '../../src/nomad/source/diagnostic.ts';
import type { Plain } from '../../src/nomad/source/node.ts';
import type { Account } from '../../src/nomad/translate/account.ts';
import { assemble } from '../../src/nomad/translate/assemble.ts';
import type { Question, Surroundings } from '../../src/nomad/translate/scope.ts';
import { settle } from '../../src/nomad/translate/sourced.ts';
import { translate } from '../../src/nomad/translate/translate.ts';

const grammar = await openGrammar();

export interface Given {
  /** Parts of the policy; the rest is its default. */
  readonly policy?: object;
  readonly answers?: Readonly<Record<string, string>>;
  /** What `file()` sees, by path. */
  readonly files?: Readonly<Record<string, string>>;
  readonly surroundings?: Partial<Surroundings>;
}

export interface Translated {
  /** By file below `manifests/`; those of further jobs carry the module before it: `api/deployment.yaml`. */
  readonly manifests: ReadonlyMap<string, Plain>;
  readonly accounts: readonly Account[];
  readonly questions: readonly Question[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a job; an error of reading fails the test. */
export function loaded(
  text: string,
  given: Given & { readonly file?: string } = {},
): Loaded & { diagnostics: Diagnostic[] } {
  const { file = 'jobspec.nomad.hcl', files = {} } = given;
  const { body, diagnostics } = readHcl({ grammar, file, text, files: filesOf(files) });
  assert.deepEqual(
    diagnostics.filter(({ severity }) => severity === 'error'),
    [],
  );
  const job = load(file, body);
  if (!job.job) assert.fail(`no job: ${JSON.stringify(job.diagnostics)}`);
  return { ...job, diagnostics: [...diagnostics, ...job.diagnostics] };
}

/** `file()` and its kin on texts in memory. */
function filesOf(files: Readonly<Record<string, string>>): JobFiles {
  return {
    read: (path) => {
      const text = files[path];
      return text === undefined ? { kind: 'missing' } : { kind: 'file', bytes: new TextEncoder().encode(text) };
    },
    below: (path) => ({
      kind: 'files',
      paths: Object.keys(files).filter((each) => path === '.' || each.startsWith(`${path}/`)),
    }),
  };
}

/** One job, or several that know each other. */
export function translated(texts: string | readonly string[], given: Given = {}): Translated {
  const list = typeof texts === 'string' ? [texts] : texts;
  const jobs = list.map((text, index) =>
    loaded(text, { ...given, file: index === 0 ? 'jobspec.nomad.hcl' : `${index}.nomad.hcl` }),
  );
  const policy: Policy = policySchema.parse(given.policy ?? {});
  const { modules, accounts, questions } = translate({
    jobs,
    policy,
    answers: new Map(Object.entries(given.answers ?? {})),
    surroundings: { volumes: new Map(), intentions: [], timeouts: [], ...given.surroundings },
  });
  const manifests = modules.flatMap((module, index) =>
    assemble(module, policy).map(({ file, object }) => {
      const name = index === 0 ? file : `${module.name}/${file}`;
      return [name, settle(object).value] as const;
    }),
  );
  return { manifests: new Map(manifests), accounts, questions, diagnostics: jobs.flatMap((job) => job.diagnostics) };
}

/** What became of a line of the input, by the end of its path; every account that names it. */
export function accountsOf({ accounts }: Translated, end: string): readonly Account[] {
  return accounts.filter(({ item }) => item.path === end || item.path.endsWith(`.${end}`));
}
