import type { Rule } from '../rule.ts';
import type { TaskScope } from '../scope.ts';
import { authRules } from './auth.ts';
import { hardwareRules } from './hardware.ts';
import { imageRules } from './image.ts';
import { leftRules } from './left.ts';
import { dockerNetworkRules } from './network.ts';
import { dockerPortRules } from './ports.ts';
import { securityRules } from './security.ts';

/** The images' drivers, docker and podman; volumes belong to another family, the command runs last of all. */
export const dockerRules: readonly Rule<TaskScope>[] = [
  ...imageRules,
  ...authRules,
  ...dockerPortRules,
  ...securityRules,
  ...dockerNetworkRules,
  ...hardwareRules,
  ...leftRules,
];
