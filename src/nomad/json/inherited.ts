import type { Scalar } from '../source/node.ts';
import type { ObjectNode } from './form.ts';
import { objectOf, scalarsOf } from './member.ts';

/** The objects that a block stands in. */
export interface Around {
  readonly job: ObjectNode;
  readonly group?: ObjectNode;
  readonly task?: ObjectNode;
  readonly service?: ObjectNode;
}

/** Blocks that are merged, member by member, with one of the same kind further out. */
export const MERGED: ReadonlySet<string> = new Set(['check_restart', 'migrate', 'reschedule', 'restart', 'update']);

type Inherited = Readonly<Record<string, Scalar>>;

/**
 * The server writes into a group what its job says, into a task what its group says, into a check what its service says.
 * A group without a count has as many as its scaling has at least, and the other way round.
 */
export function inheritedBy(block: string, object: ObjectNode, { job, group, task, service }: Around): Inherited {
  switch (block) {
    case 'group': {
      const least = scalarsOf(objectOf(object, 'Scaling'))['Min'] ?? 1;
      return least === 1 ? { Count: 1 } : {};
    }
    case 'scaling': {
      const count = scalarsOf(group)['Count'];
      return count === undefined ? {} : { Min: count };
    }
    case 'update':
      return group ? withoutServerZeros(objectOf(job, 'Update')) : serverZeros(object);
    case 'reschedule':
      return group ? scalarsOf(objectOf(job, 'Reschedule')) : {};
    case 'migrate':
      return group ? scalarsOf(objectOf(job, 'Migrate')) : {};
    case 'restart':
      return group && object !== objectOf(group, 'RestartPolicy') ? scalarsOf(objectOf(group, 'RestartPolicy')) : {};
    case 'resources':
      return Number(scalarsOf(object)['Cores'] ?? 0) > 0 ? { CPU: 0 } : {};
    case 'service':
      return { Name: nameOf([job, group, task], '-'), ...(task && { TaskName: nameOf([task], '') }) };
    case 'identity':
      return service ? { ServiceName: nameOf([service], '') } : {};
    case 'check':
      return inheritedByCheck(service, task);
    case 'check_restart':
      return object === objectOf(service, 'CheckRestart') ? {} : scalarsOf(objectOf(service, 'CheckRestart'));
    default:
      return {};
  }
}

function inheritedByCheck(service: ObjectNode | undefined, task: ObjectNode | undefined): Inherited {
  const { Name: name, OnUpdate: onUpdate, TaskName: taskName } = scalarsOf(service);
  const of = taskName === undefined || taskName === '' ? nameOf([task], '') : taskName;
  return {
    Name: `service: "${name}" check`,
    ...(of !== '' && { TaskName: of }),
    ...(onUpdate !== undefined && { OnUpdate: onUpdate }),
  };
}

function nameOf(objects: readonly (ObjectNode | undefined)[], between: string): string {
  return objects.flatMap((each) => scalarsOf(each)['Name'] ?? []).join(between);
}

/** Of a job's update the server keeps two members and sets the rest to zero; nobody can write an empty health check. */
function serverZeros(update: ObjectNode | undefined): Inherited {
  const all = scalarsOf(update);
  if (all['HealthCheck'] !== '') return {};
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value === 0 || value === false || value === ''));
}

function withoutServerZeros(update: ObjectNode | undefined): Inherited {
  const zeros = serverZeros(update);
  return Object.fromEntries(Object.entries(scalarsOf(update)).filter(([name]) => !Object.hasOwn(zeros, name)));
}
