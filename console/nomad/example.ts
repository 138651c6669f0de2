/** A small migration to look at: a database, and a wiki that uses it. Two of the jobs that the guide to Nomad begins with. */
import postgres from './example/modules/postgres/jobspec.nomad.hcl?raw';
import volume from './example/modules/postgres/main.tf?raw';
import wiki from './example/modules/wiki/jobspec.nomad.hcl?raw';
import type { Dropped } from './jobs.ts';

export const example: Dropped = {
  folder: 'modules',
  files: [
    { path: 'postgres/jobspec.nomad.hcl', text: postgres },
    { path: 'postgres/main.tf', text: volume },
    { path: 'wiki/jobspec.nomad.hcl', text: wiki },
  ],
  left: [],
};
