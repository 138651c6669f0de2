/** A small migration to look at: a database, and a wiki that uses it. */
import postgres from './example/postgres.hcl?raw';
import volume from './example/volume.hcl?raw';
import wiki from './example/wiki.hcl?raw';
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
