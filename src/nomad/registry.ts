/** The vocabulary of the room: error codes. The reference pages are generated from here. */
import { CodedError, type ErrorTable } from '../telemetry/registry.ts';

export const errors = {
  LARDER_NOMAD_SYNTAX: {
    meaning: 'A file is not HCL or JSON; the message has the position and what was expected there.',
    remedy: 'Correct the file; `nomad job validate FILE` sees the same mistake.',
  },
  LARDER_NOMAD_EXPRESSION: {
    meaning: 'An expression of a jobspec has no value: a function refuses its arguments, types do not match.',
    remedy: 'Correct the expression at the position in the message.',
  },
  LARDER_NOMAD_VARIABLE: {
    meaning:
      'A variable is used that has no value, is declared wrongly, or got a value that its type or validation refuses.',
    remedy: 'Pass the variable with --var NAME=VALUE, --var-file FILE or NOMAD_VAR_NAME.',
  },
  LARDER_NOMAD_FILE: {
    meaning:
      'A function of a jobspec reads a file outside the directory that was given, or one that is not there; or a link leads out of it, and was not read.',
    remedy: 'Run the command on the directory that holds both, or put the file beside the job.',
  },
  LARDER_NOMAD_JOBSPEC: {
    meaning:
      'A file is HCL or JSON but no job that Nomad accepts: an unknown block or attribute, a value of a wrong type, two jobs.',
    remedy: 'Correct what the message names; it lists what is accepted there.',
  },
  LARDER_NOMAD_NAME: {
    meaning:
      'Two jobs, groups or services have different names in Nomad that are one name in Kubernetes. Neither is written.',
    remedy: 'Rename one of them, give the jobs different namespaces, or convert them into two folders.',
  },
  LARDER_NOMAD_REFUSED: {
    meaning: 'A job has no counterpart that could be written without harm, such as one that runs a CSI plugin.',
    remedy: 'Do what the message says instead; the report lists every line of the job.',
  },
  LARDER_NOMAD_SECRET: {
    meaning:
      'A secret stands in a job where no manifest can read it from a Secret, such as a label or the path of a check; *** was written in its place.',
    remedy: 'Change the place that the message names, or take the secret out of the job, and convert again.',
  },
  LARDER_NOMAD_POLICY: {
    meaning: 'The policy file or the file of answers has a value that is not accepted.',
    remedy: 'Correct the keys that the message lists.',
  },
  LARDER_NOMAD_CONSUL: {
    meaning:
      'A config entry of Consul stands beside the jobs, and what it did in the mesh is in no manifest: routes, timeouts, sources of other datacenters.',
    remedy: 'Decide whether somebody relies on it; the message says what may do it instead.',
  },
  LARDER_NOMAD_INPUT: {
    meaning:
      'The output would get a place among the jobs that are read, and those are never changed. Nothing was written.',
    remedy: 'Name a folder with --out that holds the folder of the jobs or lies beside it.',
  },
  LARDER_NOMAD_OUTPUT: {
    meaning: 'The folder for the output cannot be written, or holds something where a file belongs.',
    remedy: 'Name another folder with --out, or move away what the message names.',
  },
} as const satisfies ErrorTable;

export type NomadCode = keyof typeof errors;

export class NomadError extends CodedError<NomadCode> {
  override readonly name = 'NomadError';
}
