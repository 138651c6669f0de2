/** All rules, in the order in which they run. A new row is a new rule in its family's file; a new family is a line here. */
import { checkRules } from './check/check-rules.ts';
import { gatewayRemovals, gatewayRules } from './connect/gateway-rules.ts';
import { sidecarRules } from './connect/sidecar-rules.ts';
import { upstreamRules } from './connect/upstream-rules.ts';
import { commandRules } from './docker/command.ts';
import { dockerRules } from './docker/docker-rules.ts';
import { groupEndRules } from './group/ends.ts';
import { groupBasics } from './group/group-rules.ts';
import { jobRules } from './job/job-rules.ts';
import { namespaceEnds } from './job/namespace.ts';
import { periodicEnds } from './job/periodic.ts';
import { litestreamRules } from './litestream/litestream.ts';
import { networkRules } from './network/network-rules.ts';
import { portRules } from './network/port-rules.ts';
import { placementRules } from './placement/placement-rules.ts';
import { policyRules } from './policy/policy-rules.ts';
import { resourcesRules } from './resources/resources-rules.ts';
import type { Rule } from './rule.ts';
import type { GroupScope, ModuleScope, ProjectScope, TaskScope } from './scope.ts';
import { literalRules } from './secret/literal-rules.ts';
import { secretRules } from './secret/secret.ts';
import { loopbackRules } from './service/loopback-rules.ts';
import { serviceFieldRules } from './service/service-field-rules.ts';
import { serviceRules } from './service/service-rules.ts';
import { artifact } from './task/artifact.ts';
import { driverEnds, driverRemovals } from './task/driver.ts';
import { leader, taskBasics, taskFirst } from './task/task-rules.ts';
import { environmentRules } from './template/environment.ts';
import { templateFieldRules } from './template/field-rules.ts';
import { fileRules } from './template/template.ts';
import { httpRouterRules } from './traefik/http-router-rules.ts';
import { middlewareRules } from './traefik/middleware-rules.ts';
import { tagRules } from './traefik/tag-rules.ts';
import { tcpRouterRules } from './traefik/tcp-router-rules.ts';
import { timeoutRules } from './traefik/timeouts.ts';
import { udpRouterRules } from './traefik/udp-router-rules.ts';
import { bindRules } from './volume/bind-rules.ts';
import { directoryRules } from './volume/directory-rules.ts';
import { mountRules } from './volume/mount-rules.ts';
import { volumeRules } from './volume/volume.ts';
import { volumeMountRules } from './volume/volume-mount.ts';

/** Before the groups. */
export const moduleRules: readonly Rule<ModuleScope>[] = [
  // kinds and names first: everything else looks at them
  ...jobRules,
  ...gatewayRemovals,
  // before anything is written for what will be in no pod
  ...driverRemovals,
  ...secretRules,
];

/** Before the tasks of a group. */
export const groupRules: readonly Rule<GroupScope>[] = [
  ...groupBasics,
  // ports first: whatever a task says of them is answered from its containers
  ...networkRules,
  ...portRules,
  ...serviceRules,
  ...serviceFieldRules,
  ...volumeRules,
  ...placementRules,
];

export const taskRules: readonly Rule<TaskScope>[] = [
  // roles of containers, which others ask for
  ...taskFirst,
  ...resourcesRules,
  // before env, whose values may be made of what templates set
  ...environmentRules,
  ...fileRules,
  ...templateFieldRules,
  ...volumeMountRules,
  // binds of files that templates render
  ...bindRules,
  ...mountRules,
  ...taskBasics,
  // after resources: hard limits change them
  ...dockerRules,
  // after all variables that it may name
  ...commandRules,
];

/** What needs all tasks of the group. */
export const groupEnds: readonly Rule<GroupScope>[] = [
  leader,
  // after all env and args are there
  ...literalRules,
  // the restore writes where the directories of the group are
  ...litestreamRules,
  // its directories are kept or shared like the others
  artifact,
  ...directoryRules,
  // probes before what waits for them (update.healthy_deadline)
  ...checkRules,
  ...loopbackRules,
  ...sidecarRules,
  ...upstreamRules,
  ...tagRules,
  ...middlewareRules,
  ...httpRouterRules,
  ...tcpRouterRules,
  ...udpRouterRules,
  ...timeoutRules,
  // what all others have added is looked at: who must be alone, which images, which resources
  ...groupEndRules,
];

/** What needs all groups of the job. */
export const moduleEnds: readonly Rule<ModuleScope>[] = [
  ...gatewayRules,
  // copies of what is complete
  ...periodicEnds,
  ...driverEnds,
];

/** What needs all jobs. */
export const projectEnds: readonly Rule<ProjectScope>[] = [
  // every call is known by now
  ...policyRules,
  ...namespaceEnds,
];
