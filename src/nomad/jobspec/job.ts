import type { Read } from './field.ts';
import type { affinity, constraint } from './schema/constraint.ts';
import type { job } from './schema/job.ts';
import type { network } from './schema/network.ts';
import type { check, service } from './schema/service.ts';
import type { artifact, secret, template, vault } from './schema/template.ts';
import type { update } from './schema/update.ts';
import type { volume, volumeMount } from './schema/volume.ts';

/** The typed job: Nomad's own names and Nomad 2.1's defaults; every written value knows where it stands. */
export type Job = Read<typeof job> & { readonly label: { readonly text: string } };
export type Group = Job['group'][number];
export type Task = Group['task'][number];
export type Service = Read<typeof service>;
export type Check = Read<typeof check>;
export type Network = Read<typeof network>;
export type Constraint = Read<typeof constraint>;
export type Affinity = Read<typeof affinity>;
export type Template = Read<typeof template>;
export type Vault = Read<typeof vault>;
export type Secret = Read<typeof secret>;
export type Artifact = Read<typeof artifact>;
export type Update = Read<typeof update>;
export type Volume = Group['volume'][number];
export type VolumeMount = Read<typeof volumeMount>;
export type VolumeRequest = Read<typeof volume>;
