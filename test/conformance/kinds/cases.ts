/** Every kind that is stored as it is, with what the suite does with it. */
import type { KindCase } from './kind-case.ts';
import { network } from './network.ts';
import { policy } from './policy.ts';
import { storage } from './storage.ts';
import { workloads } from './workloads.ts';

export const kindCases: Readonly<Record<string, KindCase>> = { ...workloads, ...network, ...storage, ...policy };
