/** What is told, in this order: the first ones make nothing that later ones would see. */
import type { Scene } from './scene.ts';
import { access } from './scenes/access.ts';
import { applied } from './scenes/applied.ts';
import { claims } from './scenes/claims.ts';
import { configuration } from './scenes/configuration.ts';
import { definitions } from './scenes/definitions.ts';
import { happenings } from './scenes/happenings.ts';
import { namespaces } from './scenes/namespaces.ts';
import { patches } from './scenes/patches.ts';
import { pods } from './scenes/pods.ts';
import { quotas } from './scenes/quotas.ts';
import { server } from './scenes/server.ts';
import { serverSide } from './scenes/server-side.ts';
import { watching } from './scenes/watching.ts';
import { workloads } from './scenes/workloads.ts';
import { wrongClaims } from './scenes/wrong-claims.ts';

export const scenes: readonly Scene[] = [
  server,
  namespaces,
  configuration,
  applied,
  serverSide,
  patches,
  claims,
  wrongClaims,
  quotas,
  pods,
  workloads,
  watching,
  happenings,
  access,
  definitions,
];
